//! Single operations: the slowest, those slower than a limit, and those that are open.

use std::time::SystemTime;

use super::Flame;
use crate::{
    kept::{Ended, Missing},
    profile::{OpenOperation, Operation},
    scale::{scale, scale_open, scale_operation},
    tally::Snapshot,
};

/// Operations that are missing among those handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingOperations {
    /// Began while 4,096 others were followed, and were not; or there was no memory to
    /// follow or to keep them.
    pub not_followed: u64,
    /// Were slow, and more than could wait to be taken.
    pub not_taken: u64,
}

impl Flame {
    /// The slowest of the operations that have ended so far, the slowest first: as
    /// many as [`Builder::slowest`](crate::Builder::slowest) asked for.
    ///
    /// Copies what was kept of them, up to 1 MB each.
    #[must_use]
    pub fn slowest(&self) -> Vec<Operation> {
        self.recorder.show_paths();
        let slowest = self.recorder.with_collector(|collector, _| {
            let (paths, reasons) = (collector.engine.paths(), collector.engine.reasons());
            let slowest = collector.engine.kept.slowest().into_iter();
            slowest
                .map(|ended| scale_operation(ended, (&paths, &reasons), &self.recorder.unit()))
                .collect()
        });
        self.beside_typical(slowest)
    }

    /// Operations, each beside what is typical of its name.
    fn beside_typical(&self, operations: Vec<Operation>) -> Vec<Operation> {
        if operations.is_empty() {
            return operations;
        }
        let (paths, frozen) = self.recorder.with_collector(|collector, _| {
            (collector.engine.paths(), collector.engine.freeze_classes())
        });
        let snapshot = Snapshot { paths, classes: frozen.read(), ..Snapshot::default() };
        let classes = scale(snapshot, SystemTime::now(), &self.recorder.unit());
        let beside = |operation: Operation| {
            let typical = classes.typical(operation.name());
            operation.with_typical(typical)
        };
        operations.into_iter().map(beside).collect()
    }

    /// The [numbers](Operation::number) of [`slowest`](Self::slowest), in the same
    /// order: tells what has changed, and copies nothing else.
    #[must_use]
    pub fn slowest_numbers(&self) -> Vec<u64> {
        self.recorder.with_collector(|collector, _| {
            collector.engine.kept.slowest().into_iter().map(|ended| ended.number).collect()
        })
    }

    /// That one of the [slowest](Self::slowest) operations, unless slower ones have
    /// taken its place.
    #[must_use]
    pub fn slowest_by_number(&self, number: u64) -> Option<Operation> {
        self.recorder.show_paths();
        let found = self.recorder.with_collector(|collector, _| {
            let (paths, reasons) = (collector.engine.paths(), collector.engine.reasons());
            let mut slowest = collector.engine.kept.slowest().into_iter();
            let ended = slowest.find(|ended| ended.number == number)?;
            Some(scale_operation(ended, (&paths, &reasons), &self.recorder.unit()))
        });
        self.beside_typical(found.into_iter().collect()).pop()
    }

    /// The operations that are open now, those that have been for longest first, and where
    /// they are: the innermost span and the state of each thread that is in one, and what it
    /// awaits. At most 1,000, named or not; none once the layer is [finished](Self::finish).
    ///
    /// For the program that hangs, from a thread that does not. Reads what threads have logged
    /// up to now, then takes a step for each open span, and some 20 µs for each thread that
    /// is in one, during which nobody else reads the logs.
    ///
    /// ```
    /// # let (_layer, flame) = tracing_flame_layer::FlameLayer::new();
    /// for operation in flame.open() {
    ///     // `block{number=7} open for 12.3 s: w1 blocked in block > commit (for 12.1 s)`
    ///     println!("{operation}");
    /// }
    /// ```
    #[must_use]
    pub fn open(&self) -> Vec<OpenOperation> {
        /// How many are told of.
        const MOST: usize = 1_000;
        self.recorder.show_paths();
        let found = self.recorder.with_collector(|collector, at| {
            Some((collector.open_now(MOST), collector.engine.paths(), at))
        });
        let Some((open, paths, at)) = found else { return Vec::new() };
        let clock = self.recorder.unit().clock;
        open.into_iter().map(|open| scale_open(open, &paths, at, clock)).collect()
    }

    /// The operations slower than [`Builder::slower_than`] asked for that have
    /// ended since this was called last. At most 256 wait to be taken.
    ///
    /// [`Builder::slower_than`]: crate::Builder::slower_than
    #[must_use]
    pub fn take_slow(&self) -> Vec<Operation> {
        self.recorder.show_paths();
        let slow = self.recorder.with_collector(|collector, _| {
            let (paths, reasons) = (collector.engine.paths(), collector.engine.reasons());
            let scale =
                |ended: &Ended| scale_operation(ended, (&paths, &reasons), &self.recorder.unit());
            collector.engine.kept.take_slow(scale)
        });
        self.beside_typical(slow)
    }

    /// How many operations could not be considered or kept.
    #[must_use]
    pub fn missing_operations(&self) -> MissingOperations {
        let Missing { not_followed, not_taken } =
            self.recorder.with_collector(|collector, _| collector.engine.kept.missing);
        MissingOperations { not_followed, not_taken }
    }
}
