//! Operations by themselves: each gets exactly its own time, whatever others do
//! on the same threads at the same time, and its critical path is the one that
//! brute force finds.

use std::collections::BTreeMap;

use proptest::{prelude::*, test_runner::TestCaseError};
use tracing_flame_layer::profile::{self, Measures, Operation};

use flame_oracle::{
    Alone, Event, Exact, Going, Path, PathStep, Program, critical_path,
    driver::{self, judge, recorded::by_path},
    operations_alone, random,
};

/// What differs between an operation and the oracle's word on it; empty where
/// they agree.
fn differences(expected: &Alone, actual: &Operation) -> String {
    let mut text = String::new();
    let mut differ = |what: &str, expected: &dyn std::fmt::Debug, actual: &dyn std::fmt::Debug| {
        text.push_str(&format!("{what} is {actual:?}, not {expected:?}\n"));
    };
    let life = expected.life.1 - expected.life.0;
    if actual.nanos() != life {
        differ("the life", &life, &actual.nanos());
    }
    let nodes = by_path(actual.profile());
    let tolerance = if expected.divided { expected.switches } else { 0 };
    let paths: Vec<&Path> = expected.nodes.keys().chain(nodes.keys()).collect();
    for path in paths {
        let want = expected.nodes.get(path).copied().unwrap_or_default();
        let got = nodes.get(path).copied().unwrap_or_default();
        for (what, exact, nanos) in
            [("wall", want.wall, got.wall_nanos), ("await", want.awaited, got.await_nanos)]
        {
            if !exact.is_within(tolerance, nanos) {
                differ(&format!("{path:?}: {what}"), &exact.rounded_nanos(), &nanos);
            }
        }
        let want = [
            want.calls,
            want.started,
            want.enters,
            want.entered_nanos,
            want.latency_nanos,
            want.max_latency_nanos,
        ];
        let got = [
            got.calls,
            got.started,
            got.enters,
            got.entered_nanos,
            got.latency_nanos,
            got.max_latency_nanos,
        ];
        if want != got {
            differ(&format!("{path:?}: counts and times"), &want, &got);
        }
    }
    let sum: u64 = nodes.values().map(|node| node.wall_nanos + node.await_nanos).sum();
    if sum.abs_diff(life) > 2 * nodes.len() as u64 {
        differ("the sum of weights", &life, &sum);
    }
    text
}

/// The critical path by names, steps at one place in a row taken together.
fn path_of(operation: &Operation) -> Vec<PathStep> {
    let mut paths: Vec<Path> = Vec::new();
    for node in operation.profile().nodes().iter() {
        let mut path = node.parent.map_or_else(Vec::new, |parent| paths[parent.index()].clone());
        let profile::Frame::Span(callsite) = &node.frame else { panic!("nothing is truncated") };
        path.push(callsite.name.to_string());
        paths.push(path);
    }
    let mut steps: Vec<PathStep> = Vec::new();
    for step in operation.critical_path() {
        let going = match step.activity {
            profile::Activity::Working => Going::Working,
            profile::Activity::Awaited => Going::Awaited,
            _ => panic!("nothing was left out"),
        };
        let path = paths[step.node.index()].clone();
        match steps.last_mut() {
            Some(last) if last.path == path && last.going == going => last.to = step.to_nanos,
            _ => steps.push(PathStep { path, going, from: step.from_nanos, to: step.to_nanos }),
        }
    }
    steps
}

/// Recording from the start to the end, frames named by spans alone.
fn uninterrupted(mut program: Program) -> Program {
    program.marks.fields.clear();
    judge::uninterrupted(program)
}

fn judge(
    program: &Program,
    differences: impl Fn(&Alone, &Operation) -> String,
) -> Result<(), String> {
    let (expected, actual) = (operations_alone(program), driver::run_operations(program));
    if expected.len() != actual.len() {
        return Err(format!("{} operations, not {}\n{program}", actual.len(), expected.len()));
    }
    for (number, (expected, actual)) in expected.iter().zip(&actual).enumerate() {
        let differences = differences(expected, actual);
        if !differences.is_empty() {
            return Err(format!("operation {number}:\n{differences}\n{program}"));
        }
    }
    Ok(())
}

fn path_differences(expected: &Alone, actual: &Operation) -> String {
    let (expected, actual) = (critical_path(expected), path_of(actual));
    if expected == actual {
        return String::new();
    }
    format!("the critical path is {actual:#?}, not {expected:#?}")
}

proptest! {
    #![proptest_config(random::config(1))]

    #[test]
    fn each_of_many_operations_gets_exactly_its_own_time(
        program in prop_oneof![random::programs(), random::detaching_programs()],
    ) {
        judge(&uninterrupted(program), differences).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(random::config(1))]

    #[test]
    fn the_critical_path_is_the_one_that_brute_force_finds(
        program in prop_oneof![random::programs(), random::detaching_programs()],
    ) {
        let mut program = uninterrupted(program);
        // A thread that takes an ended one's place is the same one to a chart.
        let end = program.steps.iter().position(|step| step.event == Event::ThreadEnd);
        program.steps.truncate(end.unwrap_or(program.steps.len()));
        judge(&program, path_differences).map_err(TestCaseError::fail)?;
    }
}

