//! What is kept of one operation by itself: its call tree, and its longest
//! stretches in the order of time.
//!
//! A capture hears of everything that happens in its operation, under the
//! operation's own lock or in its thread's own section, and so shares nothing
//! with other operations. Its call tree is given the very shares that the
//! recorder's counters are given, and is as exact however many spans there are.
//! Of *visits* (a span entered on a thread) and *strands* (who went on with the
//! operation, see `docs/semantics.md`) only the longest are kept.

mod budget;
mod chain;
mod longest;
mod notes;
mod tee;
mod tree;

use std::sync::Arc;

use tracing::{Level, span::Attributes};

use super::{
    operation::{Closed, ThreadKey},
    paths::PathId,
    room::Room,
    spans::SpanKey,
    text::Reader,
};
pub(crate) use budget::Budget;
use chain::Chain;
pub(crate) use longest::{Longest, Stretch};
use notes::Notes;
pub(crate) use notes::Step;
pub(crate) use tee::Tee;
pub(crate) use tree::{Place, Tree};

/// How many lines of the log are kept.
const MOST_LINES: usize = 200;
/// How many fields of the root are remembered.
const MOST_FIELDS: usize = 8;
/// How many stretches, stacks, open spans or threads a capture keeps memory for
/// from one operation to the next.
const SMALL: usize = 256;
/// How many entered spans of each of those threads.
const SMALL_STACK: usize = 16;

/// A thread's place among those that one operation has seen.
pub(crate) type LaneId = u16;

/// A span that was entered on a thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit {
    pub(crate) span: u32,
    pub(crate) place: Place,
    pub(crate) lane: LaneId,
    /// How many spans of the operation were entered there already.
    pub(crate) depth: u16,
    pub(crate) from: u64,
    pub(crate) to: u64,
}

/// A stretch in which the operation went on at a span: a thread worked there,
/// or the span was awaited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strand {
    pub(crate) span: u32,
    pub(crate) place: Place,
    /// The thread; `None` of one that is awaited.
    pub(crate) lane: Option<LaneId>,
    pub(crate) from: u64,
    pub(crate) to: u64,
}

impl Stretch for Visit {
    fn from(&self) -> u64 {
        self.from
    }

    fn to(&self) -> u64 {
        self.to
    }
}

impl Stretch for Strand {
    fn from(&self) -> u64 {
        self.from
    }

    fn to(&self) -> u64 {
        self.to
    }
}

/// An open span.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// Which of the operation's spans it is, in order of creation.
    span: u32,
    place: Place,
    /// Since when it is awaited.
    waits_since: Option<u64>,
}

/// A span that is entered on a thread.
#[derive(Clone, Copy, Debug)]
struct Entered {
    key: SpanKey,
    since: u64,
}

/// A thread that has been in the operation.
#[derive(Debug)]
pub(crate) struct Lane {
    thread: ThreadKey,
    /// What the thread was called when it came first.
    pub(crate) name: String,
    stack: Vec<Entered>,
    /// The span that the thread works at, and since when.
    runs: Option<(SpanKey, u64)>,
    /// Up to when its time has been given out by `busy`.
    busy_since: u64,
}

/// Something that was logged within the operation.
#[derive(Clone, Debug)]
pub(crate) struct LogLine {
    pub(crate) at: u64,
    pub(crate) level: Level,
    pub(crate) target: &'static str,
    pub(crate) text: String,
}

/// One operation by itself.
#[derive(Debug)]
pub(crate) struct Capture {
    pub(crate) tree: Tree,
    pub(crate) visits: Longest<Visit>,
    pub(crate) strands: Longest<Strand>,
    /// Those in use come first; the rest is kept for its memory.
    lanes: Vec<Lane>,
    lanes_used: usize,
    /// The open spans of an operation that one thread has to itself.
    chain: Chain,
    /// What they did lately.
    notes: Notes,
    /// Those of any other, by key.
    spans: Vec<Option<Known>>,
    /// How many spans were created.
    pub(crate) created: u64,
    /// The root's node.
    pub(crate) root: Option<PathId>,
    /// Ticks at the first enter.
    pub(crate) begun: Option<u64>,
    /// Ticks at the last close.
    pub(crate) ended: u64,
    /// The root's fields.
    pub(crate) fields: Vec<(&'static str, String)>,
    /// What was logged, the first of it.
    pub(crate) log: Vec<LogLine>,
    pub(crate) log_left_out: u64,
}

impl Capture {
    /// Nothing yet; the memory of its stretches and notes is on a budget.
    pub(crate) fn new(budget: &Arc<Budget>) -> Self {
        Self {
            tree: Tree::default(),
            visits: Longest::new(Arc::clone(budget)),
            strands: Longest::new(Arc::clone(budget)),
            lanes: Vec::new(),
            lanes_used: 0,
            chain: Chain::default(),
            notes: Notes::new(Arc::clone(budget)),
            spans: Vec::new(),
            created: 0,
            root: None,
            begun: None,
            ended: 0,
            fields: Vec::new(),
            log: Vec::new(),
            log_left_out: 0,
        }
    }

