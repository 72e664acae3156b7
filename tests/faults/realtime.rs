//! Threads that get a CPU whenever they want it.

use super::support::{Setup, unharmed};
use crate::tools::skip;

/// One that waited by spinning, for a thread that it does not let run, would be ended by the
/// kernel: it may compute for half a second without waiting for anything.
#[test]
fn a_real_time_thread_that_meets_an_ordinary_ones_spans_spins_for_nobody() {
    const SPANS: u64 = 500;
    let may = Setup::default().both(|host| drop(host.tell("realtime 1")));
    if may[0].out.contains("no thread may be real-time") {
        return skip("no thread may be real-time here");
    }
    let ended = unharmed(|host| {
        assert_eq!(host.tell(&format!("realtime {SPANS}")), format!("{SPANS} were entered\n"));
        host.tell("work 10");
    });
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(ended.lost(10), 0);
}
