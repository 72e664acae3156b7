//! One picture after the other, and the old ones thrown away.

use tracing::level_filters::LevelFilter;

use super::{
    Ending,
    failing::Doing,
    run::{Run, Written, contained},
};
use crate::{error::WriteFailure, target::Target};

impl Run {
    /// Ends a window and writes its picture, while the next one runs.
    pub(crate) fn turn(&self) {
        let busy = self.busy();
        let time = self.gate.time_of_day();
        let picture = contained(|| self.series().turn(&self.flame, &self.plan, time));
        let written = picture.map(|picture| self.write_picture(picture));
        // The end waits for the writing, and not for the host's own reporter, but where
        // that hears of an old file that cannot be deleted.
        drop(busy);
        match written {
            Ok(written) => self.tell_of_window(&written),
            Err(why) => self.report(Doing::Window, 0, &why),
        }
    }

    fn tell_of_window(&self, written: &Written) {
        self.tell_of_files(written, Ending::WindowOver, LevelFilter::current());
        for (output, failure) in written.outcomes() {
            match failure {
                None => self.failing.worked(Doing::Window, output),
                Some(WriteFailure { path, why }) => {
                    let path = path.display();
                    let line = format!("cannot write the flamegraph {path}: {why}");
                    self.report(Doing::Window, output, &line);
                }
            }
        }
    }

    /// Remembers a file of a window, and deletes those that are too old by now.
    pub(super) fn delete_older(&self, window: u64, target: &Target) {
        let old = self.series().wrote(window, target.path().to_owned());
        for path in old {
            match std::fs::remove_file(&path) {
                Err(why) if why.kind() != std::io::ErrorKind::NotFound => {
                    let path = path.display();
                    self.report(Doing::Delete, 0, &format!("cannot delete {path}: {why}"));
                }
                _ => self.failing.worked(Doing::Delete, 0),
            }
        }
    }

    /// Tells of a failure, if it is news.
    pub(super) fn report(&self, doing: Doing, output: usize, what: &str) {
        if self.failing.is_news(doing, output) {
            let line = format!("{what}; it will be tried again, silently");
            self.tell(|reporter| reporter.error(&line));
        }
    }
}
