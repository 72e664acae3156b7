//! A watchdog: a line about each named operation that is open for longer than it should be.

use std::{collections::HashSet, sync::Arc, thread::JoinHandle, time::Duration};

use tracing_flame_layer::profile::{OpenKey, OpenOperation};

use super::{
    gate::Woke,
    run::{Run, contained},
    summary::count,
};
use crate::{Error, error::Kind, threads};

/// How many lines there are at one look.
const MOST_LINES: usize = 10;

/// Between which bounds the time from one look to the next is, a quarter of what is too long.
const LEAST: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(10);

/// Starts the thread that looks, where that is wanted.
pub(crate) fn start(run: &Arc<Run>) -> Result<Option<JoinHandle<()>>, Error> {
    let Some(least) = run.plan.stuck else { return Ok(None) };
    let run = run.clone();
    threads::start("flame-stuck", move || watch(&run, least))
        .map(Some)
        .map_err(|source| Kind::Thread { purpose: "looks for stuck operations", source }.into())
}

fn watch(run: &Run, least: Duration) {
    let period = (least / 4).clamp(LEAST, MOST);
    let mut told = HashSet::new();
    let mut due = period;
    while run.gate.wait(due) == Woke::Due {
        // A panic has been contained; the next time may go better.
        let _ = contained(|| run.tell_stuck(least, &mut told));
        due = run.gate.elapsed().saturating_add(period);
    }
}

impl Run {
    /// Tells of the named operations that have been open for so long, each once.
    fn tell_stuck(&self, least: Duration, told: &mut HashSet<OpenKey>) {
        let mut open = self.flame.open();
        open.retain(|operation| {
            operation.is_named && Duration::from_nanos(operation.nanos) >= least
        });
        let before = std::mem::take(told);
        told.extend(open.iter().map(OpenOperation::key));
        open.retain(|operation| !before.contains(&operation.key()));
        for operation in open.iter().take(MOST_LINES) {
            self.tell(|reporter| reporter.info(&format!("stuck: {operation}")));
        }
        let more = open.len().saturating_sub(MOST_LINES);
        if more > 0 {
            let line = format!("stuck: {} more", count(more as u64, "operation"));
            self.tell(|reporter| reporter.info(&line));
        }
    }
}
