//! The import of blocks, with `--flame` and without: user CPU time side by side.
//!
//! `cargo bench -p flame-benches --bench import`; with `-- --pairs 40` more pairs
//! than the usual 20, with `-- --brief` one.

use flame_benches::{Result, import};

fn main() -> Result<()> {
    let mut pairs = import::PAIRS;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => {}
            "--brief" => pairs = 1,
            "--pairs" => pairs = arguments.next().ok_or("how many pairs?")?.parse()?,
            _ => return Err(format!("unknown argument {argument}").into()),
        }
    }
    println!("{}", import::table(pairs)?);
    Ok(())
}
