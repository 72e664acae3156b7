//! Opens the window after its delay, and ends the session after its length.

use std::{
    sync::Arc,
    thread::{self, JoinHandle},
};

use super::{Ending, gate::Woke, run::Run};
use crate::{Error, error::Kind};

/// Starts the session's timer thread, where there is anything to wait for.
pub(crate) fn start(run: &Arc<Run>) -> Result<Option<JoinHandle<()>>, Error> {
    let window = run.plan.window;
    if window.delay.is_zero() {
        run.open_window();
        if window.length.is_none() {
            return Ok(None);
        }
    }
    let run = run.clone();
    thread::Builder::new()
        .name("flame-window".to_owned())
        .spawn(move || keep(&run))
        .map(Some)
        .map_err(|source| Kind::Thread { purpose: "ends the window", source }.into())
}

fn keep(run: &Run) {
    let window = run.plan.window;
    if !window.delay.is_zero() {
        if run.gate.wait(window.delay) == Woke::Closed {
            return;
        }
        run.open_window();
    }
    let Some(length) = window.length else { return };
    if run.gate.wait(window.delay.saturating_add(length)) == Woke::Due {
        // The outcome is kept for the host; the reporter has been told.
        let _ = run.end(Ending::WindowOver);
    }
}
