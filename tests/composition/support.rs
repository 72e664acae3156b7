//! Runs the node in a directory of its own.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

const NODE: &str = env!("CARGO_BIN_EXE_flame-node");

/// A node that runs, or has not been told to.
pub(crate) struct Node {
    directory: TempDir,
    pub(crate) child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

/// A node that has ended.
pub(crate) struct Ended {
    directory: TempDir,
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Node {
    pub(crate) fn start(line: &str) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let mut command = Command::new(NODE);
        command.args(line.split_whitespace()).current_dir(directory.path());
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("a node");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { directory, stdin: child.stdin.take(), stdout, child }
    }

    /// Tells it to do something, and waits until it has; `false` where it ended
    /// instead.
    pub(crate) fn tell(&mut self, order: &str) -> bool {
        let stdin = self.stdin.as_mut().expect("a node that listens");
        writeln!(stdin, "{order}").expect("a node that listens");
        let mut answer = String::new();
        self.stdout.read_line(&mut answer).expect("text");
        answer == "done\n"
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: i32) {
        // SAFETY: the child has not been waited for, so the number is its own.
        let sent = unsafe { libc::kill(self.child.id() as libc::pid_t, signal) };
        assert_eq!(sent, 0, "{}", std::io::Error::last_os_error());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Waits until it has ended by itself, its input left open.
    pub(crate) fn wait(mut self) -> Ended {
        let (mut out, mut err) = (String::new(), String::new());
        self.stdout.read_to_string(&mut out).expect("text");
        let mut stderr = self.child.stderr.take().expect("a pipe");
        stderr.read_to_string(&mut err).expect("text");
        let status = self.child.wait().expect("a node that ends");
        drop(self.stdin.take());
        Ended { directory: self.directory, status, out, err }
    }

    /// Ends its input and waits for it to end.
    pub(crate) fn end(mut self) -> Ended {
        drop(self.stdin.take());
        self.wait()
    }
}

/// Runs it to its end without a word.
pub(crate) fn run(line: &str) -> Ended {
    Node::start(line).end()
}

impl Ended {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path)
            .unwrap_or_else(|e| panic!("{}: {e}\n{}", path.display(), self.err))
    }

    /// What its standard error had but for the session's own lines.
    pub(crate) fn log(&self) -> String {
        let lines = self.err.lines().filter(|line| !line.starts_with("flame: "));
        lines.map(|line| format!("{line}\n")).collect()
    }

    /// The calls of each stack in a JSON picture; those of one name are added up.
    pub(crate) fn calls(&self, name: &str) -> BTreeMap<String, u64> {
        let mut calls = BTreeMap::new();
        for (stack, node) in stacks(&self.read(name)) {
            *calls.entry(stack).or_default() += node["calls"].as_u64().expect("a number");
        }
        calls
    }
}

/// Every node of a JSON picture with its stack, which must be a whole one.
pub(crate) fn stacks(picture: &str) -> Vec<(String, Value)> {
    let picture: Value = serde_json::from_str(picture).expect("a whole picture");
    let mut stacks: Vec<(String, Value)> = Vec::new();
    for node in picture["nodes"].as_array().expect("nodes") {
        let callsite = node["callsite"].as_u64().expect("no stack is truncated");
        let name = picture["callsites"][callsite as usize]["name"].as_str().expect("a name");
        let stack = match node["parent"].as_u64() {
            Some(parent) => format!("{};{name}", stacks[parent as usize].0),
            None => name.to_owned(),
        };
        stacks.push((stack, node.clone()));
    }
    stacks
}
