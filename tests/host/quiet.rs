//! What the threads of a session do while the host does nothing.

use std::{fs, path::Path, thread};

use reth_cli_ext::FlameSession;

#[derive(Debug, PartialEq, Eq)]
struct Thread {
    name: String,
    /// How often it has gone to sleep so far.
    sleeps: String,
    /// Whether it sleeps until a time at the most.
    is_by_time: bool,
}

/// How often it is tried: a thread that has just begun, or waits for another's lock, wakes by
/// itself now and then, and nothing wakes one each time but the spans.
pub(crate) const ROUNDS: u64 = 8;

/// Tells whether some of a session's threads were woken by so many spans each time, and which
/// of them sleep until a time.
pub(crate) fn look(spans: u64, flame: Option<&FlameSession>) -> String {
    let has_collector = flame.is_some_and(|flame| flame.flame().is_some());
    let mut after = asleep(has_collector);
    let rounds = (0..ROUNDS).map(|_| {
        let before = std::mem::take(&mut after);
        super::work(spans);
        after = asleep(has_collector);
        before != after
    });
    let woken = rounds.collect::<Vec<_>>().into_iter().all(|woken| woken);
    let by_time: Vec<_> = after.iter().filter(|it| it.is_by_time).map(|it| &it.name).collect();
    format!("woken: {}, by time: {by_time:?}", u8::from(woken))
}

/// Waits until all of the session's threads sleep.
fn asleep(has_collector: bool) -> Vec<Thread> {
    loop {
        let tasks = fs::read_dir("/proc/self/task").expect("there are some");
        let tasks = tasks.map(|task| task.expect("a thread").path());
        let threads: Option<Vec<_>> =
            tasks.filter(|task| is_ours(task)).map(|task| sleeping(&task)).collect();
        let is_collector = |thread: &Thread| thread.name == "flame-collector";
        match threads {
            Some(threads) if threads.iter().any(is_collector) == has_collector => return threads,
            _ => thread::yield_now(),
        }
    }
}

/// Threads have their names before they do anything.
fn is_ours(task: &Path) -> bool {
    let name = fs::read_to_string(task.join("comm")).unwrap_or_default();
    name.starts_with("flame-") && name.trim() != "flame-host"
}

/// A thread, if it sleeps as those of a session do: until it is woken, or until there is
/// something to read.
fn sleeping(task: &Path) -> Option<Thread> {
    let read = |what: &str| fs::read_to_string(task.join(what)).expect("a thread that is there");
    let call = read("syscall");
    let call: Vec<&str> = call.split_whitespace().collect();
    let is = |number: libc::c_long| call.first() == Some(&number.to_string().as_str());
    if !is(libc::SYS_futex) && !is(libc::SYS_read) {
        return None;
    }
    // The time is a futex's fourth argument.
    let is_by_time = is(libc::SYS_futex) && call.get(4) != Some(&"0x0");
    let status = read("status");
    let sleeps = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches:"))?;
    Some(Thread { name: read("comm").trim().to_owned(), sleeps: sleeps.to_owned(), is_by_time })
}