    /// Remembers the fields that the root is created with, the first few of them.
    pub(crate) fn read_fields(&mut self, attributes: &Attributes<'_>) {
        let fields = attributes.metadata().fields();
        let mut names = [""; MOST_FIELDS];
        names.iter_mut().zip(fields.iter()).for_each(|(name, field)| *name = field.name());
        let names = names.get(..fields.len()).unwrap_or(&names);
        if self.fields.try_reserve(names.len()).is_ok()
            && let Some(mut reader) = Reader::try_new(names)
        {
            attributes.record(&mut reader);
            let values = names.iter().zip(reader.values());
            self.fields.extend(values.filter_map(|(name, value)| Some((*name, value?))));
        }
    }

    /// A span that was not entered yet has another node.
    pub(crate) fn renamed(&mut self, key: SpanKey, node: PathId) {
        let place = self.tree.place(node);
        let slot = self.spans.get_mut(key.0 as usize);
        let Some(known) = slot.and_then(Option::as_mut) else { return };
        let before = std::mem::replace(&mut known.place, place);
        self.move_call(before, place, node);
    }

    /// A span that was created at a place is at another one now.
    fn move_call(&mut self, before: Place, place: Place, node: PathId) {
        let calls = &mut self.tree.at(before).ticks.calls;
        *calls = calls.saturating_sub(1);
        let calls = &mut self.tree.at(place).ticks.calls;
        *calls = calls.saturating_add(1);
        // It is the root where it is the only one.
        if self.created == 1 {
            self.root = Some(node);
        }
    }

    /// A span was created.
    pub(crate) fn created(&mut self, key: SpanKey, node: PathId) {
        let (span, place) = self.count_created(node);
        self.know(key, Known { span, place, waits_since: None });
    }

    /// Counts a span that was created. Returns its number and its place.
    #[inline]
    fn count_created(&mut self, node: PathId) -> (u32, Place) {
        self.root.get_or_insert(node);
        let place = self.tree.place(node);
        let ticks = &mut self.tree.at(place).ticks;
        ticks.calls = ticks.calls.saturating_add(1);
        let span = self.created as u32;
        self.created = self.created.saturating_add(1);
        (span, place)
    }

    /// Remembers an open span by its key.
    fn know(&mut self, key: SpanKey, known: Known) {
        let at = key.0 as usize;
        if at >= self.spans.len() && self.spans.try_hold(at.saturating_add(1)).is_some() {
            self.spans.resize(at.saturating_add(1), None);
        }
        if let Some(slot) = self.spans.get_mut(at) {
            *slot = Some(known);
        }
    }

    /// A thread has entered a span.
    pub(crate) fn entered(&mut self, thread: ThreadKey, key: SpanKey, first: bool, now: u64) {
        self.begun.get_or_insert(now);
        let Some(known) = self.known(key) else { return };
        let ticks = &mut self.tree.at(known.place).ticks;
        ticks.enters = ticks.enters.saturating_add(1);
        ticks.started = ticks.started.saturating_add(u64::from(first));
        self.turn(thread, now);
        if let Some((_, lane)) = self.lane(thread)
            && lane.stack.try_reserve(1).is_ok()
        {
            lane.stack.push(Entered { key, since: now });
        }
    }

    /// A thread has exited its innermost occurrence of a span.
    pub(crate) fn exited(&mut self, thread: ThreadKey, key: SpanKey, now: u64) {
        self.turn(thread, now);
        let Some(known) = self.known(key) else { return };
        let Some((id, lane)) = self.lane(thread) else { return };
        let Some(depth) = lane.stack.iter().rposition(|entered| entered.key == key) else { return };
        let Entered { since, .. } = lane.stack.remove(depth);
        let ticks = &mut self.tree.at(known.place).ticks;
        ticks.entered = ticks.entered.saturating_add(now.saturating_sub(since));
        self.visits.push(Visit {
            span: known.span,
            place: known.place,
            lane: id,
            depth: u16::try_from(depth).unwrap_or(u16::MAX),
            from: since,
            to: now,
        });
    }

    /// A thread's time up to now goes to its innermost span.
    fn turn(&mut self, thread: ThreadKey, now: u64) {
        let Some((_, lane)) = self.lane(thread) else { return };
        let since = std::mem::replace(&mut lane.busy_since, now);
        let Some(innermost) = lane.stack.last().copied() else { return };
        if let Some(known) = self.known(innermost.key) {
            let ticks = &mut self.tree.at(known.place).ticks;
            ticks.busy = ticks.busy.saturating_add(now.saturating_sub(since));
        }
    }

