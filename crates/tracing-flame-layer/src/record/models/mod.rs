//! The recorder's concurrent parts, model-checked: loom runs each model in every
//! order that its threads' steps can take, or in all those that preempt a thread
//! at most so many times, and with every value that a relaxed read may see.
//!
//! A model has threads of its own, each with its side of one recorder, and a
//! clock that advances by one at each reading. So every tick is told apart, and
//! what is lost or counted twice shows in the sums.

mod attach;
mod ending;
mod evict;
mod follow;
mod knows;
mod lease;
mod snapshots;
mod values;

use std::{num::NonZeroU64, sync::Arc};

use tracing::{Metadata, field::Visit, span::Attributes};

use super::{
    Bounds, Parent, Recorder, Roles, Snapshot, Wanted,
    callsites::{inner, mine, named, new_span, root, theirs},
    sync::{AtomicU64, Ordering::Relaxed},
    thread::Local,
    ticks::{Ticks, share_of},
};
use crate::Clock;

/// What a division between a few threads may hold back, in the unit of shares.
const HELD_BACK: u64 = 4;

/// A recorder, and the last reading of its clock.
#[derive(Clone)]
struct World {
    recorder: Arc<Recorder>,
    reading: Arc<AtomicU64>,
}

/// One thread's side of it.
struct Side {
    world: World,
    local: Local,
}

impl World {
    fn new() -> Self {
        Self::with(Roles::default(), Wanted::default())
    }

    /// The same, where every root's operation is followed.
    fn that_follows() -> Self {
        let operations = vec!["root".parse().unwrap()];
        let wanted = Wanted { slowest: 9, ..Wanted::default() };
        let world = Self::with(Roles { operations, ..Roles::default() }, wanted);
        world.recorder.captures.take(true);
        world
    }

    fn with(roles: Roles, wanted: Wanted) -> Self {
        let reading = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&reading);
        let clock = Clock::from_nanos(move || clock.fetch_add(1, Relaxed) + 1);
        let recorder = Recorder::new(clock, roles, Bounds::default(), wanted);
        Self { recorder: Arc::new(recorder), reading }
    }

    fn side(&self) -> Side {
        Side { world: self.clone(), local: self.recorder.threads.begin().unwrap() }
    }

    /// The last reading, which only a read-modify-write is sure to see.
    fn now(&self) -> u64 {
        self.reading.fetch_add(0, Relaxed)
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::take(&self.recorder)
    }
}

impl Side {
    fn root(&self, id: u64) {
        self.create(id, root(), Parent::None);
    }

    fn create(&self, id: u64, metadata: &'static Metadata<'static>, parent: Parent) {
        let create = |span: &Attributes<'_>| {
            self.world.recorder.create(&self.local, nonzero(id), span, parent, true);
        };
        new_span(metadata, create);
    }

    fn enter(&self, id: u64) {
        self.world.recorder.enter(&self.local, nonzero(id));
    }

    fn exit(&self, id: u64) {
        self.world.recorder.exit(&self.local, nonzero(id));
    }

    fn close(&self, id: u64) {
        self.world.recorder.close(&self.local, nonzero(id), None);
    }

    /// Enters and exits a span once.
    fn visit(&self, id: u64) {
        self.enter(id);
        self.exit(id);
    }

    /// The whole of a span's life.
    fn span(&self, id: u64, metadata: &'static Metadata<'static>, parent: Parent) {
        self.create(id, metadata, parent);
        self.visit(id);
        self.close(id);
    }

    /// Gives a span's field `x` a value.
    fn fill(&self, id: u64, metadata: &'static Metadata<'static>, value: u64) {
        let field = metadata.fields().field("x").unwrap();
        let record = |visitor: &mut dyn Visit| visitor.record_u64(&field, value);
        self.world.recorder.fill(&self.local, id, metadata, record);
    }

    fn end(self) {
        self.world.recorder.end_thread(&self.local);
    }

    fn has_lease(&self) -> bool {
        self.local.record.has_lease()
    }

    fn knows(&self, id: u64) -> bool {
        self.world.recorder.knows(&self.local, id)
    }
}

fn nonzero(id: u64) -> NonZeroU64 {
    NonZeroU64::new(id).unwrap()
}

/// A span's id as a thread of the Registry would make it.
const fn id(thread: u64, number: u64) -> u64 {
    thread << 38 | number
}

/// Runs a model through every order with at most so many preemptions.
fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.max_branches = 10_000;
    builder.preemption_bound.get_or_insert(preemptions);
    let runs = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let run = Arc::clone(&runs);
    builder.check(move || {
        run.fetch_add(1, Relaxed);
        model();
    });
    println!("{} orders", runs.load(Relaxed));
}

impl Snapshot {
    /// What was measured at a root, or at a child of the only root.
    fn of(&self, world: &World, metadata: &'static Metadata<'static>) -> Ticks {
        let paths = &world.recorder.paths;
        let is = |node: &super::PathId| match paths.node(*node).map(|path| path.step) {
            Some(super::Step::Span(of, _)) => std::ptr::eq(of, metadata),
            _ => false,
        };
        let entered = super::entered(paths, |node| self.ticks(node));
        let ticks = |at: super::PathId| Ticks { entered: entered[at.index()], ..self.ticks(at) };
        self.nodes().find(is).map(ticks).unwrap_or_default()
    }

    /// All that was given out, in the unit of shares.
    fn weight(&self) -> u64 {
        self.nodes().map(|node| self.ticks(node)).map(|of| of.wall + of.awaited).sum()
    }

    /// All that was given out is so many ticks, but for what divisions hold back.
    #[track_caller]
    fn assert_weighs(&self, ticks: u64) {
        let (weight, life) = (self.weight(), share_of(ticks));
        assert!(weight <= life, "{weight} of {life} given out: some twice");
        assert!(weight + HELD_BACK >= life, "{weight} of {life} given out: some lost");
    }

    /// What every callback counted, in none of which anything went wrong.
    #[track_caller]
    fn assert_no_trouble(&self) {
        assert_eq!(self.troubles, crate::profile::Troubles::default());
    }
}

#[track_caller]
fn assert_visited(ticks: Ticks, calls: u64, started: u64, enters: u64) {
    assert_eq!((ticks.calls, ticks.started, ticks.enters), (calls, started, enters));
}
