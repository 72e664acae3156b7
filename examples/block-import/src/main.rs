//! Imports an Ethereum chain, verifying every header field, and prints what it did.

use block_import::cli::Cli;
use clap::Parser;
use std::process::ExitCode;

mod telemetry;

fn main() -> ExitCode {
    let cli = Cli::parse();
    telemetry::init();
    match cli.options.run() {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
