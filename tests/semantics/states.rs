//! The states of frames against the oracle: the engine is told what the system would tell, and
//! the oracle knows what threads truly did.

use std::{collections::BTreeMap, fmt::Write};

use proptest::{collection::vec, prelude::*};
use tracing_flame_layer::{
    Profile,
    profile::{Measures, Operation, States},
};

use flame_oracle::{
    ByState, CALLS, Change, Event, GRACE, Glance, Looks, NodeStates, Parent, Path, Program,
    Reading, Schedule, State, StatesByPath, Step, TimedStates,
    driver::{
        compare, direct,
        judge::{WAYS, uninterrupted},
        recorded::{Asleep, asleep, by_path},
    },
    operations_alone, random, replay, states, states_in_time,
};

/// What a thread does between two of its steps, in parts of the time between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Absence {
    kind: u8,
    /// The call that it is asleep in, where it is in one.
    call: usize,
    parts: [u16; 3],
    /// When others look at it, the first so many.
    glances: [u16; 4],
    looked_at: usize,
}

pub(super) fn absences() -> impl Strategy<Value = Vec<Absence>> {
    let absence = (0..6_u8, 0..CALLS, any::<[u16; 3]>(), any::<[u16; 4]>(), 0..5_usize);
    let absence = absence.prop_map(|(kind, call, parts, glances, looked_at)| Absence {
        kind,
        call,
        parts,
        glances,
        looked_at,
    });
    vec(absence, 1..24)
}

/// Has threads leave their CPUs between their steps, and others look at them meanwhile.
pub(super) fn schedule(program: &Program, absences: &[Absence]) -> Schedule {
    let mut schedule = Schedule::default();
    let mut absences = absences.iter().copied().cycle();
    let end = program.steps.last().map_or(0, |step| step.at);
    for (place, step) in program.steps.iter().enumerate() {
        if step.event.is_of_the_handle() {
            continue;
        }
        let is_own = |other: &&Step| other.thread == step.thread && !other.event.is_of_the_handle();
        let next = program.steps[place + 1..].iter().find(is_own).map(|next| next.at);
        let absence = absences.next().expect("some");
        if step.event != Event::ThreadEnd {
            leave(&mut schedule, step.thread, (step.at, next, end), absence);
        }
    }
    schedule.changes.sort_by_key(|change| change.at);
    schedule.glances.sort_by_key(|glance| glance.at);
    schedule
}

/// Has a thread leave its CPU after an instant, and be back at its next step.
fn leave(
    schedule: &mut Schedule,
    thread: usize,
    (after, next, end): (u64, Option<u64>, u64),
    absence: Absence,
) {
    let until = next.unwrap_or(end);
    if until <= after {
        return;
    }
    let at = |part| after + 1 + (until - after - 1) * u64::from(part) / u64::from(u16::MAX);
    let mut parts = absence.parts;
    parts.sort_unstable();
    let [first, second, third] = parts.map(at);
    let glances = absence.glances.into_iter().take(absence.looked_at);
    schedule.glances.extend(glances.map(|part| Glance { at: at(part), thread }));
    let mut change = |at, state| schedule.changes.push(Change { at, thread, state });
    let blocked = State::Blocked(absence.call);
    match absence.kind {
        0 | 1 | 5 => {
            let asleep = if absence.kind == 5 { State::Faulted } else { blocked };
            change(first, asleep);
            change(second, State::Runnable);
            change(third, State::OnCpu);
        }
        2 => {
            change(first, State::Runnable);
            change(second, State::OnCpu);
        }
        // It does not come back where it has nothing more to do.
        3 if next.is_none() => change(first, blocked),
        4 if next.is_none() => {
            change(first, blocked);
            change(second, State::Runnable);
        }
        _ => {}
    }
}

fn judge(program: &Program, schedule: &Schedule, looks: Looks) -> Result<(), String> {
    let (measures, told) = (replay(program), states(program, schedule, looks));
    for chains in WAYS {
        let profiles = direct::run_scheduled(program, (schedule, looks), chains);
        assert_eq!(profiles.len(), told.len(), "a profile for each snapshot");
        for (number, profile) in profiles.iter().enumerate() {
            let mut text = compare::differences(&measures[number], profile);
            text += &differences(&told[number].states, &measures[number], profile);
            if !text.is_empty() {
                return Err(format!(
                    "{chains:?}, snapshot {number}, {looks:?}:\n{text}\n{program}\n{schedule:?}"
                ));
            }
        }
    }
    Ok(())
}

