//! The binary; see the library of this package.

use std::{
    env,
    io::{self, BufWriter, Write},
    process::ExitCode,
};

fn main() -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let code = flame_cli::run(env::args_os(), &mut out, &mut io::stderr());
    match out.flush() {
        // Whoever read the rest of it wanted no more.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("error: cannot write to standard output: {error}");
            ExitCode::from(2)
        }
        _ => ExitCode::from(code),
    }
}
