//! Imports an Ethereum chain, verifying every header field, and prints what it did.

use block_import::cli::Cli;
use clap::Parser;
use std::{
    io::{self, Write},
    process::ExitCode,
};

mod telemetry;

fn main() -> ExitCode {
    let cli = Cli::parse();
    telemetry::init();
    match cli.options.run() {
        Ok(report) => print(&report),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print(report: &block_import::report::Report) -> ExitCode {
    match writeln!(io::stdout(), "{report}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