fn differences(expected: &StatesByPath, reading: &Reading, profile: &Profile) -> String {
    let (recorded, asleep) = (by_path(profile), asleep(profile));
    let mut text = String::new();
    for (path, measures) in &recorded {
        let expected = expected.get(path).copied().unwrap_or_default();
        node_differences(
            &mut text,
            path,
            &expected,
            (measures, asleep.get(path).copied().unwrap_or_default()),
            tolerance(reading, path, expected.tellings),
        );
    }
    let missing = expected.iter().filter(|(path, _)| !recorded.contains_key(*path));
    for (path, expected) in missing.filter(|(_, node)| **node != NodeStates::default()) {
        if expected.busy != ByState::<u64>::default() {
            writeln!(text, "{}: not recorded", path.join(";")).expect("a string");
        }
    }
    text
}

/// Nanoseconds by which a part of a weight may be off: by as many as the weight itself, by what
/// rounding it takes, and by 1/64 for each time that it was split. None as long as threads
/// always had the whole of what they were told of.
fn tolerance(reading: &Reading, path: &Path, tellings: u64) -> f64 {
    let tower = path.first().and_then(|root| reading.towers.get(root));
    let Some(tower) = tower.filter(|tower| tower.divided || tower.waited) else { return 0.01 };
    let weights = if tower.divided { tower.switches } else { 0 };
    weights as f64 + 0.51 + tellings as f64 / 64.0
}

fn node_differences(
    text: &mut String,
    path: &Path,
    expected: &NodeStates,
    (actual, asleep): (&Measures, Asleep),
    tolerance: f64,
) {
    let path = path.join(";");
    let busy = by_state(actual.busy_states, asleep.busy);
    if busy != expected.busy {
        writeln!(text, "{path}: busy by state is {busy:?}, not {:?}", expected.busy)
            .expect("a string");
    }
    let wall = by_state(actual.wall_states, asleep.wall);
    let is_off = |(actual, expected): (&u64, &f64)| (*actual as f64 - expected).abs() > tolerance;
    if wall.iter().zip(&expected.wall).any(is_off) {
        writeln!(text, "{path}: wall by state is {wall:?}, not {:?} ± {tolerance}", expected.wall)
            .expect("a string");
    }
    for (of, states) in
        [(actual.wall_nanos, actual.wall_states), (actual.busy_nanos, actual.busy_states)]
    {
        if states.off_nanos() > of {
            writeln!(text, "{path}: {states:?} is more than {of}").expect("a string");
        }
    }
}

/// Times by state, and by what threads were asleep for, which makes up the kinds of that.
fn by_state(states: States, asleep: [u64; CALLS]) -> ByState<u64> {
    let States {
        runnable_nanos,
        blocked_nanos,
        fault_nanos,
        disk_nanos,
        lock_nanos,
        net_nanos,
        timer_nanos,
        off_cpu_nanos,
        unknown_nanos,
        ..
    } = states;
    let all = [runnable_nanos, blocked_nanos, off_cpu_nanos, unknown_nanos];
    assert_eq!(states.off_nanos(), all.iter().sum::<u64>(), "{states:?}");
    let [futex, sync, pipe] = asleep;
    assert_eq!((lock_nanos, disk_nanos, net_nanos, timer_nanos), (futex, sync, 0, 0));
    [runnable_nanos, blocked_nanos, off_cpu_nanos, unknown_nanos, fault_nanos, futex, sync, pipe]
}

pub(super) fn looks() -> impl Strategy<Value = Looks> {
    prop_oneof![
        2 => Just(Looks::AtSwitches { bare: 0 }),
        1 => (2..5_u64).prop_map(|bare| Looks::AtSwitches { bare }),
        1 => (1..5_u64, 0..3_u64).prop_map(|(read, dark)| Looks::AtChanges { read, dark }),
    ]
}

proptest! {
    #![proptest_config(random::config_of_many())]

    #[test]
    fn states_are_what_threads_truly_did_as_far_as_readings_tell(
        program in prop_oneof![
            4 => random::programs(),
            2 => random::side_by_side_programs(),
            1 => random::nested_programs(),
        ],
        absences in absences(),
        looks in looks(),
    ) {
        let program = uninterrupted(program);
        let schedule = schedule(&program, &absences);
        judge(&program, &schedule, looks).map_err(TestCaseError::fail)?;
    }
}

