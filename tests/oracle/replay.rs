//! From one event to the next: who gets the time between them.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    AWAIT, Event, Exact, Measures, Path, Program, Reading, SpanKey, Step, below,
    held::{Outcome, Watcher, watch},
    reading::Tower,
    rules::{self, Holder},
    world::{Happening, World},
};

/// What each snapshot of a program must show, in order.
pub fn replay(program: &Program) -> Vec<Reading> {
    let mut tally = Tally { recording: !program.paused, ..Tally::default() };
    watch(program, &mut tally);
    tally.readings
}

#[derive(Default)]
struct Tally {
    recording: bool,
    readings: Vec<Reading>,
    reading: Reading,
    latencies: BTreeMap<SpanKey, Latency>,
    /// The tentative wait of each operation.
    set_aside: BTreeMap<SpanKey, u64>,
    /// The nodes that had a share of each operation.
    holders: BTreeSet<(SpanKey, Path)>,
}

/// How long ago a span was entered first, in recorded time and in all.
#[derive(Default)]
struct Latency {
    recorded: u64,
    whole: u64,
    /// While the span is held.
    set_aside: u64,
}

impl Watcher for Tally {
    fn pass(&mut self, world: &World, nanos: u64) {
        for (key, span) in world.spans() {
            if span.entered_before && span.open {
                match span.held {
                    Some(_) => self.latencies.entry(key).or_default().set_aside += nanos,
                    None => self.latency(world, key, nanos),
                }
            }
        }
        for operation in rules::operations(world).filter(|root| rules::lives(world, *root)) {
            if rules::is_held(world, operation) {
                *self.set_aside.entry(operation).or_default() += nanos;
            } else {
                self.give(world, operation, &rules::holders(world, operation), nanos);
            }
        }
        if self.recording {
            self.recorded_stretch(world, nanos);
        }
    }

    fn happened(
        &mut self,
        world: &World,
        step: Option<&Step>,
        happenings: &[Happening],
        outcomes: &[Outcome],
        _now: u64,
    ) {
        for outcome in outcomes {
            self.decide(world, outcome);
        }
        for happening in happenings {
            self.touch(world, *happening);
            if self.recording {
                self.count(world, *happening);
            }
        }
        let Some(step) = step else { return };
        match step.event {
            Event::Start => self.recording = true,
            Event::Stop => self.recording = false,
            Event::Snapshot => self.readings.push(self.reading.clone()),
            _ => {}
        }
        if matches!(step.event, Event::Start | Event::Stop | Event::Snapshot) {
            self.touch_all(world);
        }
    }
}

impl Tally {
    /// What was set aside counts now, or not at all.
    fn decide(&mut self, world: &World, outcome: &Outcome) {
        match outcome {
            Outcome::SpanEnded(span, _) => _ = self.latencies.remove(span),
            Outcome::SpanGoesOn(span) => {
                let latency = self.latencies.entry(*span).or_default();
                let nanos = std::mem::take(&mut latency.set_aside);
                self.latency(world, *span, nanos);
            }
            Outcome::Ended(operation, _) => _ = self.set_aside.remove(operation),
            Outcome::GoesOn(operation, holders) => {
                let nanos = self.set_aside.remove(operation).unwrap_or_default();
                self.give(world, *operation, holders, nanos);
                self.tower(world, *operation).switches += 1;
            }
        }
    }

    /// Time of an operation, to those that share it.
    fn give(&mut self, world: &World, operation: SpanKey, holders: &[Holder], nanos: u64) {
        self.mark(world, operation, holders, nanos);
        if self.recording {
            self.wall(world, operation, holders, nanos);
        }
    }

    fn recorded_stretch(&mut self, world: &World, nanos: u64) {
        self.reading.recorded_nanos += nanos;
        if rules::operations(world).any(|operation| rules::lives(world, operation)) {
            self.reading.covered_nanos += nanos;
        }
        for stack in world.stacks() {
            self.busy(world, stack, nanos);
        }
    }

