//! Hosts that give up, after they have begun, what they may ask of the kernel.

use super::support::unharmed;

/// How often the kernel may be asked for a barrier: with each reading of the logs. There
/// are some at the start and at the end, and one or a few for each so many thousand
/// entries; how many depends on when the readers get a CPU, but not by orders of magnitude.
const MOST: u64 = 500;

#[test]
fn a_host_that_may_no_longer_call_membarrier_goes_on_and_all_is_recorded() {
    let ended = unharmed(|host| {
        host.tell("work 10");
        assert_eq!(host.tell(&format!("forbid {MOST}")), "membarrier is forbidden\n");
        assert_eq!(host.tell("hand 1000"), "1000 were handed over\n");
        host.tell("work 10");
    });
    assert_eq!(ended.status.code(), Some(3), "the barrier was asked for more than {MOST} times");
    assert_eq!(ended.lost(1020), 0);
}

#[test]
fn spans_that_go_from_thread_to_thread_ask_for_no_barrier() {
    // Those of a call that is refused are counted, and are as many where it is not.
    let ended = unharmed(|host| {
        host.tell(&format!("forbid {MOST}"));
        host.tell("hand 20000");
    });
    assert_eq!(ended.status.code(), Some(3), "more than {MOST} barriers for 20000 spans");
    assert_eq!(ended.lost(20_000), 0);
}