    /// A thread goes on at a span from now on, or at none.
    pub(crate) fn runs(&mut self, thread: ThreadKey, key: Option<SpanKey>, now: u64) {
        let Some((id, lane)) = self.lane(thread) else { return };
        let before = std::mem::replace(&mut lane.runs, key.map(|key| (key, now)));
        let Some((key, from)) = before else { return };
        if let Some(known) = self.known(key) {
            let (span, place) = (known.span, known.place);
            self.strands.push(Strand { span, place, lane: Some(id), from, to: now });
        }
    }

    /// A span is awaited from now on, or no longer.
    pub(crate) fn waits(&mut self, key: SpanKey, waits: bool, now: u64) {
        let slot = self.spans.get_mut(key.0 as usize);
        let Some(known) = slot.and_then(Option::as_mut) else { return };
        let before = std::mem::replace(&mut known.waits_since, waits.then_some(now));
        let (span, place) = (known.span, known.place);
        match before {
            Some(from) if waits => known.waits_since = Some(from),
            Some(from) => self.strands.push(Strand { span, place, lane: None, from, to: now }),
            None => {}
        }
    }

    /// A span has closed.
    pub(crate) fn closed(&mut self, key: SpanKey, closed: &Closed, now: u64) {
        self.ended = now;
        let slot = self.spans.get_mut(key.0 as usize);
        let Some(known) = slot.and_then(Option::take) else { return };
        if let Some(latency) = closed.latency {
            let node = self.tree.at(known.place);
            node.ticks.latency = node.ticks.latency.saturating_add(latency);
            node.max_latency = node.max_latency.max(latency);
        }
    }

    /// Whether there is room for another line of the log; it is counted if not.
    pub(crate) fn has_log_room(&mut self) -> bool {
        let room = self.log.len() < MOST_LINES && self.log.try_reserve(1).is_ok();
        self.log_left_out = self.log_left_out.saturating_add(u64::from(!room));
        room
    }

    /// Keeps a line of the log.
    pub(crate) fn log(&mut self, line: LogLine) {
        if self.log.len() >= MOST_LINES || self.log.try_push(line).is_none() {
            self.log_left_out = self.log_left_out.saturating_add(1);
        }
    }

    /// The threads that were in the operation.
    pub(crate) fn lanes(&self) -> &[Lane] {
        self.lanes.get(..self.lanes_used).unwrap_or_default()
    }

    fn known(&self, key: SpanKey) -> Option<Known> {
        self.spans.get(key.0 as usize).copied().flatten()
    }

    fn lane(&mut self, thread: ThreadKey) -> Option<(LaneId, &mut Lane)> {
        let used = self.lanes.get(..self.lanes_used)?;
        let at = match used.iter().position(|lane| lane.thread == thread) {
            Some(at) => at,
            None => self.begin_lane(thread)?,
        };
        Some((LaneId::try_from(at).ok()?, self.lanes.get_mut(at)?))
    }

    /// The calling thread is new to the operation.
    #[cold]
    fn begin_lane(&mut self, thread: ThreadKey) -> Option<usize> {
        let at = self.lanes_used;
        if at == self.lanes.len() {
            self.lanes.try_reserve(1).ok()?;
            let (name, stack) = (String::new(), Vec::new());
            self.lanes.push(Lane { thread, name, stack, runs: None, busy_since: 0 });
        }
        let lane = self.lanes.get_mut(at)?;
        lane.thread = thread;
        (lane.runs, lane.busy_since) = (None, 0);
        lane.stack.clear();
        lane.name.clear();
        let current = std::thread::current();
        let name = current.name().unwrap_or("<unnamed>");
        if lane.name.try_reserve(name.len()).is_ok() {
            lane.name.push_str(name);
        }
        self.lanes_used = at.saturating_add(1);
        Some(at)
    }

    /// Adds to the shares of working at a node.
    fn add_shared(&mut self, node: PathId, share: u64) {
        let ticks = &mut self.tree.of(node).ticks;
        ticks.wall = ticks.wall.wrapping_add(share);
    }

    /// Adds to a node's `[await]`.
    fn add_awaited(&mut self, node: PathId, share: u64) {
        let ticks = &mut self.tree.of(node).ticks;
        ticks.awaited = ticks.awaited.wrapping_add(share);
    }

    /// Back to new, as much of its memory kept as most operations need.
    pub(crate) fn clear(&mut self) {
        for stretches in [self.visits.all().len(), self.strands.all().len()] {
            if stretches > SMALL {
                self.visits.shrink();
                self.strands.shrink();
            }
        }
        self.visits.clear();
        self.strands.clear();
        self.tree.clear(SMALL);
        self.chain.clear(SMALL);
        self.notes.clear();
        self.spans.clear_beyond(SMALL);
        self.lanes.truncate(SMALL);
        self.lanes.iter_mut().for_each(|lane| lane.stack.clear_beyond(SMALL_STACK));
        self.lanes_used = 0;
        self.created = 0;
        (self.root, self.begun, self.ended) = (None, None, 0);
        self.fields.clear();
        self.log.clear();
        self.log_left_out = 0;
    }
}
