//! Random programs: lists of instructions that mean something in any order.
//!
//! An instruction names a span by a number, which is taken modulo the spans that
//! would do at that moment, latest first; where none would do it does nothing
//! but let its time pass. So every list is a program, and so is every part of
//! one: failures shrink by leaving instructions out.

use proptest::{collection::vec, prelude::*, sample::select};

use crate::oracle::{Event, Parent, Program, Registry, SpanKey, Step};

/// The variable that says how many random programs each property runs.
const CASES: &str = "FLAME_SEMANTICS_CASES";
const DEFAULT_CASES: u32 = 3_000;

const NAMES: [&str; 16] = [
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "idle_a",
    "op_a",
    "skip_a",
    "filtered_a",
    "idle_b",
    "op_b",
    "skip_b",
    "filtered_b",
    "idle_op",
    "skip_op",
];
const MOST_SPANS: usize = 30;
const THREADS: usize = 4;

/// One `part`-th of the cases the environment asks for.
pub(crate) fn config(part: u32) -> ProptestConfig {
    let cases = std::env::var(CASES).ok().map_or(DEFAULT_CASES, |cases| {
        cases.parse().unwrap_or_else(|_| panic!("{CASES}={cases} is no number of cases"))
    });
    ProptestConfig { cases: (cases / part).max(1), failure_persistence: None, ..Default::default() }
}

/// Programs that do everything a program can do wrong or right.
pub(crate) fn programs() -> impl Strategy<Value = Program> {
    let names = select(vec![6, 9, NAMES.len(), NAMES.len()]);
    (names, 1..=THREADS, any::<bool>(), any::<bool>(), vec(instruction(), 1..80)).prop_map(
        |(names, threads, filter, paused, instructions)| {
            let mut program = marked(filter);
            // Most programs record from the start.
            program.paused = paused && instructions.len() % 4 == 0;
            interpret(program, &NAMES[..names], threads, &instructions)
        },
    )
}

fn marked(filter: bool) -> Program {
    let program = Program::default()
        .idle(&["idle_a", "idle_b", "idle_op"])
        .operations(&["op_a", "op_b", "idle_op", "skip_op"])
        .skip(&["skip_a", "skip_b", "skip_op"]);
    if filter { program.filtered(&["filtered_a", "filtered_b"]) } else { program }
}

#[derive(Clone, Debug)]
struct Instruction {
    wait: u64,
    thread: usize,
    action: Action,
}

#[derive(Clone, Debug)]
enum Action {
    New {
        name: usize,
        parent: NewParent,
        enter: bool,
    },
    Clone(usize),
    /// A handle of a span that no thread has entered.
    DropUnentered(usize),
    /// Any handle, so that spans close while they are entered.
    DropAny(usize),
    Enter(usize),
    ExitInnermost,
    /// Any span of the thread's stack, so that guards go out of order.
    ExitFromStack(usize),
    /// Any span, so that most were never entered on this thread.
    ExitAny(usize),
    /// Exits the innermost span and drops a handle of it.
    Close,
    ThreadEnd,
    Start,
    Stop,
    Snapshot,
}

#[derive(Clone, Debug)]
enum NewParent {
    Current,
    Root,
    Of(usize),
}

fn instruction() -> impl Strategy<Value = Instruction> {
    (waits(), 0..THREADS, action()).prop_map(|(wait, thread, action)| Instruction {
        wait,
        thread,
        action,
    })
}

/// Any span, the latest ones more often.
fn pick() -> impl Strategy<Value = usize> + Clone {
    prop_oneof![2 => 0..3_usize, 1 => 0..MOST_SPANS]
}

fn waits() -> impl Strategy<Value = u64> {
    prop_oneof![3 => Just(0), 1 => 1..5_u64, 8 => 1..100_000_u64, 1 => 1..10_000_000_000_u64]
}

fn action() -> impl Strategy<Value = Action> {
    let pick = pick();
    prop_oneof![
        12 => (0..NAMES.len(), new_parent(), any::<bool>())
            .prop_map(|(name, parent, enter)| Action::New { name, parent, enter }),
        16 => pick.clone().prop_map(Action::Enter),
        12 => Just(Action::ExitInnermost),
        3 => pick.clone().prop_map(Action::ExitFromStack),
        1 => pick.clone().prop_map(Action::ExitAny),
        6 => Just(Action::Close),
        4 => pick.clone().prop_map(Action::DropUnentered),
        1 => pick.clone().prop_map(Action::DropAny),
        1 => pick.prop_map(Action::Clone),
        2 => Just(Action::ThreadEnd),
        1 => Just(Action::Start),
        1 => Just(Action::Stop),
        2 => Just(Action::Snapshot),
    ]
}

