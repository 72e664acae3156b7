//! The command line.

use std::{ffi::OsString, io::Write};

use clap::{Parser, Subcommand};

use crate::command::{
    Streams, bench::Bench, compare::Compare, convert::Convert, diff::Diff, explain::Explain,
    top::Top,
};

/// Looks at, converts and compares recordings of span timings.
#[derive(Debug, Parser)]
#[command(name = "flame", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Top(Top),
    Explain(Explain),
    Convert(Convert),
    Diff(Diff),
    Compare(Compare),
    Bench(Bench),
}

/// The exit code of anything that is wrong with what was given.
const BAD_INPUT: u8 = 2;

/// Runs the program on its arguments, the first of which is its own name, and
/// returns its exit code: 0, 1 where a gate of `diff`, `compare` or `bench` fails, and 2
/// where something could not be done, with the reason on `err`.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(answer) => {
            let text = answer.render();
            let _ = if answer.use_stderr() { write!(err, "{text}") } else { write!(out, "{text}") };
            return u8::try_from(answer.exit_code()).unwrap_or(BAD_INPUT);
        }
    };
    let mut streams = Streams { out, err };
    let done = match &cli.command {
        Command::Top(top) => top.run(&mut streams).map(|()| 0),
        Command::Explain(explain) => explain.run(&mut streams).map(|()| 0),
        Command::Convert(convert) => convert.run(&mut streams).map(|()| 0),
        Command::Diff(diff) => diff.run(&mut streams),
        Command::Compare(compare) => compare.run(&mut streams),
        Command::Bench(bench) => bench.run(&mut streams),
    };
    match done {
        Ok(code) => code,
        Err(error) if error.is_broken_pipe() => 0,
        Err(error) => {
            let _ = writeln!(streams.err, "error: {error}");
            BAD_INPUT
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_makes_sense_to_clap() {
        Cli::command().debug_assert();
    }
}
