//! Random programs of particular shapes.

use proptest::{collection::vec, prelude::*};

use super::{NAMES, detaching_programs, programs};
use crate::{Event, FilterPlace, Parent, Program, SpanKey, Step};

/// Programs of spans that are entered once, when they are made, and dropped when
/// they are exited, on one thread.
pub fn nested_programs() -> impl Strategy<Value = Program> {
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

/// Threads of one operation, each mostly below a part of it that it alone has
/// entered; now and then one looks in at another's, does what is no part of the
/// operation, or ends, or a snapshot is taken.
pub fn side_by_side_programs() -> impl Strategy<Value = Program> {
    let instruction = (0..50_u64, 0..THREADS, 0..SIDE_BY_SIDE.len(), 0..44_u32);
    vec(instruction, 20..120).prop_map(|instructions| {
        let mut work = Work::begin();
        for (wait, thread, name, what) in instructions {
            work.now += wait;
            match what {
                0 => work.push(thread, Event::Snapshot),
                1 => work.visit(thread, name % THREADS + 1),
                2 => work.visit(thread, work.latest(name % THREADS)),
                // What it is mostly not in.
                40 => work.push(thread, Event::Exit(work.latest(name % THREADS))),
                41 => work.drop_beside(thread, name % THREADS),
                42 => work.drop_beside(thread, thread),
                43 if name == 0 => work.end(thread),
                3..16 => work.go_up(thread, name),
                16..24 => work.go_down(thread, false),
                _ => work.go_down(thread, true),
            }
        }
        work.push(0, Event::Snapshot);
        work.program
    })
}

const THREADS: usize = 3;
/// Spans below a part.
const SIDE_BY_SIDE: [&str; 7] = ["a", "b", "c", "d", "e", "f", "filtered_a"];

/// A program of several threads in one operation. Span 0 is its root, the next are
/// the threads' parts.
struct Work {
    program: Program,
    now: u64,
    created: SpanKey,
    /// What each thread has entered below its part, and what it left parked there.
    stacks: [Vec<SpanKey>; THREADS],
    parked: [Option<SpanKey>; THREADS],
}

impl Work {
    fn begin() -> Self {
        let program = Program::default().filtered(&["filtered_a"]).filter(FilterPlace::Callsites);
        let stacks = Default::default();
        let mut work = Self { program, now: 0, created: 0, stacks, parked: [None; THREADS] };
        work.create(0, "request", Parent::Root);
        work.push(0, Event::Enter(0));
        for thread in 0..THREADS {
            let part = work.create(thread, "worker", Parent::Of(0));
            work.push(thread, Event::Enter(part));
            work.stacks[thread].push(part);
        }
        work
    }

    fn push(&mut self, thread: usize, event: Event) {
        self.program.steps.push(Step { at: self.now, thread, event });
    }

    fn create(&mut self, thread: usize, name: &str, parent: Parent) -> SpanKey {
        self.push(thread, Event::Create { name: name.to_owned(), parent });
        self.created += 1;
        self.created - 1
    }

    /// The innermost span that a thread is in.
    fn latest(&self, thread: usize) -> SpanKey {
        self.stacks[thread].last().copied().unwrap_or_default()
    }

    fn visit(&mut self, thread: usize, span: SpanKey) {
        self.push(thread, Event::Enter(span));
        self.now += 1;
        self.push(thread, Event::Exit(span));
    }

    /// Enters what is parked, or a new span.
    fn go_up(&mut self, thread: usize, name: usize) {
        let span = match self.parked[thread].take() {
            Some(parked) => parked,
            None => self.create(thread, SIDE_BY_SIDE[name], Parent::Current),
        };
        self.push(thread, Event::Enter(span));
        self.stacks[thread].push(span);
    }

    /// A thread drops what another one has parked, or is in.
    fn drop_beside(&mut self, thread: usize, of: usize) {
        let span = match self.parked[of].take() {
            Some(parked) => parked,
            None if self.stacks[of].len() > 1 => self.latest(of),
            None => return,
        };
        self.stacks[of].retain(|entered| *entered != span);
        self.push(thread, Event::Drop(span));
    }

    /// A thread ends, and goes on as another one.
    fn end(&mut self, thread: usize) {
        self.push(thread, Event::ThreadEnd);
        self.stacks[thread].clear();
    }

    /// Exits the innermost span but for the part, and drops it or parks it.
    fn go_down(&mut self, thread: usize, drop: bool) {
        if self.stacks[thread].len() < 2 {
            return;
        }
        let Some(span) = self.stacks[thread].pop() else { return };
        self.push(thread, Event::Exit(span));
        let before = if drop { Some(span) } else { self.parked[thread].replace(span) };
        if let Some(before) = before {
            self.push(thread, Event::Drop(before));
        }
    }
}

/// A program with two snapshots, and the same with a start and a stop in their place.
pub fn windows() -> impl Strategy<Value = (Program, Program)> {
    (prop_oneof![programs(), detaching_programs()], 0..70_usize, 0..70_usize).prop_map(
        |(program, one, other)| {
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
        },
    )
}
