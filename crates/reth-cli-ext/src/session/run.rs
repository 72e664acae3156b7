//! The part of a session that its threads share: it ends once, by writing.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock},
};

use tracing::level_filters::STATIC_MAX_LEVEL;
use tracing_flame_layer::{Flame, Profile};

use super::{Ending, checkpoints::Checkpoints, empty::Evidence, gate::Gate, seen::Seen, summary};
use crate::{
    Error, Reporter,
    error::{Kind, WriteFailure},
    plan::Plan,
    target::Target,
};

/// Shared by the session, its timer and its signal handler.
pub(crate) struct Run {
    /// The process that it is a session of.
    pub(crate) process: u32,
    pub(crate) plan: Plan,
    pub(crate) flame: Flame,
    pub(crate) seen: Arc<Seen>,
    pub(crate) gate: Gate,
    pub(crate) reporter: Box<dyn Reporter>,
    pub(crate) outcome: OnceLock<Result<(), Error>>,
    pub(crate) checkpoints: Checkpoints,
}

impl Run {
    /// Says what the session is going to do.
    pub(crate) fn announce(&self) {
        let line = summary::start(&self.plan, STATIC_MAX_LEVEL);
        self.tell(|reporter| reporter.info(&line));
    }

    /// Begins to take time.
    pub(crate) fn open_window(&self) {
        self.flame.start();
        self.seen.window_opened.raise();
    }

    /// Ends the session: whoever comes first writes, at once, and everyone else
    /// waits for that and gets the same result.
    pub(crate) fn end(&self, ending: Ending) -> Result<(), Error> {
        self.gate.close();
        let outcome = self.outcome.get_or_init(|| self.write(ending)).clone();
        self.checkpoints.settle();
        outcome
    }

    fn write(&self, ending: Ending) -> Result<(), Error> {
        let profile = contained(|| {
            self.flame.stop();
            self.flame.snapshot()
        })
        .map_err(|why| self.failure(self.plan.targets.iter().map(|t| failed(t, why.clone()))))?;
        let mut written = Vec::new();
        let mut failures = Vec::new();
        for target in &self.plan.targets {
            match self.draw(&profile, target) {
                Ok(bytes) => written.push((target.path(), bytes)),
                Err(why) => failures.push(failed(target, why)),
            }
        }
        let result = if failures.is_empty() { Ok(()) } else { Err(self.failure(failures)) };
        if !written.is_empty() {
            let empty = profile.is_empty().then(|| self.why_empty(ending));
            let line = summary::end(&profile, &written, empty);
            self.tell(|reporter| reporter.info(&line));
        }
        result
    }

    fn draw(&self, profile: &Profile, target: &Target) -> Result<u64, String> {
        let options = &self.plan.options;
        contained(|| target.replace(|writer| profile.write(target.format(), writer, options)))?
            .map_err(|e| e.to_string())
    }

    fn why_empty(&self, ending: Ending) -> String {
        if self.flame.is_installed() {
            self.seen.layer_added.raise();
        }
        Evidence::gather(&self.plan, &self.seen, ending).reason()
    }

    fn failure(&self, failures: impl IntoIterator<Item = WriteFailure>) -> Error {
        let error = Error::from(Kind::Write(failures.into_iter().collect()));
        self.tell(|reporter| reporter.error(&error.to_string()));
        error
    }

    /// A reporter is the host's code, and runs where a panic would end the host.
    pub(crate) fn tell(&self, tell: impl FnOnce(&dyn Reporter)) {
        let _ = contained(|| tell(&*self.reporter));
    }
}

fn failed(target: &Target, why: String) -> WriteFailure {
    WriteFailure { path: target.path().to_owned(), why }
}

/// Runs what must not take the host down, and says what it panicked with.
pub(crate) fn contained<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| panic_text(&*payload))
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    format!("drawing it panicked: {text}")
}