fn new_parent() -> impl Strategy<Value = NewParent> {
    prop_oneof![
        4 => Just(NewParent::Current),
        4 => pick().prop_map(NewParent::Of),
        1 => Just(NewParent::Root),
    ]
}

fn interpret(
    program: Program,
    names: &[&str],
    threads: usize,
    instructions: &[Instruction],
) -> Program {
    let mut writer = Writer { program, registry: Registry::default(), stacks: Default::default() };
    let mut now = 0;
    for instruction in instructions {
        now += instruction.wait;
        let thread = instruction.thread % threads;
        for event in writer.events(thread, &instruction.action, names) {
            writer.write(now, thread, event);
        }
    }
    writer.write(now, 0, Event::Snapshot);
    writer.program
}

/// Writes a program down, and knows which spans are open meanwhile.
struct Writer {
    program: Program,
    registry: Registry,
    stacks: [Vec<SpanKey>; THREADS],
}

impl Writer {
    fn events(&self, thread: usize, action: &Action, names: &[&str]) -> Vec<Event> {
        let stack = || self.stacks[thread].iter().copied().filter(|span| self.is_open(*span));
        match action {
            Action::New { name, parent, enter } => {
                self.new_span(names[name % names.len()], parent, *enter)
            }
            Action::Clone(pick) => one(self.pick_held(*pick).map(Event::Clone)),
            Action::DropUnentered(pick) => one(self.pick_unentered(*pick).map(Event::Drop)),
            Action::DropAny(pick) => one(self.pick_held(*pick).map(Event::Drop)),
            Action::Enter(pick) => one(self.pick_held(*pick).map(Event::Enter)),
            Action::ExitInnermost => one(stack().next_back().map(Event::Exit)),
            Action::ExitFromStack(pick) => one(latest(stack().collect(), *pick).map(Event::Exit)),
            Action::ExitAny(pick) => one(self.pick_open(*pick).map(Event::Exit)),
            Action::Close => {
                let span = stack().rfind(|span| self.registry.handles(*span) > 0);
                span.map_or(Vec::new(), |span| vec![Event::Exit(span), Event::Drop(span)])
            }
            Action::ThreadEnd => vec![Event::ThreadEnd],
            Action::Start => vec![Event::Start],
            Action::Stop => vec![Event::Stop],
            Action::Snapshot => vec![Event::Snapshot],
        }
    }

    fn new_span(&self, name: &str, parent: &NewParent, enter: bool) -> Vec<Event> {
        let key = self.registry.len();
        if key == MOST_SPANS {
            return Vec::new();
        }
        let parent = match parent {
            NewParent::Current => Parent::Current,
            NewParent::Root => Parent::Root,
            NewParent::Of(pick) => self.pick_open(*pick).map_or(Parent::Current, Parent::Of),
        };
        let create = Event::Create { name: name.to_owned(), parent };
        if enter { vec![create, Event::Enter(key)] } else { vec![create] }
    }

    fn pick_open(&self, pick: usize) -> Option<SpanKey> {
        latest((0..self.registry.len()).filter(|span| self.is_open(*span)).collect(), pick)
    }

    fn pick_unentered(&self, pick: usize) -> Option<SpanKey> {
        let entered = |span: &SpanKey| self.stacks.iter().any(|stack| stack.contains(span));
        let unentered = |span: &SpanKey| self.registry.handles(*span) > 0 && !entered(span);
        latest((0..self.registry.len()).filter(unentered).collect(), pick)
    }

    fn pick_held(&self, pick: usize) -> Option<SpanKey> {
        let held = |span: &SpanKey| self.registry.handles(*span) > 0;
        latest((0..self.registry.len()).filter(held).collect(), pick)
    }

    fn is_open(&self, span: SpanKey) -> bool {
        self.registry.is_open(span)
    }

