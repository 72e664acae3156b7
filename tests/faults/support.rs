//! The host, started with `--flame` and without.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    thread::{self, JoinHandle},
};

use serde_json::Value;
use tempfile::TempDir;

/// The picture's name in the host's directory.
pub(crate) const PICTURE: &str = "spans.json";
/// The program that accidents happen to.
pub(crate) const HOST: &str = env!("CARGO_BIN_EXE_flame-host");

/// A host that runs in a directory of its own.
pub(crate) struct Host {
    directory: TempDir,
    child: Child,
    flamed: bool,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    stderr: JoinHandle<String>,
    said: String,
}

/// A host that has ended.
pub(crate) struct Ended {
    directory: TempDir,
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// How a host is started.
pub(crate) struct Setup<'a> {
    /// Flags beside those that every run has.
    pub(crate) flags: &'a [&'a str],
    /// A shell's script that runs the host, `"$0" "$@"`, and the command that
    /// runs the shell.
    pub(crate) script: Option<(&'a [&'a str], &'a str)>,
    /// Done to the command, whose directory is set.
    pub(crate) prepare: &'a dyn Fn(&mut Command),
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Self { flags: &[], script: None, prepare: &|_| {} }
    }
}

/// Does the same to a host without `--flame` and to one with it, which must not
/// show in what they say and end with. Returns the second.
pub(crate) fn unharmed(act: impl Fn(&mut Host)) -> Ended {
    Setup::default().unharmed(act)
}

impl Setup<'_> {
    /// The same for a host that is started so.
    pub(crate) fn unharmed(&self, act: impl Fn(&mut Host)) -> Ended {
        let [plain, flamed] = self.both(act);
        assert_eq!(flamed.status, plain.status, "{}", flamed.err);
        assert_eq!(flamed.out, plain.out);
        assert!(!plain.err.contains("flame: ") && flamed.err.contains("flame: "));
        flamed
    }

    /// Does the same to a host without `--flame` and to one with it.
    pub(crate) fn both(&self, act: impl Fn(&mut Host)) -> [Ended; 2] {
        let always = ["--flame", "--flame-duration", "0", "--flame-output", PICTURE];
        [vec![], [&always, self.flags].concat()].map(|flags| {
            let mut host = Host::start(self, &flags);
            act(&mut host);
            host.end()
        })
    }

    fn command(&self) -> Command {
        let Some((shell, script)) = self.script else { return Command::new(HOST) };
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).args(["-c", script, HOST]);
        command
    }
}

/// Lets every signal do what it does by default: one that the tests were started to
/// ignore, in the background or by `nohup`, would be ignored by the host too.
fn heed_signals(command: &mut Command) {
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

impl Host {
    fn start(setup: &Setup<'_>, flags: &[&str]) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let mut command = setup.command();
        command.args(flags).current_dir(directory.path());
        heed_signals(&mut command);
        (setup.prepare)(&mut command);
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("a host");
        let mut stderr = child.stderr.take().expect("a pipe");
        let stderr = thread::spawn(move || {
            let mut err = Vec::new();
            stderr.read_to_end(&mut err).expect("what it says");
            String::from_utf8_lossy(&err).into_owned()
        });
        let mut host = Self {
            directory,
            stdin: child.stdin.take(),
            stdout: BufReader::new(child.stdout.take().expect("a pipe")),
            child,
            flamed: !flags.is_empty(),
            stderr,
            said: String::new(),
        };
        host.tell("work 0");
        host
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Has the host do something, and waits for its answer. Empty where it ended
    /// instead.
    pub(crate) fn tell(&mut self, what: &str) -> String {
        let stdin = self.stdin.as_mut().expect("a host that listens");
        if writeln!(stdin, "{what}").is_err() {
            return String::new();
        }
        let mut answer = String::new();
        self.stdout.read_line(&mut answer).expect("text");
        self.said += &answer;
        answer
    }

    /// Leaves a text out of what it said, which is another in each run.
    pub(crate) fn forget(&mut self, text: &str) {
        self.wait();
        self.said = self.said.replace(text, "");
    }

    pub(crate) fn signal(&self, signal: i32) {
        // SAFETY: the child has not been waited for, so the number is its own.
        let sent = unsafe { libc::kill(self.child.id() as libc::pid_t, signal) };
        assert_eq!(sent, 0, "{}", io::Error::last_os_error());
    }

    /// Waits until so many of the `job` spans have reached the picture, where there
    /// is to be one.
    pub(crate) fn wait_for_checkpoint(&self, spans: u64) {
        let picture = self.path().join(PICTURE);
        while self.flamed
            && !fs::read_to_string(&picture).is_ok_and(|text| calls(&text, "job") >= spans)
        {
            thread::yield_now();
        }
    }

    /// Has the host say something until there is a text in it, where it has `--flame`.
    pub(crate) fn tell_until(&mut self, what: &str, text: &str) {
        while !self.tell(what).contains(text) && self.flamed {
            thread::yield_now();
        }
    }

    /// Waits until it says no more, while its input stays open.
    pub(crate) fn wait(&mut self) {
        self.stdout.read_to_string(&mut self.said).expect("text");
    }

    /// Ends its input, and waits for its end.
    fn end(mut self) -> Ended {
        drop(self.stdin.take());
        self.wait();
        Ended {
            status: self.child.wait().expect("a host that ends"),
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

    pub(crate) fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path(name)).ok()
    }

    /// The names of what is in the directory.
    pub(crate) fn files(&self) -> Vec<String> {
        files(self.directory.path())
    }

    /// How many of the `job` spans made are missing in the picture.
    pub(crate) fn lost(&self, made: u64) -> u64 {
        made - calls(&self.read(PICTURE).expect("a picture"), "job")
    }

    /// How often the picture says that something went wrong.
    pub(crate) fn trouble(&self, name: &str) -> u64 {
        let picture = self.read(PICTURE).expect("a picture");
        let picture: Value = serde_json::from_str(&picture).expect("a whole picture");
        picture["troubles"][name].as_u64().expect(name)
    }
}

/// Whether a command that runs a shell can run a script.
pub(crate) fn can_run(shell: &[&str], script: &str) -> bool {
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).args(["-c", script]);
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

pub(crate) fn files(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    let name = |entry: io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    let mut names: Vec<_> =
        entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// How many spans of a name a picture knows, which must be a whole one.
pub(crate) fn calls(picture: &str, name: &str) -> u64 {
    let picture: Value = serde_json::from_str(picture).expect("a whole picture");
    let list = |key: &str| picture[key].as_array().expect(key).clone();
    let callsites = list("callsites");
    let called = |node: &Value| {
        node["callsite"].as_u64().is_some_and(|at| callsites[at as usize]["name"] == name)
    };
    let nodes = list("nodes");
    nodes.iter().filter(|node| called(node)).filter_map(|node| node["calls"].as_u64()).sum()
}

/// Says that a test cannot run here; where everything has to, it fails.
pub(crate) fn skip(why: &str) {
    assert!(env::var_os("CI").is_none(), "{why}, and CI is set");
    // Not by a macro, whose output is shown only where a test fails.
    let _ = writeln!(io::stderr(), "skipped: {why}");
}
