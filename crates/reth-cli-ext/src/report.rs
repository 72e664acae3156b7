//! Where the session's lines go.

use std::{fmt::Display, io::Write};

use flame_file::quietly;

/// Receives the session's lines: one at its start, and one for the address of
/// `--flame-listen`; one for each window of `--flame-every`; at its end one for what was
/// written, one for spans that were named and never came by, one for spans that another
/// filter keeps out, and one for the pictures of operations, each where there are any; and one for each thing that failed. What is
/// done again and again, a checkpoint or a window, tells of a failure once, until it
/// has worked again.
///
/// It is called on the threads that start and finish the session, and on the session's
/// own. Defaults to [`Stderr`]; a host that logs elsewhere hands its
/// own to [`FlameArgs::session_reporting`](crate::FlameArgs::session_reporting).
///
/// ```
/// use reth_cli_ext::Reporter;
///
/// /// To the host's log, whose lines are no spans.
/// struct ToLog;
///
/// impl Reporter for ToLog {
///     fn info(&self, line: &str) {
///         tracing::info!(target: "flame", "{line}");
///     }
///
///     fn error(&self, line: &str) {
///         tracing::error!(target: "flame", "{line}");
///     }
/// }
/// ```
pub trait Reporter: Send + Sync + 'static {
    /// What the session will do, or did.
    fn info(&self, line: &str);

    /// What failed, with the path and the reason.
    fn error(&self, line: &str);
}

/// Writes each line to standard error, after `flame: `.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stderr;

impl Reporter for Stderr {
    fn info(&self, line: &str) {
        write_line(format_args!("flame: {line}"));
    }

    fn error(&self, line: &str) {
        write_line(format_args!("flame: error: {line}"));
    }
}

/// `eprintln!` panics where standard error is closed, and where nobody reads from it
/// any more a signal may end the process; a profile is no reason for either.
///
/// Nor is it one to wait: a host may hold standard error's lock for as long as it runs,
/// and no thread of a session could end then, nor a signal the host. So the line goes
/// by as one write, past the lock, which keeps it whole.
#[cfg(unix)]
fn write_line(line: impl Display) {
    use std::{fs::File, mem::ManuallyDrop, os::fd::FromRawFd};

    // SAFETY: the descriptor is standard error's, which is the process's own for as long
    // as that runs; it is not closed here. What `std` does with it is no more.
    let mut stderr = ManuallyDrop::new(unsafe { File::from_raw_fd(libc::STDERR_FILENO) });
    let line = format!("{line}\n");
    let _ = quietly(|| stderr.write_all(line.as_bytes()));
}

/// Writes a line to standard error. Where a console takes text, `std` has to write it.
#[cfg(not(unix))]
fn write_line(line: impl Display) {
    let line = format!("{line}\n");
    let _ = quietly(|| std::io::stderr().lock().write_all(line.as_bytes()));
}
