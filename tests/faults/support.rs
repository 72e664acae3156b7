//! The host, started with `--flame` and without.

use std::{
    fs,
    ops::{Deref, DerefMut},
    process::{Command, Stdio},
    thread,
};

use serde_json::Value;

use crate::program::{Ended, Running};

/// The picture's name in the host's directory.
pub(crate) const PICTURE: &str = "spans.json";
/// The program that accidents happen to.
pub(crate) const HOST: &str = env!("CARGO_BIN_EXE_flame-host");

/// A host that runs, with `--flame` or without.
pub(crate) struct Host {
    program: Running,
    flamed: bool,
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
            host.program.end()
        })
    }

    fn command(&self) -> Command {
        let Some((shell, script)) = self.script else { return Command::new(HOST) };
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).args(["-c", script, HOST]);
        command
    }
}

impl Host {
    fn start(setup: &Setup<'_>, flags: &[&str]) -> Self {
        let mut command = setup.command();
        command.args(flags);
        let program = Running::start_prepared(command, setup.prepare);
        let mut host = Self { program, flamed: !flags.is_empty() };
        host.tell("work 0");
        host
    }

    /// Waits until so many of the `job` spans have reached the picture, where there
    /// is to be one.
    pub(crate) fn wait_for_checkpoint(&self, spans: u64) {
        let picture = self.directory().join(PICTURE);
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
}

impl Deref for Host {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.program
    }
}

impl DerefMut for Host {
    fn deref_mut(&mut self) -> &mut Running {
        &mut self.program
    }
}

impl Ended {
    /// How many of the `job` spans made are missing in the picture.
    pub(crate) fn lost(&self, made: u64) -> u64 {
        made - calls(&self.read(PICTURE), "job")
    }

    /// How often the picture says that something went wrong.
    pub(crate) fn trouble(&self, name: &str) -> u64 {
        let picture: Value = serde_json::from_str(&self.read(PICTURE)).expect("a whole picture");
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
