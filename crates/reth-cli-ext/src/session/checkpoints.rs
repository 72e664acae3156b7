//! The picture so far, for the day the program is killed.
//!
//! A checkpoint is written where the final picture will be, by the timer's thread,
//! and nobody waits for it: an end that comes meanwhile writes at once, and the
//! checkpoint, which can only take its place while the gate is open, is dropped.
//! Only then does the end wait for the timer to put its pen down, so that the
//! process leaves no file behind that is half written.

use tracing_flame_layer::{Profile, render::Options};

use super::{
    failing::Doing,
    run::{Run, contained},
    series::Picture,
};
use flame_file::Draft;

use crate::target::Target;

impl Run {
    /// Writes the picture so far to every output that can be replaced, and those of
    /// the slowest operations, unless the session ends meanwhile.
    pub(crate) fn checkpoint(&self) {
        for (output, result) in self.write_checkpoint().into_iter().enumerate() {
            match result {
                Ok(()) => self.failing.worked(Doing::Checkpoint, output),
                Err(why) => self.report(Doing::Checkpoint, output, &why),
            }
        }
        match contained(|| self.checkpoint_operations()).and_then(|drawn| drawn) {
            Ok(()) => self.failing.worked(Doing::SlowestSoFar, 0),
            Err(why) => {
                let why = format!("cannot write a checkpoint of the slowest operations: {why}");
                self.report(Doing::SlowestSoFar, 0, &why);
            }
        }
    }

    /// What came of it, for each output that was tried.
    fn write_checkpoint(&self) -> Vec<Result<(), String>> {
        let _busy = self.busy();
        let Picture { window, mut profile, targets } =
            match contained(|| self.series().so_far(&self.flame, &self.plan)) {
                Ok(picture) => picture,
                Err(why) => return vec![Err(why)],
            };
        profile.set_so_far(true);
        let written = targets.iter().map_while(|target| {
            if target.file.is_written_in_place() {
                return Some(Ok(()));
            }
            let placed = self.place(self.draft(&profile, target))?;
            if placed.is_ok() {
                self.delete_older(window, target);
            }
            let path = target.path().display();
            Some(placed.map(drop).map_err(|why| {
                format!("cannot write a checkpoint of the flamegraph {path}: {why}")
            }))
        });
        written.collect()
    }

    pub(super) fn draft(&self, profile: &Profile, target: &Target) -> Result<Draft, String> {
        let options = so_far(&self.plan.options);
        contained(|| target.draft(profile, &self.flame, &options))?.map_err(|e| e.to_string())
    }

    /// Puts a draft where it belongs; `None` where the end was faster.
    pub(super) fn place(&self, draft: Result<Draft, String>) -> Option<Result<u64, String>> {
        self.gate.unless_closed(|| draft?.place().map_err(|e| e.to_string()))
    }
}

/// The same picture, which says that it is not the last one.
pub(super) fn so_far(options: &Options) -> Options {
    let title = format!("{} (so far: the program was still running)", options.title);
    options.clone().title(title)
}
