//! `flame explain`: a recording in words.

use std::path::PathBuf;

use clap::Args;
use tracing_flame_layer::render::Explanation;

use super::{Reading, ShowingOne, Streams};
use crate::{
    error::Error,
    read::{Given, Kind, Recorded},
};

/// Says in a page what was recorded, the five findings that matter, and what is not known
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// A `.json` that was recorded, of a run or of one operation; `-`: standard input
    file: PathBuf,
    /// How many words the page may have
    #[arg(
        long,
        value_name = "WORDS",
        default_value_t = Explanation::WORDS as u64,
        value_parser = clap::value_parser!(u64).range(Explanation::LEAST_WORDS as u64..=100_000),
        conflicts_with = "json"
    )]
    budget: u64,
    /// Print it as JSON, for programs: all of it, with numbers in nanoseconds
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    showing: ShowingOne,
}

impl Explain {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<(), Error> {
        let explanation = self.explanation(streams)?;
        streams.print(|out| match self.json {
            true => explanation.write_json(out),
            false => {
                explanation.write_markdown(out, usize::try_from(self.budget).unwrap_or(usize::MAX))
            }
        })
    }

    fn explanation(&self, streams: &mut Streams<'_>) -> Result<Explanation, Error> {
        Ok(match self.reading.read_recorded(&self.file, streams)? {
            Recorded::Run(given) => {
                self.check(&given)?;
                let options = self.showing.options(&given, &self.file)?;
                Explanation::new(&given.profile, &[], &options)
            }
            Recorded::Operation(operation) => {
                let options = self.showing.operation_options(&self.file)?;
                Explanation::of_operation(&operation, &options)
            }
        })
    }

    /// Refuses what is not known well enough to be explained.
    fn check(&self, given: &Given) -> Result<(), Error> {
        if given.kind == Kind::Folded {
            return Err(Error::options(format!(
                "`{}` has stacks and weights alone, of which there is nothing to explain; give a \
                 `.json` of the same run, or see `flame top`",
                self.file.display()
            )));
        }
        Ok(())
    }
}
