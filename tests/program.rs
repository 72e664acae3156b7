//! Programs under test, each run in a directory of its own.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    thread::{self, JoinHandle},
};

use tempfile::TempDir;

/// A program that runs.
pub(crate) struct Running {
    directory: TempDir,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    stderr: JoinHandle<String>,
    /// What it has said on its standard output.
    said: String,
}

/// A program that has ended.
pub(crate) struct Ended {
    directory: TempDir,
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Running {
    pub(crate) fn start(command: Command) -> Self {
        Self::start_prepared(command, |_| ())
    }

    /// Starts a command to which something is done when its directory is set.
    pub(crate) fn start_prepared(mut command: Command, prepare: impl FnOnce(&mut Command)) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        command.current_dir(directory.path());
        #[cfg(unix)]
        heed_signals(&mut command);
        prepare(&mut command);
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("a program that starts");
        let mut stderr = child.stderr.take().expect("a pipe");
        // A program may say more there than a pipe holds before anybody waits for its end.
        let stderr = thread::spawn(move || {
            let mut err = Vec::new();
            stderr.read_to_end(&mut err).expect("what it says");
            String::from_utf8_lossy(&err).into_owned()
        });
        Self {
            directory,
            stdin: child.stdin.take(),
            stdout: BufReader::new(child.stdout.take().expect("a pipe")),
            child,
            stderr,
            said: String::new(),
        }
    }

    /// The directory that it runs in.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Has it do something, and waits for its answer. Empty where it ended instead.
    pub(crate) fn tell(&mut self, what: &str) -> String {
        let stdin = self.stdin.as_mut().expect("a program that listens");
        if writeln!(stdin, "{what}").is_err() {
            return String::new();
        }
        self.line()
    }

    /// The next line that it says. Empty where it ended instead.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("text");
        self.said += &line;
        line
    }

    /// Leaves a text out of what it said, which is another in each run.
    pub(crate) fn forget(&mut self, text: &str) {
        self.wait();
        self.said = self.said.replace(text, "");
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: i32) {
        // SAFETY: the child has not been waited for, so the number is its own.
        let sent = unsafe { libc::kill(self.child.id() as libc::pid_t, signal) };
        assert_eq!(sent, 0, "{}", io::Error::last_os_error());
    }

    /// Waits until it says no more, while its input stays open.
    pub(crate) fn wait(&mut self) {
        self.stdout.read_to_string(&mut self.said).expect("text");
    }

    /// Ends its input, and waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        drop(self.stdin.take());
        self.wait();
        Ended {
            status: self.child.wait().expect("a program that ends"),
            err: self.stderr.join().expect("no panic"),
            directory: self.directory,
            out: self.said,
        }
    }
}

impl Ended {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A file that it left.
    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}\n{}", self.err))
    }

    /// The names of what is in its directory.
    pub(crate) fn files(&self) -> Vec<String> {
        files(self.directory.path())
    }
}

/// The names of what is in a directory, sorted.
pub(crate) fn files(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    let name = |entry: io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    let mut names: Vec<_> =
        entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Lets every signal do what it does by default: one that the tests were started to
/// ignore, in the background or by `nohup`, would be ignored by the program too.
#[cfg(unix)]
fn heed_signals(command: &mut Command) {
    use std::os::unix::process::CommandExt;

    // SAFETY: `signal` may be called between a fork and an exec.
    let heed = || unsafe {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT] {
            libc::signal(signal, libc::SIG_DFL);
        }
        Ok(())
    };
    // SAFETY: as above; nothing else is called there.
    unsafe { command.pre_exec(heed) };
}