/// Whether the parts of an operation add up to its life, and all operations to the
/// whole, unless some were never entered or have not ended.
fn judge_sums(program: &Program) -> Result<(), String> {
    let (whole, operations) = driver::run_by_the_machines_clock(program);
    let named = |path: &Path| path.first().is_some_and(|root| is_named(program, root));
    let whole: BTreeMap<_, _> =
        by_path(&whole).into_iter().filter(|(path, _)| named(path)).collect();
    let mut sums: BTreeMap<Path, [u64; 7]> = BTreeMap::new();
    for operation in &operations {
        let nodes = by_path(operation.profile());
        let sum: u64 = nodes.values().map(|node| node.wall_nanos + node.await_nanos).sum();
        if sum.abs_diff(operation.nanos()) > 2 * nodes.len() as u64 {
            return Err(format!("{sum} ns in a life of {}\n{program}", operation.nanos()));
        }
        for (path, node) in nodes {
            let sum = sums.entry(path).or_default();
            *sum = std::array::from_fn(|i| sum[i] + measured(&node)[i]);
        }
    }
    let made: u64 = whole.iter().filter(|(path, _)| path.len() == 1).map(|(_, n)| n.calls).sum();
    let rounding = 2 * operations.len() as u64 + 2;
    for (path, node) in &whole {
        let (all, sum) = (measured(node), sums.remove(path).unwrap_or_default());
        let same = if made == operations.len() as u64 {
            all[..3] == sum[..3] && all.iter().zip(sum).all(|(a, b)| a.abs_diff(b) <= rounding)
        } else {
            all.iter().zip(sum).all(|(all, sum)| *all + rounding >= sum)
        };
        if !same {
            return Err(format!("{path:?}: {all:?}, and by themselves {sum:?}\n{program}"));
        }
    }
    sums.is_empty().then_some(()).ok_or_else(|| format!("{sums:?} of nothing\n{program}"))
}

fn is_named(program: &Program, name: &str) -> bool {
    program.marks.operations.contains(name)
}

/// Three counts, then times.
fn measured(node: &Measures) -> [u64; 7] {
    [
        node.calls,
        node.started,
        node.enters,
        node.wall_nanos,
        node.await_nanos,
        node.entered_nanos,
        node.latency_nanos,
    ]
}

proptest! {
    #![proptest_config(random::config(2))]

    #[test]
    fn operations_by_themselves_add_up_to_the_whole_by_the_machines_clock(
        program in prop_oneof![
            random::programs(),
            random::detaching_programs(),
            random::nested_programs(),
        ],
    ) {
        let program = uninterrupted(program).operations(&["a", "op_a", "op_b", "idle_op"]);
        judge_sums(&program).map_err(TestCaseError::fail)?;
    }
}

fn only(script: &str) -> (Alone, Operation) {
    let program = Program::millis(script).operations(&["block"]);
    judge(&program, differences).unwrap();
    let mut actual = driver::run_operations(&program);
    let mut expected = operations_alone(&program);
    (expected.remove(0), actual.remove(0))
}

/// How many milliseconds of the critical path are at each name.
fn critical(script: &str) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for step in path_of(&only(script).1) {
        let name = step.path.last().expect("a root").clone();
        let name = if step.going == Going::Awaited { format!("{name}..") } else { name };
        *sums.entry(name).or_default() += (step.to - step.from) / 1_000_000;
    }
    sums
}

fn sums<const N: usize>(pairs: [(&str, u64); N]) -> BTreeMap<String, u64> {
    pairs.into_iter().map(|(name, millis)| (name.to_owned(), millis)).collect()
}

#[test]
fn the_last_of_several_that_are_joined_is_critical() {
    let path = critical(
        "0 main: open block
         10 w1: open a under block
         10 w2: open b under block
         50 w1: close a
         90 w2: close b
         100 main: close block",
    );
    assert_eq!(path, sums([("b", 80), ("block", 20)]));
}

#[test]
fn an_await_that_another_poll_interrupts_is_critical_throughout() {
    let path = critical(
        "0 main: open block, open a, exit a
         2 main: open b, exit b, exit block
         50 main: enter block, enter a
         52 main: close a, exit block
         90 main: enter block, enter b
         95 main: close b, close block",
    );
    assert_eq!(path, sums([("b", 5), ("b..", 88), ("block", 2)]));
}

#[test]
fn a_parent_that_awaits_a_task_elsewhere_is_critical_only_after_it() {
    let path = critical(
        "0 main: open block
         10 main: exit block
         20 pool: open task under block
         80 pool: close task
         85 main: enter block
         90 main: close block",
    );
    assert_eq!(path, sums([("block", 15), ("block..", 15), ("task", 60)]));
}

#[test]
fn an_operation_polled_on_another_ones_thread_keeps_its_own_time() {
    let program = Program::millis(
        "0 main: open block#1, open a#1
         10 main: open block#2 at root
         20 main: open b#2
         30 main: close b#2
         40 main: close block#2
         50 main: close a#1, close block#1",
    )
    .operations(&["block"]);
    judge(&program, differences).unwrap();
    let operations = driver::run_operations(&program);
    let nanos: Vec<u64> = operations.iter().map(Operation::nanos).collect();
    assert_eq!(nanos, [30_000_000, 50_000_000], "in the order of their ends");
    let first = by_path(operations[0].profile());
    assert_eq!(first.values().map(|node| node.wall_nanos).sum::<u64>(), 30_000_000);
    assert_eq!(
        Exact::nanos(10_000_000),
        operations_alone(&program)[0].nodes[&vec!["block".to_owned(), "b".to_owned()]].wall
    );
}
