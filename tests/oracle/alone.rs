//! Each named operation by itself: its own tree, and who went on with it when.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Event, Exact, Measures, Path, Program, SpanKey, Step,
    held::{Outcome, Watcher, watch},
    rules::{self, Holder},
    world::{Happening, World},
};

/// A stretch in which an operation went on at one span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strand {
    /// The thread that worked; `None` where the span was awaited.
    pub thread: Option<usize>,
    pub span: SpanKey,
    pub path: Path,
    pub from: u64,
    pub to: u64,
}

/// A named operation that has ended.
#[derive(Clone, Debug, Default)]
pub struct Alone {
    pub key: SpanKey,
    pub root: Path,
    /// Its first enter and its last close.
    pub life: (u64, u64),
    pub nodes: BTreeMap<Path, Measures>,
    /// How many events touched it.
    pub switches: u64,
    /// Whether an instant of it was ever shared.
    pub divided: bool,
    /// Those of some length, in order of their beginnings.
    pub strands: Vec<Strand>,
}

/// The named operations that come to life and end in a program, in the order of
/// their ends.
pub fn operations_alone(program: &Program) -> Vec<Alone> {
    let named = program.marks.operations.clone();
    let mut replay = Replay { named, ..Replay::default() };
    watch(program, &mut replay);
    replay.ended
}

/// An operation that has not ended.
#[derive(Default)]
struct Open {
    alone: Alone,
    begun: Option<u64>,
    strands: Vec<Strand>,
    /// The tentative wait.
    set_aside: u64,
}

#[derive(Default)]
struct Replay {
    named: BTreeSet<String>,
    open: BTreeMap<SpanKey, Open>,
    entered_first: BTreeMap<SpanKey, u64>,
    ended: Vec<Alone>,
}

impl Watcher for Replay {
    fn pass(&mut self, world: &World, nanos: u64) {
        for operation in rules::operations(world).filter(|root| rules::lives(world, *root)) {
            if rules::is_held(world, operation) {
                self.open.entry(operation).or_default().set_aside += nanos;
            } else {
                self.give(world, operation, &rules::holders(world, operation), nanos);
            }
        }
        for span in world.stacks().flatten() {
            self.node(world, *span).entered_nanos += nanos;
        }
    }

    fn happened(
        &mut self,
        world: &World,
        step: Option<&Step>,
        happenings: &[Happening],
        outcomes: &[Outcome],
        now: u64,
    ) {
        for outcome in outcomes {
            if let Outcome::GoesOn(operation, holders) = outcome {
                let open = self.open.entry(*operation).or_default();
                open.alone.switches += 1;
                let nanos = std::mem::take(&mut open.set_aside);
                self.give(world, *operation, holders, nanos);
            }
        }
        let ends = outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::SpanEnded(span, since) => Some((*span, *since)),
            _ => None,
        });
        let ends: BTreeMap<SpanKey, u64> = ends.collect();
        for happening in happenings {
            self.count(world, *happening, &ends, now);
        }
        if step.is_some_and(|step| step.event == Event::Snapshot) {
            self.open.values_mut().for_each(|open| open.alone.switches += 1);
        }
        self.change_strands(world, now);
        let ends = outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Ended(operation, since) => Some((*operation, *since)),
            _ => None,
        });
        self.end(world, now, &ends.collect());
    }
}

impl Replay {
    fn give(&mut self, world: &World, operation: SpanKey, holders: &[Holder], nanos: u64) {
        let share = Exact::share(nanos, holders.len());
        let alone = &mut self.open.entry(operation).or_default().alone;
        alone.divided |= holders.len() > 1 && nanos > 0;
        for holder in holders {
            let (Holder::Own(span) | Holder::Await(span)) = holder;
            let node = alone.nodes.entry(world.path(*span)).or_default();
            match holder {
                Holder::Own(_) => node.wall += share,
                Holder::Await(_) => node.awaited += share,
            }
        }
    }

    fn node(&mut self, world: &World, span: SpanKey) -> &mut Measures {
        let alone = &mut self.open.entry(world.span(span).operation).or_default().alone;
        alone.nodes.entry(world.path(span)).or_default()
    }

    fn count(
        &mut self,
        world: &World,
        happening: Happening,
        ends: &BTreeMap<SpanKey, u64>,
        now: u64,
    ) {
        let (Happening::Created(span)
        | Happening::Entered { span, .. }
        | Happening::Exited(span)
        | Happening::Closed(span)
        | Happening::UnmatchedExit(span)
        | Happening::ClosedWhileEntered(span)
        | Happening::ExitedByThreadEnd(span)
        | Happening::RecordedLate(span)) = happening;
        let open = self.open.entry(world.span(span).operation).or_default();
        open.alone.switches += 1;
        match happening {
            Happening::Created(_) => self.node(world, span).calls += 1,
            Happening::Entered { first, .. } => {
                open.begun.get_or_insert(now);
                let node = self.node(world, span);
                node.enters += 1;
                node.started += u64::from(first);
                if first {
                    self.entered_first.insert(span, now);
                }
            }
            Happening::Closed(_) => {
                if let Some(first) = self.entered_first.get(&span) {
                    let latency = ends.get(&span).unwrap_or(&now) - first;
                    let node = self.node(world, span);
                    node.latency_nanos += latency;
                    node.max_latency_nanos = node.max_latency_nanos.max(latency);
                }
            }
            _ => {}
        }
    }

    /// Strands end and begin with every event, whether time passes or not.
    fn change_strands(&mut self, world: &World, now: u64) {
        for operation in rules::operations(world) {
            let strands = rules::strands(world, operation);
            let open = self.open.entry(operation).or_default();
            let (kept, over) = std::mem::take(&mut open.strands)
                .into_iter()
                .partition(|strand| strands.contains(&(strand.thread, strand.span)));
            open.strands = kept;
            let over: Vec<Strand> = over;
            let over = over.into_iter().map(|strand| Strand { to: now, ..strand });
            open.alone.strands.extend(over.filter(|strand| strand.to > strand.from));
            for (thread, span) in strands {
                let known = |strand: &Strand| strand.thread == thread && strand.span == span;
                if !open.strands.iter().any(known) {
                    let path = world.path(span);
                    open.strands.push(Strand { thread, span, path, from: now, to: now });
                }
            }
        }
    }

    /// Moves the operations that have just ended, nested ones first.
    fn end(&mut self, world: &World, now: u64, ends: &BTreeMap<SpanKey, u64>) {
        let over: Vec<SpanKey> =
            self.open.keys().copied().filter(|root| rules::is_over(world, *root)).rev().collect();
        for root in over {
            let Some(open) = self.open.remove(&root) else { continue };
            let name = &world.span(root).name;
            if let (Some(begun), true) = (open.begun, self.named.contains(name)) {
                let life = (begun, *ends.get(&root).unwrap_or(&now));
                let (key, path) = (root, world.path(root));
                let mut alone = Alone { key, root: path, life, ..open.alone };
                alone.strands.sort_by_key(|strand| strand.from);
                self.ended.push(alone);
            }
        }
    }
}
