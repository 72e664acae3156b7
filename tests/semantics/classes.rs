//! Classes of latency: they are what operations by themselves add up to, and they add up to
//! the whole.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{prelude::*, test_runner::TestCaseError};
use tracing_flame_layer::{
    Profile,
    profile::{Histogram, Measures},
    testing::Chains,
};

use flame_oracle::{
    self as oracle, Event, Path, Program,
    driver::{
        self, direct,
        judge::uninterrupted,
        recorded::{add, by_path, classes, heat},
    },
    operations_alone, random,
};

use super::states::{absences, looks, schedule};

fn programs() -> impl Strategy<Value = Program> {
    let programs = prop_oneof![random::programs(), random::detaching_programs()];
    programs.prop_map(|mut program| {
        program.marks.fields.clear();
        uninterrupted(program)
    })
}

/// What differs from the oracle's word on the classes.
fn differences(program: &Program, profile: &Profile) -> String {
    let (expected, actual) = (oracle::classes(&operations_alone(program)), classes(profile));
    let mut text = String::new();
    if expected.keys().ne(actual.keys()) {
        let keys = |keys: Vec<&(Path, u8)>| format!("{keys:?}");
        let (expected, actual) = (expected.keys().collect(), actual.keys().collect());
        return format!("there are {}, not {}\n", keys(actual), keys(expected));
    }
    for (place, expected) in &expected {
        let (operations, nodes) = &actual[place];
        if *operations != expected.operations {
            text += &format!("{place:?}: {operations} operations\n");
        }
        for path in expected.nodes.keys().chain(nodes.keys()).collect::<BTreeSet<_>>() {
            let got = nodes.get(path).copied().unwrap_or_default();
            if !fits(expected, path, &got) {
                let wanted = expected.nodes.get(path);
                text += &format!("{place:?}, {path:?}: {got:?}, not {wanted:?}\n");
            }
        }
    }
    text
}

fn fits(class: &oracle::Class, path: &Path, got: &Measures) -> bool {
    let want = class.nodes.get(path).copied().unwrap_or_default();
    let tolerance = if class.divided { class.switches } else { 0 };
    let counts = |calls, started, enters, entered, latency, longest| {
        [calls, started, enters, entered, latency, longest]
    };
    want.wall.is_within(tolerance, got.wall_nanos)
        && want.awaited.is_within(tolerance, got.await_nanos)
        && counts(
            want.calls,
            want.started,
            want.enters,
            want.entered_nanos,
            want.latency_nanos,
            want.max_latency_nanos,
        ) == counts(
            got.calls,
            got.started,
            got.enters,
            got.entered_nanos,
            got.latency_nanos,
            got.max_latency_nanos,
        )
}

/// Counts and times that an operation by itself has as the whole has them.
fn sums(measures: &Measures) -> [u64; 16] {
    let states = measures.wall_states;
    [
        measures.calls,
        measures.started,
        measures.enters,
        measures.wall_nanos,
        measures.await_nanos,
        measures.entered_nanos,
        measures.latency_nanos,
        states.runnable_nanos,
        states.blocked_nanos,
        states.fault_nanos,
        states.disk_nanos,
        states.lock_nanos,
        states.net_nanos,
        states.timer_nanos,
        states.off_cpu_nanos,
        states.unknown_nanos,
    ]
}

/// All classes together, by path.
fn together<'p>(profiles: impl IntoIterator<Item = &'p Profile>) -> BTreeMap<Path, Measures> {
    let mut all = BTreeMap::new();
    for (_, nodes) in profiles.into_iter().flat_map(classes).map(|(_, class)| class) {
        nodes.iter().for_each(|(path, node)| add(all.entry(path.clone()).or_default(), node));
    }
    all
}

/// How many operations the classes have, and how many the user named there are.
fn operations(program: &Program, profile: &Profile) -> (u64, u64) {
    let of_classes = profile.classes().iter().map(|class| class.operations).sum();
    let is_named = |path: &Path| path.len() == 1 && program.marks.operations.contains(&path[0]);
    let roots = by_path(profile).into_iter().filter(|(path, _)| is_named(path));
    (of_classes, roots.map(|(_, root)| root.calls).sum())
}

