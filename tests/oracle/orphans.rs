//! Operations that are most likely parts of another, by looking back from the end of each stay
//! at all that came to life in it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Event, Parent, Path, SpanKey, Step, World, rules,
    states::{BLOCKED, ByState, FAULTED},
};

/// How many there were, by the path of their root and the one in which another waited.
pub type OrphansByPath = BTreeMap<(Path, Path), u64>;

#[derive(Default)]
pub(super) struct Orphans {
    /// Of each span that was created, whether a parent was given, or none.
    given: Vec<bool>,
    lives: Vec<Life>,
    /// The operation that came to life while no other lived, and the thread on which it did.
    outer: Option<(SpanKey, usize)>,
    stays: BTreeMap<usize, Stay>,
    pub(super) counted: OrphansByPath,
}

/// An operation that came to life.
struct Life {
    operation: SpanKey,
    began: u64,
    ended: Option<u64>,
    /// What it fell into.
    fell: Option<Place>,
}

/// A thread's stay in a frame: which thread, in what, and since when.
type Place = (usize, Path, u64);

/// What a thread did in the frame that it is in, or since its latest reading of itself.
#[derive(Default)]
struct Stay {
    since: u64,
    blocked: u64,
    on_cpu: u64,
}

/// What there was before a step.
pub(super) struct Before {
    living: BTreeSet<SpanKey>,
    is_within: bool,
}

impl Before {
    pub(super) fn of(world: &World, thread: usize) -> Self {
        Self { living: living(world), is_within: innermost(world, thread).is_some() }
    }
}

fn living(world: &World) -> BTreeSet<SpanKey> {
    rules::operations(world).filter(|operation| rules::lives(world, *operation)).collect()
}

fn innermost(world: &World, thread: usize) -> Option<SpanKey> {
    let mut stacks = world.stacks_by_thread();
    stacks.find(|(other, _)| *other == thread).and_then(|(_, stack)| stack.last().copied())
}

impl Orphans {
    /// A thread changes frames, or nothing is known of it up to now.
    pub(super) fn begin_stay(&mut self, thread: usize, now: u64) {
        self.stays.insert(thread, Stay { since: now, ..Stay::default() });
    }

    /// A thread is told what it did for so long in its frame.
    pub(super) fn told(&mut self, thread: usize, nanos: u64, states: &ByState<u64>) {
        let stay = self.stays.entry(thread).or_default();
        stay.blocked += states[BLOCKED];
        stay.on_cpu += nanos.saturating_sub(states[..FAULTED].iter().sum());
    }

    /// A thread has read its counters itself.
    pub(super) fn end_stay(&mut self, world: &World, thread: usize, now: u64) {
        if let Some(place) = self.place(world, thread) {
            self.judge(world, &place);
        }
        self.lives.iter_mut().filter(|life| life.is_of(thread)).for_each(|life| life.fell = None);
        self.begin_stay(thread, now);
    }

    fn judge(&mut self, world: &World, place: &Place) {
        let Stay { blocked, on_cpu, .. } = self.stays[&place.0];
        let fallen = || self.lives.iter().filter(|life| life.fell.as_ref() == Some(place));
        let all_ended = fallen().all(|life| life.ended.is_some());
        if all_ended && blocked > on_cpu && covered(fallen()) * 4 >= blocked * 3 {
            let roots: Vec<Path> = fallen().map(|life| world.path(life.operation)).collect();
            for root in roots {
                *self.counted.entry((root, place.1.clone())).or_default() += 1;
            }
        }
    }

    /// A step has happened.
    pub(super) fn happened(&mut self, world: &World, step: &Step, before: &Before) {
        if let Event::Create { parent, .. } = step.event {
            self.given.push(parent != Parent::Current);
        }
        let living = living(world);
        for operation in living.difference(&before.living) {
            let fell = self.falls_into(world, *operation).filter(|_| !before.is_within);
            let (began, ended) = (step.at, None);
            self.lives.push(Life { operation: *operation, began, ended, fell });
            if before.living.is_empty() {
                self.outer = Some((*operation, step.thread));
            }
        }
        for ended in before.living.difference(&living) {
            let is_it = |life: &&mut Life| life.operation == *ended && life.ended.is_none();
            self.lives.iter_mut().filter(is_it).for_each(|life| life.ended = Some(step.at));
            self.outer = self.outer.filter(|(outer, _)| outer != ended);
        }
        if step.event == Event::ThreadEnd {
            self.outer = self.outer.filter(|(_, thread)| *thread != step.thread);
        }
    }

    /// The stay that an operation falls into which comes to life.
    fn falls_into(&self, world: &World, operation: SpanKey) -> Option<Place> {
        let (outer, thread) = self.outer?;
        let span = world.span(innermost(world, thread)?);
        let is_below = span.operation == outer && span.parent.is_some() && !span.idle;
        let is_outer = |span: &SpanKey| world.span(*span).operation == outer;
        let mut others = world.stacks_by_thread().filter(|(other, _)| *other != thread);
        let is_alone = !others.any(|(_, stack)| stack.iter().any(is_outer));
        let is_lone = !self.given[operation] && !world.is_named(operation);
        if is_below && is_alone && is_lone { self.place(world, thread) } else { None }
    }

    fn place(&self, world: &World, thread: usize) -> Option<Place> {
        let path = world.path(innermost(world, thread)?);
        Some((thread, path, self.stays.get(&thread)?.since))
    }
}

impl Life {
    fn is_of(&self, thread: usize) -> bool {
        self.fell.as_ref().is_some_and(|(other, ..)| *other == thread)
    }
}

/// For how long any of these lived.
fn covered<'l>(lives: impl Iterator<Item = &'l Life>) -> u64 {
    let mut stretches: Vec<(u64, u64)> =
        lives.filter_map(|life| Some((life.began, life.ended?))).collect();
    stretches.sort_unstable();
    let (mut covered, mut until) = (0, 0);
    for (began, ended) in stretches {
        covered += ended.saturating_sub(began.max(until));
        until = until.max(ended);
    }
    covered
}
