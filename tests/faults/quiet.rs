//! A host that makes no spans.

use super::support::Setup;

/// Few spans wake nobody, and nobody wakes by time: not in a minute nor in a day.
#[test]
fn nobody_is_woken_while_the_host_makes_no_spans_or_few() {
    let flags = &["--flame-checkpoint", "0", "--flame-states", "off"];
    let setup = Setup { flags, ..Setup::default() };
    let ended = setup.unharmed(|host| {
        assert_eq!(host.tell("quiet 1000"), "woken: 0, by time: []\n");
    });
    // In eight rounds: the host's own number.
    assert_eq!(ended.lost(8 * 1000), 0);
}

/// Who looks what threads are asleep for ceases to when these have said nothing for a while, and
/// are in no span.
#[test]
fn nobody_looks_at_threads_that_make_no_spans() {
    let setup = Setup { flags: &["--flame-checkpoint", "0"], ..Setup::default() };
    let [_, flamed] = setup.both(|host| {
        host.tell("quiet 1000");
        host.tell_until("quiet 0", "by time: []");
    });
    assert!(flamed.out.contains("by time: []"), "{}", flamed.out);
}

/// With checkpoints one thread is, by time.
#[test]
fn the_thread_that_writes_checkpoints_is_the_one_that_wakes_by_time() {
    // The thread may not be asleep yet.
    let alone = "by time: [\"flame-window\"]";
    let [_, flamed] = Setup::default().both(|host| host.tell_until("quiet 0", alone));
    assert!(flamed.out.contains(alone), "{}", flamed.out);
}
