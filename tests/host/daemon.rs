//! Programs that go on in a child.

use std::{
    io::{self, Read, Write},
    process, thread,
};

use reth_cli_ext::FlameSession;

use super::family::in_a_child;

/// Goes on in a child, whose parent leaves without a word, and so on as often.
pub(crate) fn become_one(generations: u32) -> String {
    for _ in 0..generations {
        let parent = process::id();
        // SAFETY: no other thread of the host's is in the midst of anything.
        if unsafe { libc::fork() } != 0 {
            // SAFETY: it ends the process.
            unsafe { libc::_exit(i32::from(super::STATUS)) };
        }
        // SAFETY: it takes nothing.
        while unsafe { libc::getppid() } == parent as libc::pid_t {
            thread::yield_now();
        }
    }
    format!("goes on after {generations} generations")
}

/// Forks; the child ends its copy of the session, which its parent still has.
pub(crate) fn end_in_a_child(flame: &mut Option<FlameSession>) -> String {
    let parent = process::id();
    in_a_child(|| {
        expect_refusal(flame.take(), &format!("the session goes on in process {parent};"));
    })
}

/// Forks, and ends the session; then the child ends its copy.
pub(crate) fn end_before_a_child(flame: &mut Option<FlameSession>) -> String {
    let (parent, (mut wait, go)) = (process::id(), io::pipe().expect("a pipe"));
    let mut copy = flame.take();
    // SAFETY: no other thread of the host's is in the midst of anything.
    let child = unsafe { libc::fork() };
    if child == 0 {
        drop(go);
        let read = wait.read(&mut [0]).expect("a byte");
        expect_refusal(copy.take(), &format!("the session was ended by process {parent};"));
        // SAFETY: it ends the process.
        unsafe { libc::_exit(read as i32) };
    }
    let ended = copy.map_or(Ok(()), FlameSession::finish);
    (&go).write_all(&[1]).expect("somebody reads");
    super::family::wait_for(child) + if ended.is_ok() { "" } else { ", and no picture" }
}

/// Ends a session, if there is one, which is to be refused for that reason.
fn expect_refusal(flame: Option<FlameSession>, why: &str) {
    let Some(flame) = flame.filter(|flame| flame.flame().is_some()) else { return };
    match flame.finish() {
        Err(refused) if refused.to_string().contains(why) => {}
        other => {
            eprintln!("{other:?} is not because {why}");
            process::abort();
        }
    }
}
