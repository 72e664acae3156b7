//! Runs `hello-flame` in a directory of its own.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
};

use tempfile::TempDir;

/// A directory, and the program in it.
pub(crate) struct Bench(TempDir);

/// What a run that has ended said.
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a temporary directory"))
    }

    /// The directory without links in its path, as the program sees it.
    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().canonicalize().expect("a directory")
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hello-flame"));
        command.args(arguments.split_whitespace()).current_dir(self.path());
        command
    }

    /// Runs the program to its end, with nothing on standard input.
    pub(crate) fn run(&self, arguments: &str) -> Said {
        Said::of(self.command(arguments).stdin(Stdio::null()))
    }

    /// Starts the program and lets it be talked to.
    pub(crate) fn start(&self, arguments: &str) -> Started {
        Started::new(&mut self.command(arguments))
    }

    /// The names of what is in the directory.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.path())
            .expect("a directory to read")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn read(&self, name: &str) -> String {
        read(&self.join(name))
    }
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

impl Said {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().expect("a program that starts");
        Self {
            status: output.status,
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// How a program ended whose output goes elsewhere, and what it said on standard error.
    #[cfg(target_os = "linux")]
    pub(crate) fn of_unheard(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn();
        let output = child.and_then(Child::wait_with_output).expect("a program that starts");
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        Self { status: output.status, out: String::new(), err }
    }

    pub(crate) fn first_line(&self) -> &str {
        self.err.lines().next().unwrap_or_default()
    }

    pub(crate) fn last_line(&self) -> &str {
        self.err.lines().last().unwrap_or_default()
    }
}

/// Lets signals do what they do by default: one that the tests were started to ignore,
/// in the background or by `nohup`, would be ignored by the program too.
#[cfg(unix)]
fn heed_signals(command: &mut Command) {
    use std::os::unix::process::CommandExt;

    // SAFETY: `signal` may be called between a fork and an exec.
    let heed = || unsafe {
        for signal in [libc::SIGINT, libc::SIGTERM] {
            libc::signal(signal, libc::SIG_DFL);
        }
        Ok(())
    };
    // SAFETY: as above; nothing else is called there.
    unsafe { command.pre_exec(heed) };
}

/// A program that runs.
pub(crate) struct Started {
    pub(crate) child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
}

impl Started {
    pub(crate) fn new(command: &mut Command) -> Self {
        #[cfg(unix)]
        heed_signals(command);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a program that starts");
        Self {
            stdin: child.stdin.take().expect("a pipe"),
            stdout: BufReader::new(child.stdout.take().expect("a pipe")),
            stderr: BufReader::new(child.stderr.take().expect("a pipe")),
            child,
        }
    }

    /// Has it greet somebody, after which it is known to be in its main part.
    pub(crate) fn greet(&mut self, name: &str) {
        writeln!(self.stdin, "{name}").expect("a program that listens");
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("a program that answers");
        assert_eq!(line, format!("hello, {name}\n"));
    }

    /// The same with a program that says more on its standard output.
    #[cfg(unix)]
    pub(crate) fn greet_after_noise(&mut self, name: &str) {
        writeln!(self.stdin, "{name}").expect("a program that listens");
        let answer = format!("hello, {name}\n");
        let mut line = String::new();
        while line != answer {
            line.clear();
            let read = self.stdout.read_line(&mut line).expect("a program that answers");
            assert_ne!(read, 0, "it ended without an answer");
        }
    }

    /// The next line on standard error; empty at its end.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stderr.read_line(&mut line).expect("a program that speaks");
        line
    }

    /// Ends its input and waits for its end; `err` is what was not read so far.
    pub(crate) fn end(self) -> Said {
        let Self { mut child, stdin, mut stdout, mut stderr } = self;
        drop(stdin);
        let (mut out, mut err) = (String::new(), String::new());
        stdout.read_to_string(&mut out).expect("text");
        stderr.read_to_string(&mut err).expect("text");
        Said { status: child.wait().expect("a program that ends"), out, err }
    }
}
