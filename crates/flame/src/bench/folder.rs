//! Where the recordings are kept.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::plan::{Side, Step};
use crate::error::{Error, Kind};

/// What names of warming-ups begin with.
const WARM_UP: &str = "warm-up-";

/// A folder that was empty, or not there.
#[derive(Debug)]
pub(crate) struct Folder {
    /// With nothing left of what the commands may change: where they are.
    path: PathBuf,
    /// Digits in the number of a pair, so that names sort as runs do.
    digits: usize,
}

impl Folder {
    /// Makes it.
    ///
    /// # Errors
    ///
    /// Where there is something in it: recordings of another bench are not added to, nor
    /// written over.
    pub(crate) fn make(path: &Path, pairs: usize) -> Result<Self, Error> {
        let failed = |source| Error::from(Kind::Write { path: path.to_owned(), source });
        fs::create_dir_all(path).map_err(failed)?;
        // What a warming-up that failed has printed is in nobody's way.
        let is_kept = |entry: io::Result<fs::DirEntry>| {
            entry.map(|entry| !entry.file_name().to_string_lossy().starts_with(WARM_UP))
        };
        let kept: io::Result<Vec<bool>> =
            fs::read_dir(path).map_err(failed)?.map(is_kept).collect();
        if kept.map_err(failed)?.contains(&true) {
            let why = "the folder is not empty; name a new one, or clear it";
            return Err(failed(io::Error::other(why)));
        }
        let path = std::path::absolute(path).map_err(failed)?;
        Ok(Self { path, digits: pairs.to_string().len().max(2) })
    }

    pub(crate) fn recording(&self, step: Step) -> PathBuf {
        self.path.join(format!("{}.json", self.name(step)))
    }

    /// The recordings of the first so many pairs.
    pub(crate) fn recordings(&self, side: Side, pairs: usize) -> Vec<PathBuf> {
        (1..=pairs).map(|pair| self.recording(Step { side, pair })).collect()
    }

    /// What a run has printed.
    pub(crate) fn log(&self, recording: &Path) -> PathBuf {
        recording.with_extension("log")
    }

    /// A warming-up's recording.
    pub(crate) fn warming(&self, side: Side) -> PathBuf {
        self.path.join(format!("{WARM_UP}{}.json", side.name()))
    }

    /// What a run is called.
    pub(crate) fn name(&self, Step { side, pair }: Step) -> String {
        format!("{}-{pair:0digits$}", side.name(), digits = self.digits)
    }

    /// What was done.
    pub(crate) fn record(&self) -> PathBuf {
        self.path.join("bench.json")
    }
}
