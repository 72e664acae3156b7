//! The service in a directory of its own.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::process::CommandExt,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
};

use libc::{SIGHUP, SIGINT, SIGTERM};
use tempfile::TempDir;

/// The flags of every run that records.
pub(crate) const FLAME: [&str; 5] =
    ["--flame", "--flame-duration", "0", "--flame-output", "web.json"];

pub(crate) struct Service {
    directory: TempDir,
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
}

/// A service that has ended.
pub(crate) struct Ended {
    directory: TempDir,
    pub(crate) status: ExitStatus,
    /// What it printed after its address.
    pub(crate) out: String,
}

impl Service {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let mut command = Command::new(env!("CARGO_BIN_EXE_web"));
        command.args(["--listen", "127.0.0.1:0"]).args(arguments).current_dir(directory.path());
        heed_signals(&mut command);
        let pipes = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = pipes.spawn().expect("a service that starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on ").expect("an address");
        let address = address.parse().expect("an address");
        Self { directory, child, stdout, address }
    }

    pub(crate) fn signal(&self, signal: i32) {
        // SAFETY: the child has not been waited for, so the number is its own.
        let sent = unsafe { libc::kill(self.child.id() as libc::pid_t, signal) };
        assert_eq!(sent, 0, "{}", io::Error::last_os_error());
    }

    /// Asks for something, and reads the first line of the body that comes in chunks.
    pub(crate) fn begin(&self, path: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
            .expect("a service that listens");
        let mut response = BufReader::new(stream);
        let mut line = String::new();
        while line != "begun\n" {
            line.clear();
            let read = response.read_line(&mut line).expect("a response");
            assert_ne!(read, 0, "it ended without a body");
        }
        response
    }

    pub(crate) fn wait(mut self) -> Ended {
        let mut out = String::new();
        self.stdout.read_to_string(&mut out).expect("text");
        let status = self.child.wait().expect("an end");
        Ended { directory: self.directory, status, out }
    }
}

impl Ended {
    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.directory.path().join(name);
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }
}

/// Lets signals do what they do by default, which these tests may have been started to
/// ignore.
fn heed_signals(command: &mut Command) {
    // SAFETY: `signal` may be called between a fork and an exec, and nothing else is.
    unsafe {
        command.pre_exec(|| {
            for signal in [SIGINT, SIGTERM, SIGHUP] {
                libc::signal(signal, libc::SIG_DFL);
            }
            Ok(())
        });
    }
}

/// Whether a program that a test needs is there; where everything has to be, it fails.
pub(crate) fn has(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).any(|directory| directory.join(program).is_file());
    if !found {
        assert!(env::var_os("CI").is_none(), "no `{program}`, and CI is set");
        // Not by a macro, whose output is shown only where a test fails.
        let _ = writeln!(io::stderr(), "skipped: no `{program}`");
    }
    found
}
