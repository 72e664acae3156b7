//! `flame convert`: a recording in another format.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use clap::Args;
use tracing_flame_layer::render::Format;

use super::{Reading, ShowingOne, Streams};
use crate::{
    error::{Error, Kind},
    write::Output,
};

/// Writes a recording in the format that the output's extension names
#[derive(Args, Debug)]
pub(crate) struct Convert {
    /// A `.json` that was recorded, or folded stacks of any tool; `-`: standard input
    file: PathBuf,
    /// Where to write, `-` for standard output; the extension names the format
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// The format, where the output's extension does not name it: an extension
    #[arg(long, value_name = "FORMAT")]
    to: Option<Format>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    showing: ShowingOne,
}

impl Convert {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<(), Error> {
        let format = self.format()?;
        let is_printed = self.output == Path::new("-");
        let output = (!is_printed).then(|| Output::check(&self.output)).transpose()?;
        let given = self.reading.read(&self.file, streams)?;
        let options = self.showing.options(&given, &self.file)?;
        let write = |writer: &mut dyn Write| given.profile.write(format, writer, &options);
        match output {
            Some(output) => output.write(write),
            None => streams.print(write),
        }
    }

    fn format(&self) -> Result<Format, Error> {
        let named = || Format::from_path(&self.output);
        let format = self.to.map_or_else(named, Ok);
        Ok(format.map_err(|unknown| Kind::Output { unknown, flag: "--to" })?)
    }
}
