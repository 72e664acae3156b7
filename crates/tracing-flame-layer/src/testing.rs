//! What tests of this project reach inside: an engine that is told what happened without a
//! subscriber, threads or a clock. No part of the interface; it may change at any time.

use std::{sync::Arc, time::SystemTime};

use tracing::Metadata;

use crate::{
    Builder, Clock, Profile,
    engine::{Engine, Frozen, Settings, Sight, ThreadKey},
    log::{Entry, Message, NewSpan, Parent},
    platform::{Counted, Used},
    profile::{Operation, Reason, StateSource},
    scale::{Unit, scale, scale_operation},
    tally::Snapshot,
};
pub use crate::{engine::Chains, log::Reading};

/// Below what a span is created.
#[derive(Clone, Copy, Debug)]
pub enum Below {
    /// Nothing.
    Root,
    /// The thread's current span.
    Current,
    /// The span with this id.
    Span(u64),
}

/// An engine that is told what happened.
#[derive(Debug)]
pub struct Direct {
    engine: Engine,
    settings: Arc<Settings>,
    clock: Clock,
    /// The snapshot of nothing, which begins the recording.
    start: Snapshot,
}

/// A thread that the engine knows.
#[derive(Clone, Copy, Debug)]
pub struct DirectThread(ThreadKey);

/// A snapshot that has not been read.
#[derive(Debug)]
pub struct DirectSnapshot(Frozen);

impl Direct {
    /// An engine with these settings, whose times are nanoseconds.
    #[must_use]
    pub fn new(builder: Builder) -> Self {
        let (settings, clock) = (Arc::new(builder.into_settings()), Clock::from_nanos(|| 0));
        let mut engine = Engine::new(Arc::clone(&settings), clock.clone());
        engine.kept.is_taking = true;
        let start = engine.freeze(0, |_| None).read();
        Self { engine, settings, clock, start }
    }

    /// A thread begins.
    ///
    /// # Panics
    ///
    /// Where there is no memory.
    pub fn begin_thread(&mut self) -> DirectThread {
        DirectThread(self.engine.begin_thread("direct").expect("memory"))
    }

    fn take(&mut self, thread: DirectThread, span: u64, entry: Entry, at: u64) {
        self.engine.take(thread.0, span, entry, at);
    }

    /// A span is created, one to record if it is `wanted`.
    pub fn create(
        &mut self,
        thread: DirectThread,
        span: u64,
        (callsite, wanted): (&'static Metadata<'static>, bool),
        parent: Below,
        at: u64,
    ) {
        let parent = match parent {
            Below::Root => Parent::Root,
            Below::Current => Parent::Current,
            Below::Span(id) => Parent::Span(id),
        };
        let role = self.settings.roles.of(callsite);
        let entry = if !wanted {
            Entry::CreateClear(parent)
        } else if role.is_by_span() {
            let values = self.settings.roles.named.read(callsite, |_| {});
            let new = NewSpan { callsite, parent, role, values, fields: Vec::new() };
            Entry::Message(Box::new(Message::NewSpan(new)))
        } else {
            Entry::Create(callsite, parent)
        };
        self.take(thread, span, entry, at);
    }

    /// A span is entered.
    pub fn enter(&mut self, thread: DirectThread, span: u64, at: u64) {
        self.take(thread, span, Entry::Enter, at);
    }

    /// A span is exited.
    pub fn exit(&mut self, thread: DirectThread, span: u64, at: u64) {
        self.take(thread, span, Entry::Exit, at);
    }

    /// A span closes.
    pub fn close(&mut self, thread: DirectThread, span: u64, at: u64) {
        self.take(thread, span, Entry::Close, at);
    }

    /// A span's named fields get these values.
    pub fn record(
        &mut self,
        thread: DirectThread,
        span: u64,
        values: Vec<Option<String>>,
        at: u64,
    ) {
        self.take(thread, span, Entry::Message(Box::new(Message::Values(values))), at);
    }

    /// A thread ends.
    pub fn end_thread(&mut self, thread: DirectThread, at: u64) {
        self.take(thread, 0, Entry::ThreadEnd, at);
    }

    /// A thread has read its counters, in nanoseconds as all times are.
    pub fn read(&mut self, thread: DirectThread, reading: &Reading, at: u64) {
        self.engine.read(thread.0, reading, at);
    }

    /// A thread says how many minor faults it had since it changed frames last, and how many
    /// blocks it read and wrote.
    pub fn used(
        &mut self,
        thread: DirectThread,
        [minor_faults, blocks_read, blocks_written]: [u64; 3],
        at: u64,
    ) {
        let used = Used { minor_faults, blocks_read, blocks_written };
        self.take(thread, 0, Entry::Used(used), at);
    }

    /// A thread was found asleep at a moment, in a system call or in none, when its counters said
    /// so much. That goes on with the latest time that it was, or does not.
    pub fn see(
        &mut self,
        thread: DirectThread,
        reason: Option<&Reason>,
        (at, cpu, delay): (u64, u64, u64),
        goes_on: bool,
    ) {
        let sight = match reason {
            None => Some(Sight::NoCall),
            Some(reason) => self.engine.reason_id(reason).map(Sight::Call),
        };
        if let Some(sight) = sight {
            let counted = Counted { cpu, delay: Some(delay) };
            self.engine.see(thread.0, sight, (at, counted), goes_on);
        }
    }

    /// A thread may not read its counters for a while, and says so.
    pub fn darken(&mut self, thread: DirectThread, at: u64) {
        self.take(thread, 0, Entry::Dark, at);
    }

    /// A thread's counters were read by another, so much later than a snapshot that is about
    /// to be taken.
    pub fn read_later(&mut self, thread: DirectThread, reading: &Reading, at: u64, later: u64) {
        if self.engine.is_within(thread.0) {
            self.engine.read_later(thread.0, reading, at, later);
        }
    }

    /// What was recorded so far.
    #[must_use]
    pub fn snapshot(&mut self, at: u64) -> Profile {
        let taken = self.take_snapshot(at);
        self.read_snapshot(&taken)
    }

    /// What was recorded so far, to be [read](Self::read_snapshot) later.
    #[must_use]
    pub fn take_snapshot(&mut self, at: u64) -> DirectSnapshot {
        DirectSnapshot(self.engine.freeze(at, |_| None))
    }

    /// Reads a snapshot, whatever has happened since.
    #[must_use]
    pub fn read_snapshot(&self, taken: &DirectSnapshot) -> Profile {
        scale(taken.0.read().since(&self.start), SystemTime::UNIX_EPOCH, &self.unit())
    }

    /// The operations that are kept by themselves and have ended, in the order of their ends.
    #[must_use]
    pub fn slowest(&mut self) -> Vec<Operation> {
        while self.engine.show_some() {}
        let (paths, reasons) = (self.engine.paths(), self.engine.reasons());
        let unit = self.unit();
        let scaled = |ended| scale_operation(ended, (&paths, &reasons), &unit);
        let mut operations: Vec<_> = self.engine.kept.slowest().into_iter().map(scaled).collect();
        operations.sort_by_key(Operation::number);
        operations
    }

    fn unit(&self) -> Unit<'_> {
        let states = self.settings.states.then_some(&StateSource::Exact);
        Unit { clock: &self.clock, named: &self.settings.roles.named, states }
    }
}
