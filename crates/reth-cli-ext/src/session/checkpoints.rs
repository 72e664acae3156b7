//! The picture so far, for the day the program is killed.
//!
//! A checkpoint is written where the final picture will be, by the timer's thread,
//! and nobody waits for it: an end that comes meanwhile writes at once, and the
//! checkpoint, which can only take its place while the gate is open, is dropped.
//! Only then does the end wait for the timer to put its pen down, so that the
//! process leaves no file behind that is half written.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tracing_flame_layer::{Profile, render::Options};

use super::run::{Run, contained};
use crate::target::{Draft, Target};

/// What checkpoints have come to so far.
#[derive(Debug, Default)]
pub(crate) struct Checkpoints {
    /// Locked while one is written.
    writing: Mutex<()>,
    /// Outputs whose latest checkpoint failed.
    failing: Mutex<BTreeSet<PathBuf>>,
}

impl Checkpoints {
    /// Waits for one that is being written.
    pub(crate) fn settle(&self) {
        drop(lock(&self.writing));
    }

    /// Whether this failure is news: not while it fails time and again.
    fn is_news(&self, path: &Path) -> bool {
        lock(&self.failing).insert(path.to_owned())
    }

    fn succeeded(&self, path: &Path) {
        lock(&self.failing).remove(path);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Run {
    /// Writes the picture so far to every output that can be replaced, unless
    /// the session ends meanwhile.
    pub(crate) fn checkpoint(&self) {
        for (target, failure) in self.write_checkpoint() {
            match failure {
                None => self.checkpoints.succeeded(target.path()),
                Some(why) => self.report(target, &why),
            }
        }
    }

    /// The outputs that were tried, each with why it failed if it did.
    fn write_checkpoint(&self) -> Vec<(&Target, Option<String>)> {
        let _writing = lock(&self.checkpoints.writing);
        let profile = contained(|| self.flame.snapshot());
        let targets = self.plan.targets.iter().filter(|target| !target.is_written_in_place());
        let written = targets.map_while(|target| {
            let draft = profile.as_ref().map_err(Clone::clone);
            let draft = draft.and_then(|profile| self.draft(profile, target));
            Some((target, self.place(draft)?.err()))
        });
        written.collect()
    }

    pub(super) fn draft(&self, profile: &Profile, target: &Target) -> Result<Draft, String> {
        let options = so_far(&self.plan.options);
        contained(|| target.draft(|writer| profile.write(target.format(), writer, &options)))?
            .map_err(|e| e.to_string())
    }

    /// Puts a draft where it belongs; `None` where the end was faster.
    pub(super) fn place(&self, draft: Result<Draft, String>) -> Option<Result<u64, String>> {
        self.gate.unless_closed(|| draft?.place().map_err(|e| e.to_string()))
    }

    fn report(&self, target: &Target, why: &str) {
        if self.checkpoints.is_news(target.path()) {
            let path = target.path().display();
            let line = format!(
                "cannot write a checkpoint of the flamegraph {path}: {why}; \
                 it will be tried again, silently"
            );
            self.tell(|reporter| reporter.error(&line));
        }
    }
}

/// The same picture, which says that it is not the last one.
fn so_far(options: &Options) -> Options {
    Options {
        title: format!("{} (so far: the program was still running)", options.title),
        ..options.clone()
    }
}
