//! The session's one thread that waits: it does what is due when it is due.

use std::{sync::Arc, thread::JoinHandle};

use super::{
    Ending,
    gate::Woke,
    run::Run,
    schedule::{Schedule, Task},
};
use crate::{Error, error::Kind, threads};

/// Starts the session's timer thread, where there is anything to wait for.
pub(crate) fn start(run: &Arc<Run>) -> Result<Option<JoinHandle<()>>, Error> {
    let mut schedule = run.plan.schedule();
    if run.plan.window.delay.is_zero() {
        run.open_window();
        let now = run.gate.elapsed();
        schedule.done(Task::Open, now, now);
    }
    if schedule.next().is_none() {
        return Ok(None);
    }
    let run = run.clone();
    threads::start("flame-window", move || keep(&run, schedule))
        .map(Some)
        .map_err(|source| Kind::Thread { purpose: "keeps the session's time", source }.into())
}

fn keep(run: &Run, mut schedule: Schedule) {
    while let Some((due, task)) = schedule.next() {
        if run.gate.wait(due) == Woke::Closed {
            return;
        }
        let began = run.gate.elapsed();
        match task {
            Task::Open => run.open_window(),
            Task::Checkpoint => run.checkpoint(),
            Task::Turn => run.turn(),
            Task::End => {
                // The outcome is kept for the host; the reporter has been told.
                let _ = run.end(Ending::WindowOver);
                return;
            }
        }
        schedule.done(task, began, run.gate.elapsed());
    }
}
