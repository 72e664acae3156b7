//! `flame convert`: a recording in another format.

use std::path::PathBuf;

use clap::Args;
use tracing_flame_layer::render::Format;

use super::{Reading, ShowingOne, Streams};
use crate::{
    error::{Error, Kind},
    write,
};

/// Writes a recording in the format that the output's extension names
#[derive(Args, Debug)]
pub(crate) struct Convert {
    /// A `.json` that was recorded, or folded stacks of any tool
    file: PathBuf,
    /// Where to write; the extension names the format
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    showing: ShowingOne,
}

impl Convert {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<(), Error> {
        let format = Format::from_path(&self.output).map_err(Kind::Output)?;
        let given = self.reading.read(&self.file, streams)?;
        let options = self.showing.options(&given, &self.file)?;
        write::replace(&self.output, |writer| given.profile.write(format, writer, &options))
    }
}