/// Whether the classes are no more than the whole, and all of it where every operation has
/// ended.
fn judge_sums(program: &Program, profile: &Profile) -> Result<(), String> {
    let (all, whole) = (together([profile]), by_path(profile));
    let (ended, begun) = operations(program, profile);
    for (path, node) in &whole {
        if !program.marks.operations.contains(&path[0]) {
            continue;
        }
        let (whole, sum) = (sums(node), sums(&all.get(path).copied().unwrap_or_default()));
        let fits = if ended == begun {
            whole == sum
        } else {
            whole.iter().zip(sum).all(|(whole, sum)| *whole >= sum)
        };
        if !fits {
            return Err(format!("{path:?}: {whole:?}, and all classes {sum:?}\n{program}"));
        }
    }
    Ok(())
}

/// Lets go of everything that is open, so that all operations end.
fn ended(mut program: Program) -> Program {
    program.steps.retain(|step| step.event != Event::Snapshot);
    program
}

/// Whether what threads used is that of their own time: a minor fault an instant, two blocks
/// read and three written.
fn judge_used(program: &Program, profile: &Profile) -> Result<(), String> {
    if profile.anomalies().closed_while_entered > 0 {
        // Its thread's frame changed without its doing.
        return Ok(());
    }
    let judge = |path: &Path, node: &Measures| {
        let [_, _, _, minor_faults, read, written] = node.switches.each();
        let fits = minor_faults == node.busy_nanos;
        let fits = fits && (read, written) == (2 * minor_faults, 3 * minor_faults);
        if fits { Ok(()) } else { Err(format!("{path:?}: {node:?}\n{program}")) }
    };
    by_path(profile).iter().try_for_each(|(path, node)| judge(path, node))?;
    for class in classes(profile).into_values() {
        class.1.iter().try_for_each(|(path, node)| {
            let fits = node.switches.minor_faults == node.busy_nanos;
            if fits { Ok(()) } else { Err(format!("a class: {path:?}: {node:?}\n{program}")) }
        })?;
    }
    for class in profile.classes() {
        let counted = class.counted.iter().map(Histogram::calls).collect::<Vec<_>>();
        let all = class.operations;
        if counted != [0, 0, 0, all, all, all] {
            return Err(format!("{counted:?} of {all} operations\n{program}"));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(random::config(1))]

    #[test]
    fn classes_are_what_operations_by_themselves_add_up_to(program in programs()) {
        let (whole, windows) = driver::run_classes(&program);
        let text = differences(&program, &whole);
        prop_assert!(text.is_empty(), "{text}{program}");
        judge_sums(&program, &whole).map_err(TestCaseError::fail)?;
        prop_assert_eq!(whole.unclassified_operations(), 0);
        let expected = oracle::heat(&operations_alone(&program));
        prop_assert_eq!(&heat([&whole]), &expected, "{}", program);
        prop_assert_eq!(&heat(&windows), &expected, "{}", program);
        let all = together(&windows).into_iter().map(|(path, node)| (path, sums(&node)));
        let at_once = together([&whole]).into_iter().map(|(path, node)| (path, sums(&node)));
        prop_assert_eq!(all.collect::<Vec<_>>(), at_once.collect::<Vec<_>>(), "{}", program);
    }

    #[test]
    fn classes_add_up_to_the_whole_once_all_has_ended(program in programs()) {
        let program = ended(program).operations(&["a", "op_a", "op_b", "idle_op"]);
        let (whole, _) = driver::run_by_the_machines_clock(&program);
        judge_sums(&program, &whole).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn what_threads_use_is_that_of_the_frames_that_they_were_in(program in programs()) {
        let program = program.operations(&["a", "op_a", "op_b", "idle_op"]);
        for chains in [Chains::On, Chains::Off] {
            for profile in &direct::run_using(&program, chains) {
                judge_used(&program, profile).map_err(TestCaseError::fail)?;
            }
        }
    }

    #[test]
    fn states_of_classes_add_up_to_those_of_the_whole(
        program in prop_oneof![programs(), random::side_by_side_programs()],
        absences in absences(),
        looks in looks(),
    ) {
        let program = uninterrupted(program).operations(&["a", "op_a", "op_b", "idle_op"]);
        let schedule = schedule(&program, &absences);
        for profile in &direct::run_scheduled_classes(&program, (&schedule, looks)) {
            judge_sums(&program, profile).map_err(TestCaseError::fail)?;
        }
    }
}
