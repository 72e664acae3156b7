//! `flame diff` by what threads did in their spans.

use tracing_flame_layer::{
    Profile,
    profile::{Measures, StateSource, States},
};

use super::support::{Desk, Ran, took};
use flame_oracle::formats::sample;

/// 100 blocks, each with these microseconds on a CPU, waiting for one, and asleep.
fn blocks([on_cpu, runnable, blocked]: [u64; 3]) -> Profile {
    let mut profile = without_states(on_cpu + runnable + blocked);
    let nanos = |micros: u64| 100 * micros * 1_000;
    let states = made!(States {
        runnable_nanos: nanos(runnable),
        blocked_nanos: nanos(blocked),
        ..States::default()
    });
    let block = profile.node(profile.named_operations()[0]);
    let measures = made!(Measures { wall_states: states, busy_states: states, ..block.measures });
    profile = Profile::new(profile.window());
    let block = profile.push(None, block.frame, measures);
    profile.name_operation(block);
    profile.set_states(StateSource::Exact);
    profile
}

fn without_states(micros: u64) -> Profile {
    let mut profile = Profile::new(sample::window(std::time::Duration::from_secs(1)));
    let block =
        profile.push(None, sample::span("block", "node", 1), took(100, 100 * micros * 1_000));
    profile.name_operation(block);
    profile
}

fn compare(before: &Profile, after: &Profile, flags: &str) -> Ran {
    let desk = Desk::new();
    desk.put_profile("before.json", before).put_profile("after.json", after);
    desk.run(&format!("diff before.json after.json {flags}"))
}

/// The numbers behind a row's name, blanks between them made one.
fn row(out: &str, part: &str, name: &str) -> String {
    let (_, rows) = out.split_once(&format!("  {part}\n")).expect(out);
    let row = rows.lines().find(|row| row.ends_with(&format!("  {name}"))).expect(rows);
    row.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_changed_is_told_by_state() {
    let ran = compare(&blocks([500, 0, 200]), &blocks([500, 900, 100]), "");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let own = |name| row(&ran.out, "self time", name);
    assert_eq!(own("block;[runnable]"), "+900.0 µs new 129% 0 900.0 µs block;[runnable]");
    assert!(own("block;[blocked]").starts_with("-100.0 µs -50.0% "), "{}", ran.out);
    let all = |name| row(&ran.out, "all time, by what threads did in it", name);
    assert_eq!(all("on CPU"), "0 0% 0% 50.00 ms 50.00 ms on CPU");
    assert_eq!(all("[runnable]"), "+90.00 ms new 129% 0 90.00 ms [runnable]");
    assert!(all("[blocked]").starts_with("-10.00 ms -50.0% "), "{}", ran.out);
}

#[test]
fn a_gate_on_cpu_time_does_not_fall_over_a_busy_machine() {
    let (quiet, busy) = (blocks([500, 0, 200]), blocks([500, 900, 400]));
    let ran = compare(&quiet, &busy, "--fail-above 5%");
    assert_eq!(ran.code, 1, "{}", ran.out);
    let ran = compare(&quiet, &busy, "--fail-above 5% --on-cpu");
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("\nonly time on a CPU counts\n"), "{}", ran.out);
    assert!(ran.out.contains("\nnothing changed\n"), "{}", ran.out);
    let slower = blocks([530, 0, 0]);
    let ran = compare(&quiet, &slower, "--fail-above 5% --on-cpu");
    assert_eq!(ran.code, 1, "less in all, and more on a CPU: {}", ran.out);
    assert_eq!(compare(&quiet, &slower, "--fail-above 5%").code, 0);
}

/// Two threads that compute side by side, each half of an instant by wall; where one has to
/// wait for the other they are no longer beside one another.
#[test]
fn time_on_a_cpu_is_that_of_threads_unless_a_weight_is_given() {
    let profile = |wall, wall_runnable, busy, busy_runnable| {
        let states = |runnable_nanos| made!(States { runnable_nanos, ..States::default() });
        let mut profile = Profile::new(sample::window(std::time::Duration::from_secs(1)));
        let measures = made!(Measures {
            busy_nanos: busy,
            wall_states: states(wall_runnable),
            busy_states: states(busy_runnable),
            ..took(1, wall)
        });
        profile.push(None, sample::span("chunk", "node", 1), measures);
        profile.set_states(StateSource::Exact);
        profile
    };
    let (quiet, busy) = (profile(1_000, 0, 2_000, 0), profile(2_000, 400, 4_000, 2_000));
    let ran = compare(&quiet, &busy, "--fail-above 0% --on-cpu");
    assert_eq!(ran.code, 0, "{}", ran.out);
    let ran = compare(&quiet, &busy, "--fail-above 0% --on-cpu --weight wall");
    assert_eq!(ran.code, 1, "{}", ran.out);
}

#[test]
fn a_state_is_no_frame_that_fails_a_gate_by_itself() {
    let ran = compare(&blocks([500, 20, 0]), &blocks([500, 0, 21]), "--fail-above 5%");
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn runs_of_which_one_has_no_states_are_compared_whole() {
    let mut none = without_states(700);
    let ran = compare(&blocks([500, 0, 200]), &none, "--fail-above 0%");
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("\nnothing changed\n"), "{}", ran.out);
    let why = "`after.json` does not say what threads did; the runs are compared without it";
    assert!(ran.err.contains(why), "{}", ran.err);
    none.set_states(StateSource::None("no counters".into()));
    let ran = compare(&blocks([500, 0, 200]), &none, "--on-cpu");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let why = "`after.json` does not say what threads did (states: none, no counters), so \
               `--on-cpu` has nothing to compare";
    assert!(ran.err.contains(why), "{}", ran.err);
}

#[test]
fn folded_stacks_are_compared_by_state_too() {
    let desk = Desk::new();
    desk.put("a.folded", "a 5\na;[runnable] 50\n").put("b.folded", "a 5\na;[blocked] 9\n");
    assert_eq!(desk.run("diff a.folded b.folded --on-cpu --fail-above 0%").code, 0);
    desk.put("perf.folded", "a 5\na;[unknown] 50\n").put("other.folded", "a 5\na;[unknown] 90\n");
    let ran = desk.run("diff perf.folded other.folded --fail-above 5%");
    assert_eq!(ran.code, 1, "a function like any other: {}", ran.out);
    assert!(!ran.out.contains("threads did"), "{}", ran.out);
    assert_eq!(desk.run("diff perf.folded other.folded --on-cpu").code, 2);
}
