//! One snapshot against the oracle's reading of the same instant.

use std::fmt::Write;

use tracing_flame_layer::{Profile, profile::Measures as Recorded};

use super::recorded::by_path;
use crate::{Measures, Path, Reading};

/// What differs, one line each; empty where the two agree.
pub fn differences(reading: &Reading, profile: &Profile) -> String {
    let recorded = by_path(profile);
    let mut text = String::new();
    let extra = recorded.keys().filter(|path| !reading.nodes.contains_key(*path));
    for path in reading.nodes.keys().chain(extra) {
        let expected = reading.nodes.get(path).copied().unwrap_or_default();
        let actual = recorded.get(path).copied().unwrap_or_default();
        node_differences(&mut text, path, &expected, &actual, tolerance(reading, path));
        max_latency_differences(&mut text, path, &expected, &actual);
    }
    count_differences(&mut text, reading, profile);
    thread_differences(&mut text, profile);
    text
}

/// Nanoseconds by which a node's weight may be off: one for each event that
/// touched its operations, and none as long as they never shared an instant.
fn tolerance(reading: &Reading, path: &Path) -> u64 {
    let tower = path.first().and_then(|root| reading.towers.get(root));
    tower.filter(|tower| tower.divided).map_or(0, |tower| tower.switches)
}

fn node_differences(
    text: &mut String,
    path: &Path,
    expected: &Measures,
    actual: &Recorded,
    tolerance: u64,
) {
    let path = path.join(";");
    let weights = [
        ("wall", expected.wall, actual.wall_nanos),
        ("await", expected.awaited, actual.await_nanos),
    ];
    for (what, exact, nanos) in weights.into_iter().filter(|(_, e, n)| !e.is_within(tolerance, *n))
    {
        let exact = exact.rounded_nanos();
        writeln!(text, "{path}: {what} is {nanos}, not {exact} ± {tolerance}").expect("a string");
    }
    let counts = [
        ("calls", expected.calls, actual.calls),
        ("started", expected.started, actual.started),
        ("enters", expected.enters, actual.enters),
        ("busy", expected.busy_nanos, actual.busy_nanos),
        ("entered", expected.entered_nanos, actual.entered_nanos),
        ("latency", expected.latency_nanos, actual.latency_nanos),
    ];
    for (what, expected, actual) in counts.into_iter().filter(|(_, e, a)| e != a) {
        writeln!(text, "{path}: {what} is {actual}, not {expected}").expect("a string");
    }
}

/// The longest latency, which does not subtract: where recording paused, time that
/// was not recorded may be part of it.
fn max_latency_differences(text: &mut String, path: &Path, expected: &Measures, actual: &Recorded) {
    let (least, most) = (expected.max_latency_nanos, expected.max_whole_latency_nanos);
    let max = actual.max_latency_nanos;
    if !(least..=most).contains(&max) {
        let path = path.join(";");
        writeln!(text, "{path}: max latency is {max}, not in {least}..={most}").expect("a string");
    }
}

/// Where the self weights under a root do not sum to the lives of its operations,
/// ±1 ns a node; empty where they do.
pub fn life_differences(reading: &Reading, profile: &Profile) -> String {
    let mut text = String::new();
    let recorded = by_path(profile);
    for (root, tower) in &reading.towers {
        let under = recorded.iter().filter(|(path, _)| path[0] == *root);
        let sum: u64 = under.map(|(_, node)| node.wall_nanos + node.await_nanos).sum();
        let (life, nodes) = (tower.life_nanos, tower.nodes);
        if life.abs_diff(sum) > nodes {
            writeln!(text, "{root}: weights sum to {sum}, not {life} ± {nodes}").expect("a string");
        }
    }
    text
}

fn count_differences(text: &mut String, reading: &Reading, profile: &Profile) {
    let window = u64::try_from(profile.window().length.as_nanos()).expect("fits 64 bits");
    let (anomalies, expected) = (profile.anomalies(), reading.troubles);
    let counts = [
        ("window", reading.recorded_nanos, window),
        ("covered", reading.covered_nanos, profile.covered_nanos().unwrap_or(u64::MAX)),
        ("unmatched exits", expected.unmatched_exits, anomalies.unmatched_exits),
        ("exited elsewhere", expected.exited_elsewhere, anomalies.exited_elsewhere),
        ("closed while entered", expected.closed_while_entered, anomalies.closed_while_entered),
        ("exited by thread end", expected.exited_by_thread_end, anomalies.exited_by_thread_end),
        ("late values", expected.late_values, anomalies.late_values),
        ("truncated", 0, anomalies.truncated),
        ("merged values", 0, anomalies.merged_values),
        ("reentered", 0, anomalies.reentered),
        ("lost", 0, anomalies.lost),
    ];
    for (what, expected, actual) in counts.into_iter().filter(|(_, e, a)| e != a) {
        writeln!(text, "{what} is {actual}, not {expected}").expect("a string");
    }
}

/// What threads did sums, node by node, to what was done.
fn thread_differences(text: &mut String, profile: &Profile) {
    let mut sums = vec![(0, 0, 0); profile.nodes().len()];
    for node in profile.threads().iter().flat_map(|thread| &thread.nodes) {
        let sum = &mut sums[node.node.index()];
        sum.0 += node.enters;
        sum.1 += node.busy_nanos;
        sum.2 += node.entered_nanos;
    }
    for (index, (node, sum)) in profile.nodes().iter().zip(sums).enumerate() {
        let measures = &node.measures;
        let whole = (measures.enters, measures.busy_nanos, measures.entered_nanos);
        if sum != whole {
            writeln!(text, "node {index}: threads sum to {sum:?}, not {whole:?}")
                .expect("a string");
        }
    }
}
