//! The binary; see the library of this package.

use std::{
    env,
    io::{self, BufWriter, Write},
    process::ExitCode,
};

use flame_file::Quiet;

fn main() -> ExitCode {
    let mut out = BufWriter::new(Quiet(io::stdout().lock()));
    let code = flame_cli::run(env::args_os(), &mut out, &mut Quiet(io::stderr()));
    match out.flush() {
        // Whoever read the rest of it wanted no more.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let _ =
                writeln!(Quiet(io::stderr()), "error: cannot write to standard output: {error}");
            ExitCode::from(2)
        }
        _ => ExitCode::from(code),
    }
}
