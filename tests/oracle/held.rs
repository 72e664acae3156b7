//! What is held: spans that are open, it may be, for the sake of detached ones only; and
//! what is made of a wait that is tentative.

use std::collections::BTreeMap;

use super::{
    Program, SpanKey, Step,
    rules::{self, Holder},
    world::{Happening, World},
};

/// For so long a span stays held when nothing stands below it any more.
pub const GRACE: u64 = 10_000_000;

/// How a span is held.
#[derive(Clone, Copy, Debug)]
pub struct Hold {
    pub since: u64,
    /// Since when nothing stands below it, if nothing does.
    loose: Option<u64>,
}

impl World {
    /// Looks at every span whether it is held, those below first.
    pub(super) fn look_who_is_held(&mut self, now: u64) {
        for key in (0..self.spans.len()).rev() {
            self.spans[key].held = self.held_now(key, now);
        }
        let operations: Vec<SpanKey> = rules::operations(self).collect();
        for operation in operations {
            if rules::is_held(self, operation) {
                self.held.entry(operation).or_insert(now);
            } else {
                self.held.remove(&operation);
            }
        }
    }

    fn held_now(&self, key: SpanKey, now: u64) -> Option<Hold> {
        let span = self.span(key);
        if !span.recorded || !span.open || self.is_entered_anywhere(key) {
            return None;
        }
        let below = || self.spans().filter(|(_, span)| span.open && span.above == Some(key));
        if below().any(|(_, span)| !span.detached && span.held.is_none()) {
            return None;
        }
        if below().next().is_some() {
            let since = span.held.map_or(now, |hold| hold.since);
            return Some(Hold { since, loose: None });
        }
        let Hold { since, loose } = span.held?;
        let loose = loose.unwrap_or(now);
        (now < loose + GRACE).then_some(Hold { since, loose: Some(loose) })
    }

    /// When a span ceases to be held with nothing happening.
    fn next_release(&self) -> Option<u64> {
        let loose = self.spans().filter_map(|(_, span)| span.held?.loose);
        loose.min().map(|loose| loose + GRACE)
    }

    /// What is held, and who would get the time that is set aside.
    fn all_held(&self) -> AllHeld {
        let spans = self.spans().filter_map(|(key, span)| Some((key, span.held?.since)));
        let operations = self.held.iter().map(|(operation, since)| {
            (*operation, (*since, rules::holders_of_what_is_set_aside(self, *operation)))
        });
        AllHeld { spans: spans.collect(), operations: operations.collect() }
    }
}

struct AllHeld {
    spans: BTreeMap<SpanKey, u64>,
    operations: BTreeMap<SpanKey, (u64, Vec<Holder>)>,
}

/// What comes of what was held.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A span ended when it began to be held.
    SpanEnded(SpanKey, u64),
    SpanGoesOn(SpanKey),
    /// An operation ended when all of it began to be held.
    Ended(SpanKey, u64),
    /// It goes on, and what was set aside is these holders'.
    GoesOn(SpanKey, Vec<Holder>),
}

impl AllHeld {
    fn outcomes(self, world: &World) -> Vec<Outcome> {
        let spans = self.spans.into_iter().filter_map(|(key, since)| match world.span(key) {
            span if !span.open => Some(Outcome::SpanEnded(key, since)),
            span if span.held.is_none() => Some(Outcome::SpanGoesOn(key)),
            _ => None,
        });
        let operations = self.operations.into_iter();
        let operations = operations.filter_map(|(key, (since, holders))| {
            if rules::is_over(world, key) {
                Some(Outcome::Ended(key, since))
            } else {
                (!rules::is_held(world, key)).then_some(Outcome::GoesOn(key, holders))
            }
        });
        spans.chain(operations).collect()
    }
}

/// What is told of a program as it goes on.
pub trait Watcher {
    /// Time in which nothing changes.
    fn pass(&mut self, world: &World, nanos: u64);

    /// Something has happened, by a step or because spans were held for long enough.
    fn happened(
        &mut self,
        world: &World,
        step: Option<&Step>,
        happenings: &[Happening],
        outcomes: &[Outcome],
        now: u64,
    );
}

/// Lets a program happen.
pub fn watch(program: &Program, watcher: &mut impl Watcher) {
    let mut world = World::new(program.marks.clone());
    let mut now = 0;
    for step in &program.steps {
        while let Some(at) = world.next_release().filter(|at| *at <= step.at) {
            watcher.pass(&world, at - now);
            now = at;
            let held = world.all_held();
            world.look_who_is_held(now);
            watcher.happened(&world, None, &[], &held.outcomes(&world), now);
        }
        watcher.pass(&world, step.at - now);
        now = step.at;
        let held = world.all_held();
        let happenings = world.apply(step);
        watcher.happened(&world, Some(step), &happenings, &held.outcomes(&world), now);
    }
}
