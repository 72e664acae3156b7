//! `flame top`: a recording as a text table.

use std::path::PathBuf;

use clap::Args;

use super::{Reading, ShowingOne, Streams};
use crate::error::Error;

/// Prints where the time went, a row for each label, by self time
#[derive(Args, Debug)]
pub(crate) struct Top {
    /// A `.json` that was recorded, or folded stacks of any tool; `-`: standard input
    file: PathBuf,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    showing: ShowingOne,
}

impl Top {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<(), Error> {
        let given = self.reading.read(&self.file, streams)?;
        let options = self.showing.options(&given, &self.file)?;
        streams.print(|out| given.profile.write_table(out, &options))
    }
}
