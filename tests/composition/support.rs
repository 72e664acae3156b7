//! The node, and what it leaves.

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

use crate::program::{Ended, Running};

/// Starts a node with these words.
pub(crate) fn start(line: &str) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flame-node"));
    command.args(line.split_whitespace());
    Running::start(command)
}

/// Runs a node to its end without a word.
pub(crate) fn run(line: &str) -> Ended {
    start(line).end()
}

impl Running {
    /// Tells a node to do something, and waits until it has; `false` where it ended
    /// instead.
    pub(crate) fn does(&mut self, order: &str) -> bool {
        self.tell(order) == "done\n"
    }

    /// Waits until a node has ended by itself, its input left open.
    pub(crate) fn ends(mut self) -> Ended {
        self.wait();
        self.end()
    }
}

impl Ended {
    /// What its standard error had but for the session's own lines.
    pub(crate) fn log(&self) -> String {
        let lines = self.err.lines().filter(|line| !line.starts_with("flame: "));
        lines.map(|line| format!("{line}\n")).collect()
    }

    /// The calls of each stack in a JSON picture; those of one name are added up.
    pub(crate) fn stack_calls(&self, name: &str) -> BTreeMap<String, u64> {
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