/// What is known of times in states by the kinds of what threads were asleep for: of what is
/// no kind nothing is.
fn by_kind(states: States) -> ByState<u64> {
    by_state(states, [states.lock_nanos, states.disk_nanos, 0])
}

/// What of times in states kinds tell.
fn seen(told: ByState<u64>) -> ByState<u64> {
    let [kinds @ .., _] = told;
    let mut seen = ByState::default();
    seen[..kinds.len()].copy_from_slice(&kinds);
    seen
}

/// The absences of an operation's threads, its life having begun then, in some order.
fn absences_of(operation: &Operation, begun: u64) -> Vec<TimedStates> {
    let all = operation.chart().absences.iter();
    all.map(|it| (begun + it.from_nanos, begun + it.to_nanos, by_kind(it.states))).collect()
}

/// What can be compared of them: those in order of which something is known; and of the others,
/// how many more begin at each moment than end there. In how many pieces a time is told of which
/// nothing is known says nothing.
fn comparable(told: Vec<TimedStates>) -> (Vec<TimedStates>, BTreeMap<u64, i64>) {
    let is_unknown =
        |(from, to, states): &TimedStates| states[..] == [0, 0, 0, to - from, 0, 0, 0, 0];
    let (unknown, mut known): (Vec<_>, Vec<_>) = told.into_iter().partition(is_unknown);
    known.sort_unstable();
    let mut edges = BTreeMap::new();
    for (from, to, _) in unknown {
        *edges.entry(from).or_default() += 1;
        *edges.entry(to).or_default() -= 1;
    }
    edges.retain(|_, count| *count != 0);
    (known, edges)
}

fn judge_absences(program: &Program, schedule: &Schedule, looks: Looks) -> Result<(), String> {
    let mut all = states_in_time(program, schedule, looks);
    let (expected, actual) =
        (operations_alone(program), direct::run_scheduled_alone(program, (schedule, looks)));
    assert_eq!(expected.len(), actual.len(), "{program}");
    for (alone, operation) in expected.iter().zip(&actual) {
        let expected = all.remove(&alone.key).unwrap_or_default().into_iter();
        let expected =
            comparable(expected.map(|(from, to, told)| (from, to, seen(told))).collect());
        let actual = comparable(absences_of(operation, alone.life.0));
        if expected != actual {
            return Err(format!(
                "{:?}: {actual:?}, not {expected:?}\n{program}\n{schedule:?} {looks:?}",
                alone.root
            ));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(random::config(1))]

    #[test]
    fn what_threads_did_in_an_operation_by_itself_is_in_the_order_of_time(
        program in prop_oneof![random::programs(), random::nested_programs()],
        absences in absences(),
        looks in looks(),
    ) {
        let mut program = uninterrupted(program);
        program.marks.fields.clear();
        let schedule = schedule(&program, &absences);
        judge_absences(&program, &schedule, looks).map_err(TestCaseError::fail)?;
    }
}

/// A thread that is read at a snapshot is in the operation of a span that was held until a
/// moment before.
#[test]
fn what_was_held_goes_on_before_anything_is_told_of_threads() {
    let create = |name: &str, parent| Event::Create { name: name.to_owned(), parent };
    let begin = [
        (0, create("idle_a", Parent::Current)),
        (0, create("a", Parent::Of(0))),
        (1, Event::Enter(1)),
        (1, Event::ThreadEnd),
        (1, create("detached_a", Parent::Of(1))),
        (0, Event::Enter(2)),
        (1, Event::Enter(0)),
        (0, Event::Exit(2)),
        (0, Event::Drop(2)),
    ];
    let steps = begin.into_iter().map(|(thread, event)| Step { at: 0, thread, event });
    let end = Step { at: GRACE + 1, thread: 0, event: Event::Snapshot };
    let program = Program { steps: steps.chain([end]).collect(), ..Program::default() };
    let program = program.idle(&["idle_a"]).detached(&["detached_a"]);
    judge(&program, &Schedule::default(), Looks::AtSwitches { bare: 0 })
        .unwrap_or_else(|why| panic!("{why}"));
    judge(&program, &Schedule::default(), Looks::AtChanges { read: 1, dark: 1 })
        .unwrap_or_else(|why| panic!("{why}"));
}