    /// Remembers what kinds of stretches there were, recorded or not.
    fn mark(&mut self, world: &World, operation: SpanKey, holders: &[Holder], nanos: u64) {
        let new_nodes = holders.iter().filter(|holder| {
            let node = match holder {
                Holder::Own(span) => world.path(*span),
                Holder::Await(span) => below(&world.path(*span), AWAIT),
            };
            nanos > 0 && self.holders.insert((operation, node))
        });
        let new_nodes = new_nodes.count() as u64;
        let shares = holders.len() > 1;
        let waits = rules::someone_waits_for_another(world, operation);
        let tower = self.tower(world, operation);
        tower.nodes += new_nodes;
        tower.divided |= shares && nanos > 0;
        tower.waited |= waits && nanos > 0;
    }

    fn wall(&mut self, world: &World, operation: SpanKey, holders: &[Holder], nanos: u64) {
        self.tower(world, operation).life_nanos += nanos;
        let share = Exact::share(nanos, holders.len());
        for holder in holders {
            match holder {
                Holder::Own(span) => self.node(world.path(*span)).wall += share,
                Holder::Await(span) => self.node(world.path(*span)).awaited += share,
            }
        }
    }

    fn busy(&mut self, world: &World, stack: &[SpanKey], nanos: u64) {
        if let Some(innermost) = stack.last() {
            self.node(world.path(*innermost)).busy_nanos += nanos;
        }
        for occurrence in stack {
            self.node(world.path(*occurrence)).entered_nanos += nanos;
        }
    }

    fn latency(&mut self, world: &World, key: SpanKey, nanos: u64) {
        let recorded = if self.recording { nanos } else { 0 };
        let latency = self.latencies.entry(key).or_default();
        latency.recorded += recorded;
        latency.whole += nanos;
        let Latency { recorded: longest, whole: longest_whole, .. } = *latency;
        let node = self.node(world.path(key));
        node.latency_nanos += recorded;
        node.max_latency_nanos = node.max_latency_nanos.max(longest);
        node.max_whole_latency_nanos = node.max_whole_latency_nanos.max(longest_whole);
    }

    fn count(&mut self, world: &World, happening: Happening) {
        let troubles = &mut self.reading.troubles;
        match happening {
            Happening::Created(span) => {
                let counts = !world.span(span).has_named;
                self.node(world.path(span)).calls += u64::from(counts);
            }
            Happening::Entered { span, first } => {
                let counts = first && world.span(span).has_named;
                let node = self.node(world.path(span));
                node.calls += u64::from(counts);
                node.enters += 1;
                node.started += u64::from(first);
            }
            Happening::Exited(_) | Happening::Closed(_) => {}
            Happening::RecordedLate(_) => troubles.late_values += 1,
            Happening::UnmatchedExit(span) => {
                troubles.unmatched_exits += 1;
                troubles.exited_elsewhere += u64::from(world.is_entered_anywhere(span));
            }
            Happening::ClosedWhileEntered(_) => troubles.closed_while_entered += 1,
            Happening::ExitedByThreadEnd(_) => troubles.exited_by_thread_end += 1,
        }
    }

    fn touch(&mut self, world: &World, happening: Happening) {
        let (Happening::Created(span)
        | Happening::Entered { span, .. }
        | Happening::Exited(span)
        | Happening::Closed(span)
        | Happening::RecordedLate(span)
        | Happening::UnmatchedExit(span)
        | Happening::ClosedWhileEntered(span)
        | Happening::ExitedByThreadEnd(span)) = happening;
        self.tower(world, world.span(span).operation).switches += 1;
    }

    fn touch_all(&mut self, world: &World) {
        for operation in rules::operations(world) {
            self.tower(world, operation).switches += 1;
        }
    }

    fn node(&mut self, path: Path) -> &mut Measures {
        self.reading.nodes.entry(path).or_default()
    }

    fn tower(&mut self, world: &World, operation: SpanKey) -> &mut Tower {
        self.reading.towers.entry(world.span(operation).label.clone()).or_default()
    }
}