    fn write(&mut self, at: u64, thread: usize, event: Event) {
        let stack = &mut self.stacks[thread];
        match &event {
            Event::Create { parent, .. } => {
                let parent = match parent {
                    Parent::Current => self.registry.current(thread),
                    Parent::Root => None,
                    Parent::Of(span) => Some(*span),
                };
                self.registry.create(parent);
            }
            Event::Clone(span) => self.registry.clone_handle(*span),
            Event::Drop(span) => drop(self.registry.drop_handle(*span)),
            Event::Enter(span) => {
                self.registry.enter(thread, *span);
                stack.push(*span);
            }
            Event::Exit(span) => {
                self.registry.exit(thread, *span);
                if let Some(place) = stack.iter().rposition(|entered| entered == span) {
                    stack.remove(place);
                }
            }
            Event::ThreadEnd => {
                self.registry.end_thread(thread);
                stack.clear();
            }
            Event::Start | Event::Stop | Event::Snapshot => {}
        }
        self.program.steps.push(Step { at, thread, event });
    }
}

fn one(event: Option<Event>) -> Vec<Event> {
    event.into_iter().collect()
}

/// The span that a number means among some, counted from the latest.
fn latest(spans: Vec<SpanKey>, pick: usize) -> Option<SpanKey> {
    let last = spans.len().checked_sub(1)?;
    Some(spans[last - pick % spans.len()])
}

/// Programs of spans that are entered once, when they are made, and dropped when
/// they are exited, on one thread.
pub(crate) fn nested_programs() -> impl Strategy<Value = Program> {
    let instruction = (0..50_u64, 0..6_usize, any::<bool>());
    vec(instruction, 1..80).prop_map(|instructions| {
        let mut program = Program::default();
        let mut open: Vec<SpanKey> = Vec::new();
        let (mut now, mut created) = (0, 0);
        for (wait, name, make) in instructions {
            now += wait;
            let events = if make {
                open.push(created);
                created += 1;
                let name = NAMES[name].to_owned();
                vec![Event::Create { name, parent: Parent::Current }, Event::Enter(created - 1)]
            } else {
                open.pop().map_or(Vec::new(), |span| vec![Event::Exit(span), Event::Drop(span)])
            };
            let steps = events.into_iter().map(|event| Step { at: now, thread: 0, event });
            program.steps.extend(steps);
        }
        program.steps.push(Step { at: now, thread: 0, event: Event::Snapshot });
        program
    })
}

/// A program with two snapshots, and the same with a start and a stop in their place.
pub(crate) fn windows() -> impl Strategy<Value = (Program, Program)> {
    (programs(), 0..70_usize, 0..70_usize).prop_map(|(program, one, other)| {
        let mut snapshots = program;
        snapshots.paused = false;
        snapshots.steps.retain(|step| !step.event.is_of_the_handle());
        let [first, second] = [one.min(other), one.max(other)]
            .map(|place| place.min(snapshots.steps.len().saturating_sub(1)));
        let at = |place: usize, event| {
            let (at, thread) =
                snapshots.steps.get(place).map_or((0, 0), |step| (step.at, step.thread));
            Step { at, thread, event }
        };
        let mut window = snapshots.clone().paused();
        window.steps.splice(second..second, [at(second, Event::Stop)]);
        window.steps.splice(first..first, [at(first, Event::Start)]);
        let last = window.steps.last().map_or(0, |step| step.at);
        window.steps.push(Step { at: last, thread: 0, event: Event::Snapshot });
        let snapshot = [first, second].map(|place| at(place, Event::Snapshot));
        let [one, other] = snapshot;
        snapshots.steps.splice(second..second, [other]);
        snapshots.steps.splice(first..first, [one]);
        (snapshots, window)
    })
}

#[test]
fn random_programs_reach_every_rule_and_every_trouble() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    let mut runner = TestRunner::deterministic();
    let programs = (0..400).map(|_| programs().new_tree(&mut runner).expect("no filter").current());
    let mut reached = std::collections::BTreeMap::<&str, u32>::new();
    for reading in programs.filter_map(|program| crate::oracle::replay(&program).pop()) {
        let nodes = || reading.nodes.values();
        let seen = [
            ("shares", reading.towers.values().any(|tower| tower.divided)),
            ("waits for another", reading.towers.values().any(|tower| tower.waited)),
            ("awaits", nodes().any(|node| node.awaited > crate::oracle::Exact::default())),
            ("unmatched exit", reading.troubles.unmatched_exits > 0),
            ("closed while entered", reading.troubles.closed_while_entered > 0),
            ("exited by thread end", reading.troubles.exited_by_thread_end > 0),
            ("deep", reading.nodes.keys().any(|path| path.len() > 4)),
        ];
        for (what, seen) in seen {
            *reached.entry(what).or_default() += u32::from(seen);
        }
    }
    let rare = reached.values().any(|programs| *programs < 20);
    assert!(!rare, "of 400 programs too few reach something: {reached:?}");
}
