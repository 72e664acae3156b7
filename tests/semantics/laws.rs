//! What holds for every program, and the oracle's word on each node.

use proptest::{prelude::*, test_runner::TestCaseResult};

use tracing_flame_layer::{Profile, profile::Measures};

use flame_oracle::{
    FilterPlace, Path, Program,
    driver::{self, judge, recorded::by_path},
    random,
};

/// The same under a filter that the layer does not see, so that the children of what it
/// keeps back may outlive the parents they seem to have. All is recorded as it is created:
/// a span with named fields would be counted at its first enter.
fn around(program: Program) -> Program {
    let program = program.filtered(&["a", "filtered_a", "filtered_b"]).filter(FilterPlace::Around);
    let mut program = judge::uninterrupted(program);
    program.marks.fields.clear();
    program
}

fn programs() -> impl Strategy<Value = Program> {
    prop_oneof![random::programs(), random::detaching_programs()]
}

fn judged(program: &Program) -> TestCaseResult {
    judge::layer(program).map_err(TestCaseError::fail)
}

proptest! {
    #![proptest_config(random::config(1))]

    #[test]
    fn the_layer_agrees_where_threads_work_side_by_side(program in random::side_by_side_programs()) {
        judged(&program)?;
    }

    #[test]
    fn the_layer_agrees_with_the_oracle_on_every_node(program in programs()) {
        judged(&program)?;
    }
}

/// Nanoseconds by which the difference of two snapshots may miss the window: each
/// of the three profiles may be off by one for each event.
fn window_tolerance(program: &Program) -> u64 {
    3 * program.steps.len() as u64
}

fn differs_from_window(path: &Path, [before, after, window]: [Measures; 3], by: u64) -> bool {
    let exact = |m: &Measures| {
        [m.calls, m.started, m.enters, m.busy_nanos, m.entered_nanos, m.latency_nanos]
    };
    let shared = |m: &Measures| [m.wall_nanos, m.await_nanos];
    let [b, a, w] = [exact(&before), exact(&after), exact(&window)];
    let exact_differs = (0..w.len()).any(|i| a[i].checked_sub(b[i]) != Some(w[i]));
    let [b, a, w] = [shared(&before), shared(&after), shared(&window)];
    let shared_differs = (0..w.len()).any(|i| a[i].abs_diff(b[i] + w[i]) > by);
    if exact_differs || shared_differs {
        eprintln!("{path:?}: {before:#?} and {after:#?} do not subtract to {window:#?}");
    }
    exact_differs || shared_differs
}

fn measures(profile: &Profile, path: &Path) -> Measures {
    by_path(profile).get(path).copied().unwrap_or_default()
}

/// Counts and sums, as they are shown.
fn sums(m: &Measures) -> [u64; 8] {
    let times = [m.wall_nanos, m.await_nanos, m.busy_nanos, m.entered_nanos, m.latency_nanos];
    let [wall, awaited, busy, entered, latency] = times;
    [m.calls, m.started, m.enters, wall, awaited, busy, entered, latency]
}

proptest! {
    #![proptest_config(random::config(4))]

    #[test]
    fn nothing_falls_from_one_snapshot_to_the_next(program in programs()) {
        for pair in driver::run(&program).windows(2) {
            for (path, before) in by_path(&pair[0]) {
                let after = sums(&measures(&pair[1], &path));
                let fallen = sums(&before).into_iter().zip(after).any(|(before, after)| before > after);
                prop_assert!(!fallen, "{path:?} had {before:?}, and then {after:?}: {program}");
            }
            prop_assert!(pair[0].covered_nanos() <= pair[1].covered_nanos());
        }
    }

    #[test]
    fn following_operations_by_themselves_changes_no_node(program in programs()) {
        judge::followed(&program).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn under_a_filter_around_the_layer_every_span_is_counted_once(program in programs()) {
        let program = around(program);
        let (profile, _) = driver::run_by_the_machines_clock(&program);
        prop_assert_eq!(profile.spans(), program.recorded_spans(), "{}", program);
        prop_assert_eq!(profile.anomalies().lost, 0, "{}", program);
    }

    #[test]
    fn the_self_weights_of_an_operation_sum_to_its_life(program in programs()) {
        judge::lives(&program).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn where_spans_nest_on_one_thread_wall_is_busy_to_the_tick(program in random::nested_programs()) {
        for profile in driver::run(&program) {
            for (path, node) in by_path(&profile) {
                prop_assert_eq!(node.wall_nanos, node.busy_nanos, "{:?} in {}", path, program);
                prop_assert_eq!(node.await_nanos, 0, "{:?} in {}", path, program);
            }
        }
        judged(&program)?;
    }

    #[test]
    fn the_window_between_two_marks_is_what_their_snapshots_subtract_to(program in programs()) {
        let (profiles, windows) = driver::run_in_windows(&program);
        prop_assert_eq!(windows.len() + 1, profiles.len());
        let by = window_tolerance(&program);
        for (pair, window) in profiles.windows(2).zip(&windows) {
            for path in by_path(&pair[1]).keys().chain(by_path(window).keys()) {
                let three = [&pair[0], &pair[1], window].map(|profile| measures(profile, path));
                prop_assert!(!differs_from_window(path, three, by), "{}", program);
            }
        }
    }

    #[test]
    fn a_snapshot_and_the_window_after_it_add_up_to_the_next(program in programs()) {
        let (profiles, windows) = driver::run_in_windows(&program);
        prop_assert_eq!(windows.len() + 1, profiles.len());
        let by = window_tolerance(&program);
        for (pair, window) in profiles.windows(2).zip(&windows) {
            let mut sum = pair[0].clone();
            sum.merge(window);
            for path in by_path(&pair[1]).keys().chain(by_path(&sum).keys()) {
                let [after, sum] = [&pair[1], &sum].map(|profile| measures(profile, path));
                let three = [Measures::default(), after, sum];
                prop_assert!(!differs_from_window(path, three, by), "{}", program);
            }
        }
    }

    #[test]
    fn two_snapshots_subtract_to_the_window_between_them((snapshots, window) in random::windows()) {
        let profiles = driver::run(&snapshots);
        let recorded = driver::run(&window).pop().expect("a snapshot at the end");
        let [before, after] = [&profiles[0], &profiles[1]];
        let by = window_tolerance(&snapshots);
        for path in by_path(after).keys().chain(by_path(&recorded).keys()) {
            let three = [before, after, &recorded].map(|profile| measures(profile, path));
            prop_assert!(!differs_from_window(path, three, by), "{}", snapshots);
        }
    }
}
