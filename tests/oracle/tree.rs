//! A call tree as text: a node a line, two spaces a level, its own weight in
//! milliseconds.

use std::collections::BTreeMap;

use super::{Path, Reading};

/// The frame that stands for the time a span is pending.
pub const AWAIT: &str = "[await]";

impl Reading {
    /// The tree by `wall`.
    pub fn wall_tree(&self) -> String {
        let mut weights = BTreeMap::new();
        for (path, node) in &self.nodes {
            weights.insert(path.clone(), node.wall.rounded_nanos());
            weights.insert(below(path, AWAIT), node.awaited.rounded_nanos());
        }
        render(&weights)
    }

    /// The tree by `busy`.
    pub fn busy_tree(&self) -> String {
        render(&self.nodes.iter().map(|(path, node)| (path.clone(), node.busy_nanos)).collect())
    }
}

/// The path of a child frame.
pub fn below(path: &Path, frame: &str) -> Path {
    path.iter().cloned().chain([frame.to_owned()]).collect()
}

/// Draws the nodes whose totals are not zero, siblings by name.
pub fn render(weights: &BTreeMap<Path, u64>) -> String {
    let mut own = BTreeMap::new();
    for (path, nanos) in weights.iter().filter(|(_, nanos)| **nanos > 0) {
        for length in 1..path.len() {
            own.entry(path[..length].to_vec()).or_insert(0);
        }
        *own.entry(path.clone()).or_insert(0) += nanos;
    }
    own.iter().map(|(path, nanos)| line(path, *nanos)).collect()
}

fn line(path: &[String], nanos: u64) -> String {
    let indent = "  ".repeat(path.len() - 1);
    let name = path.last().map_or("", String::as_str);
    format!("{indent}{name} {}\n", millis(nanos))
}

/// Milliseconds, to the nearest microsecond, without trailing zeros.
fn millis(nanos: u64) -> String {
    let micros = (nanos + 500) / 1_000;
    let text = format!("{}.{:03}", micros / 1_000, micros % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Fails unless two trees are the same, the expected one's indent left out.
#[track_caller]
pub fn assert_tree(actual: &str, expected: &str, what: &str) {
    let lines: Vec<&str> = expected.lines().filter(|line| !line.trim().is_empty()).collect();
    let indent = lines.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let expected: String = lines.iter().map(|line| format!("{}\n", &line[indent..])).collect();
    assert!(actual == expected, "{what} is\n{actual}\nand should be\n{expected}");
}

#[test]
fn a_tree_shows_own_weights_and_fills_in_the_ancestors_of_a_node() {
    let path = |text: &str| text.split(';').map(str::to_owned).collect::<Path>();
    let weights = [(path("a;b;c"), 88_888_888), (path("a;d"), 0), (path("a;[await]"), 1_500_000)];
    let expected = "
        a 0
          [await] 1.5
          b 0
            c 88.889";
    assert_tree(&render(&weights.into_iter().collect()), expected, "the tree");
}
