//! What threads were asleep for, by looking at those that are.
//!
//! How much of it is told is a matter of how often the collector's thread looks. What is told
//! is true: a loop that sleeps in one call is told to have slept in that one.

use std::{env, io, sync::mpsc, thread, time::Duration};

use tracing::info_span;
use tracing_flame_layer::{Profile, profile::States};

use super::{
    kind::{Kind, Means},
    support::{are_to_be_had, measures, record, under},
};

/// How often something is done before anybody asks what is known of it.
const TIMES: u32 = 20;
/// How often it is done at the most until something is known.
const MOST: u32 = 50 * TIMES;

/// For how long threads were asleep in the spans of a name, by what it was for.
fn asleep(profile: &Profile, name: &str) -> Vec<(String, u64)> {
    let all = profile.blocked_on().iter().filter(|blocked| {
        let node = profile.node(blocked.node);
        node.frame.callsite().is_some_and(|callsite| callsite.name == name)
    });
    all.map(|blocked| (blocked.reason.to_string(), blocked.busy_nanos)).collect()
}

/// Does a kind of thing in spans until something is known of it; returns what is.
fn done_until_known(kind: Kind) -> Option<(States, Vec<(String, u64)>)> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let mut means = Means::new(Duration::from_millis(5), folder.path()).expect("means");
    let (subscriber, flame) = record();
    let mut act = || -> io::Result<()> {
        for _ in 0..TIMES {
            means.prepare(kind)?;
            info_span!("acts").in_scope(|| means.act(kind))?;
        }
        Ok(())
    };
    for _ in 0..MOST / TIMES {
        under(&subscriber, &mut act).expect("it can be done");
        let profile = flame.snapshot();
        if !are_to_be_had(&profile) {
            return None;
        }
        let told = asleep(&profile, "acts");
        if !told.is_empty() {
            return Some((measures(&profile, "acts").busy_states, told));
        }
    }
    // A disk that is memory never has anybody sleep.
    println!("{kind:?}: nothing is known of what was slept in {MOST} spans");
    None
}

/// That what is told is of one call, which has a name and perhaps a file, all but a hundredth.
fn assert_one(kind: Kind, part: impl Fn(&States) -> u64, calls: &[&str]) {
    let Some((states, told)) = done_until_known(kind) else { return };
    let sum: u64 = told.iter().map(|(_, nanos)| nanos).sum();
    let is_it = |reason: &str| calls.iter().any(|call| reason.starts_with(call));
    let right: u64 = told.iter().filter(|(reason, _)| is_it(reason)).map(|(_, nanos)| nanos).sum();
    assert!(right * 100 >= sum * 99, "{kind:?}: {told:?}");
    assert!(sum <= states.blocked_nanos, "{states:?}: {told:?}");
    assert!(part(&states) * 100 >= sum * 99, "{states:?}: {told:?}");
}

#[test]
fn who_sleeps_for_a_time_is_told_so() {
    let calls = ["clock_nanosleep", "nanosleep"];
    assert_one(Kind::Sleep, |states| states.timer_nanos, &calls);
}

#[test]
fn who_waits_for_a_lock_is_told_so() {
    assert_one(Kind::Lock, |states| states.lock_nanos, &["futex"]);
}

#[test]
fn who_waits_for_a_socket_is_told_so() {
    let calls = ["recvfrom socket", "read socket"];
    assert_one(Kind::Receive, |states| states.net_nanos, &calls);
}

#[test]
fn who_syncs_a_file_is_told_so_with_its_name() {
    let Some((states, told)) = done_until_known(Kind::Sync) else { return };
    let sum: u64 = told.iter().map(|(_, nanos)| nanos).sum();
    // It writes there, too.
    let is_it = |reason: &str| {
        ["fdatasync /", "write /"].iter().any(|call| reason.starts_with(call))
            && reason.ends_with("/synced")
    };
    let right: u64 = told.iter().filter(|(reason, _)| is_it(reason)).map(|(_, nanos)| nanos).sum();
    assert!(right * 100 >= sum * 99, "{told:?}");
    assert!(states.disk_nanos * 100 >= sum * 99, "{states:?}: {told:?}");
}

/// A wait that is not over is told as far as it was seen.
#[test]
fn what_goes_on_is_told_at_a_snapshot() {
    let (subscriber, flame) = record();
    let (wake, woken) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let waits = subscriber.clone();
        scope.spawn(move || under(&waits, || info_span!("waits").in_scope(|| woken.recv())));
        let told = loop {
            let profile = flame.snapshot();
            let known = profile.states();
            if known.is_some() && !are_to_be_had(&profile) {
                break None;
            }
            let told = asleep(&profile, "waits");
            if !told.is_empty() {
                break Some((measures(&profile, "waits").busy_states, told));
            }
            thread::yield_now();
        };
        drop(wake);
        if let Some((states, told)) = told {
            assert!(told.iter().all(|(reason, _)| reason == "futex"), "{told:?}");
            let sum: u64 = told.iter().map(|(_, nanos)| nanos).sum();
            assert_eq!(states.lock_nanos, sum, "{told:?}");
        }
    });
}
