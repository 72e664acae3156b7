//! Imports an Ethereum chain, verifying every header field, and prints what it did.

use block_import::{cli::Cli, report::Report};
use clap::Parser;
use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

mod telemetry;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let flame = telemetry::init(&cli.flame).unwrap_or_else(|error| error.exit());
    name_pool_threads();
    let imported = cli.options.run();
    // An import that failed is drawn, too.
    let drawn = flame.finish();
    let printed = imported.map_err(Into::into).and_then(|report| print(&report));
    match printed.and(drawn.map_err(Into::into)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// So that `--flame-threads` has a name for them. A pool that is there already
/// keeps its own.
fn name_pool_threads() {
    let pool = rayon::ThreadPoolBuilder::new().thread_name(|index| format!("rayon-{index}"));
    let _ = pool.build_global();
}

fn print(report: &Report) -> Result<(), Box<dyn Error>> {
    Ok(writeln!(io::stdout(), "{report}")?)
}
