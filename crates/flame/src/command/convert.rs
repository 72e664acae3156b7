//! `flame convert`: a recording in another format.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::Args;
use tracing_flame_layer::render::{Format, TraceFormat, UnknownFormat};

use super::{Reading, ShowingOne, Streams};
use crate::{
    error::{Error, Kind},
    read,
    write::Output,
};

/// Writes a recording in the format that the output's extension names
///
/// One operation by itself, as the live page has it at `/slowest/N.json`, can be written as
/// `.perfetto-trace` and `.trace.json`, for viewers of timelines.
#[derive(Args, Debug)]
pub(crate) struct Convert {
    /// A `.json` that was recorded, or folded stacks of any tool; `-`: standard input
    file: PathBuf,
    /// Where to write, `-` for standard output; the extension names the format
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// The format, where the output's extension does not name it: an extension
    #[arg(long, value_name = "FORMAT")]
    to: Option<To>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    showing: ShowingOne,
}

/// What to write: a recording in a format, or one operation in one for viewers of timelines.
#[derive(Clone, Copy, Debug)]
enum To {
    Profile(Format),
    Trace(TraceFormat),
}

impl FromStr for To {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let bare = name.strip_prefix('.').unwrap_or(name);
        let is_meant = |trace: &&TraceFormat| trace.extension()[1..].eq_ignore_ascii_case(bare);
        match TraceFormat::ALL.iter().find(is_meant) {
            Some(trace) => Ok(Self::Trace(*trace)),
            None => name.parse().map(Self::Profile),
        }
    }
}

impl Convert {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<(), Error> {
        let to = self.to()?;
        let is_printed = self.output == Path::new("-");
        let output = (!is_printed).then(|| Output::check(&self.output)).transpose()?;
        let put = |write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
                   streams: &mut Streams<'_>| match output {
            Some(output) => output.write(write),
            None => streams.print(write),
        };
        match to {
            To::Profile(format) => {
                let given = self.reading.read(&self.file, streams)?;
                let options = self.showing.options(&given, &self.file)?;
                put(&mut |writer| given.profile.write(format, writer, &options), streams)
            }
            To::Trace(format) => {
                let operation = read::operation_from_path(&self.file)?;
                put(&mut |writer| operation.write_trace(format, writer), streams)
            }
        }
    }

    fn to(&self) -> Result<To, Error> {
        if let Some(to) = self.to {
            return Ok(to);
        }
        if let Some(format) = TraceFormat::from_path(&self.output) {
            return Ok(To::Trace(format));
        }
        let format = Format::from_path(&self.output);
        Ok(format.map(To::Profile).map_err(|unknown| Kind::Output { unknown, flag: "--to" })?)
    }
}
