//! What is kept of one operation by itself: its call tree, and its longest stretches in the
//! order of time.
//!
//! A capture is told of everything that happens in its operation as it happens. Its call
//! tree is given the very shares that the whole is given, and is as exact however many
//! spans there are. Of *visits* (a span entered on a thread) and *strands* (who went on with
//! the operation, see `docs/semantics.md`) only the longest are kept.

use tracing::Level;

use super::{
    longest::{Budget, Longest, Stretch},
    tree::{Place, Tree},
};
use crate::{
    engine::ThreadKey,
    log::Line,
    profile::Switches,
    room::{Room, try_text},
    tally::{NodeId, States, Telling, Ticks},
};

/// How many lines of the log are kept.
const MOST_LINES: usize = 200;
/// How many stacks or threads a capture keeps memory for from one operation to the next.
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

/// A stretch in which the operation went on at a span: a thread worked there, or the span
/// was awaited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strand {
    pub(crate) span: u32,
    pub(crate) place: Place,
    /// The thread; `None` of one that is awaited.
    pub(crate) lane: Option<LaneId>,
    pub(crate) from: u64,
    pub(crate) to: u64,
}

/// A stretch of a thread, and for how long it was in each state meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) states: States,
}

/// A stretch at the end of which a thread was found to have been off its CPU, or of which
/// nobody knows whether it was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Absence {
    pub(crate) lane: LaneId,
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// How long in each state; in which order is not known.
    pub(crate) states: States,
}

impl Stretch for Absence {
    fn from(&self) -> u64 {
        self.from
    }

    fn to(&self) -> u64 {
        self.to
    }

    /// What it was absent of that.
    fn length(&self) -> u64 {
        self.states.sum()
    }
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

/// A span by its number in the operation, and where it counts.
type Numbered = (u32, NodeId);

/// A thread that has been in the operation.
#[derive(Debug)]
pub(crate) struct Lane {
    thread: ThreadKey,
    pub(crate) name: String,
    /// What it has entered, and since when.
    stack: Vec<(Numbered, u64)>,
    /// The span that the thread works at, and since when.
    runs: Option<(Numbered, u64)>,
    /// Up to when its time has been given out by `busy`.
    busy_since: u64,
    /// Which of all that threads used was counted last.
    counted: u64,
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
    pub(crate) absences: Longest<Absence>,
    pub(crate) lanes: Vec<Lane>,
    /// How many spans were created.
    created: u32,
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
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self {
            tree: Tree::default(),
            visits: Longest::new(),
            strands: Longest::new(),
            absences: Longest::new(),
            lanes: Vec::new(),
            created: 0,
            begun: None,
            ended: 0,
            fields: Vec::new(),
            log: Vec::new(),
            log_left_out: 0,
        }
    }

    /// What is counted at a node.
    pub(crate) fn counters(&mut self, node: NodeId) -> &mut Ticks {
        &mut self.tree.of(node).ticks
    }

    /// A span was created. Returns its number.
    pub(crate) fn created(&mut self, node: NodeId) -> u32 {
        self.counters(node).calls += 1;
        let number = self.created;
        self.created = self.created.saturating_add(1);
        number
    }

    /// A span that was not entered yet has another node.
    pub(crate) fn renamed(&mut self, from: NodeId, to: NodeId) {
        let calls = &mut self.counters(from).calls;
        *calls = calls.saturating_sub(1);
        self.counters(to).calls += 1;
    }

    /// A thread, of that name, has entered a span.
    pub(crate) fn entered(
        &mut self,
        thread: (ThreadKey, &str),
        span: Numbered,
        first: bool,
        now: u64,
    ) {
        self.begun.get_or_insert(now);
        let ticks = self.counters(span.1);
        ticks.enters += 1;
        ticks.started += u64::from(first);
        self.begin_lane(thread);
        self.turn(thread.0, now);
        if let Some((_, lane)) = self.lane(thread.0) {
            // Without memory the visit is missing.
            let _ = lane.stack.try_push((span, now));
        }
    }

    /// A thread has exited its innermost occurrence of a span.
    pub(crate) fn exited(
        &mut self,
        thread: ThreadKey,
        span: Numbered,
        now: u64,
        budget: &mut Budget,
    ) {
        self.turn(thread, now);
        let Some((id, lane)) = self.lane(thread) else { return };
        let Some(depth) = lane.stack.iter().rposition(|(entered, _)| *entered == span) else {
            return;
        };
        let (_, since) = lane.stack.remove(depth);
        self.counters(span.1).entered += now.saturating_sub(since);
        let (place, depth) = (self.tree.place(span.1), u16::try_from(depth).unwrap_or(u16::MAX));
        let visit = Visit { span: span.0, place, lane: id, depth, from: since, to: now };
        self.visits.push(visit, budget);
    }

    /// A thread's time up to now goes to its innermost span.
    fn turn(&mut self, thread: ThreadKey, now: u64) {
        let Some((_, lane)) = self.lane(thread) else { return };
        let since = std::mem::replace(&mut lane.busy_since, now);
        if let Some(((_, node), _)) = lane.stack.last().copied() {
            self.counters(node).busy += now.saturating_sub(since);
        }
    }

    /// What a thread did at a node, in its share of the operation's time and in its own.
    pub(crate) fn tell(&mut self, node: NodeId, wall: &Telling, busy: &Telling) {
        self.tree.tell(node, wall, busy);
    }

    /// What a thread used goes to its innermost span. It is told of each span that the thread has
    /// entered, with a `number` that tells it from what was used before.
    pub(crate) fn count(&mut self, thread: ThreadKey, number: u64, switches: Switches) {
        let Some((_, lane)) = self.lane(thread) else { return };
        if std::mem::replace(&mut lane.counted, number) != number
            && let Some(((_, node), _)) = lane.stack.last().copied()
        {
            self.tell(node, &Telling::default(), &Telling::counted(switches));
        }
    }

    /// A thread was found to have been off its CPU between two moments, for as long as the
    /// states say.
    pub(crate) fn was_absent(&mut self, thread: ThreadKey, piece: &Piece, budget: &mut Budget) {
        if let Some((lane, _)) = self.lane(thread) {
            let Piece { from, to, states } = *piece;
            self.absences.push(Absence { lane, from, to, states }, budget);
        }
    }

    /// A thread goes on at a span from now on, or at none.
    pub(crate) fn runs(
        &mut self,
        thread: ThreadKey,
        span: Option<Numbered>,
        now: u64,
        budget: &mut Budget,
    ) {
        let Some((id, lane)) = self.lane(thread) else { return };
        let before = std::mem::replace(&mut lane.runs, span.map(|span| (span, now)));
        if let Some(((span, node), from)) = before {
            let place = self.tree.place(node);
            let strand = Strand { span, place, lane: Some(id), from, to: now };
            self.strands.push(strand, budget);
        }
    }

    /// A span was awaited from then to now, and nobody worked below it.
    pub(crate) fn awaited(
        &mut self,
        (span, node): Numbered,
        from: u64,
        to: u64,
        budget: &mut Budget,
    ) {
        let place = self.tree.place(node);
        self.strands.push(Strand { span, place, lane: None, from, to }, budget);
    }

    /// A span has closed, so long after its first enter.
    pub(crate) fn closed(&mut self, node: NodeId, latency: Option<u64>, now: u64) {
        self.ended = now;
        if let Some(latency) = latency {
            let node = self.tree.of(node);
            node.ticks.latency += latency;
            node.max_latency = node.max_latency.max(latency);
        }
    }

    /// Keeps a line of the log, or counts it.
    pub(crate) fn log(&mut self, line: Line, at: u64) {
        let Line { level, target, text, .. } = line;
        let line = LogLine { at, level, target, text };
        if self.log.len() >= MOST_LINES || self.log.try_push(line).is_none() {
            self.log_left_out += 1;
        }
    }

    /// Ticks from the first enter to the last close.
    pub(crate) fn duration(&self) -> Option<u64> {
        Some(self.ended.saturating_sub(self.begun?))
    }

    fn lane(&mut self, thread: ThreadKey) -> Option<(LaneId, &mut Lane)> {
        let at = self.lanes.iter().rposition(|lane| lane.thread == thread)?;
        Some((LaneId::try_from(at).ok()?, self.lanes.get_mut(at)?))
    }

    /// A lane for a thread that is new to the operation. One that takes an ended thread's
    /// place is another one, if its name is.
    fn begin_lane(&mut self, (thread, name): (ThreadKey, &str)) {
        let known = self.lanes.iter().rfind(|lane| lane.thread == thread);
        if known.is_none_or(|lane| lane.name != name) {
            // Without memory the thread is missing in the chart, or its name is.
            let (name, stack) = (try_text(name).unwrap_or_default(), Vec::new());
            let _ = self.lanes.try_push(Lane {
                thread,
                name,
                stack,
                runs: None,
                busy_since: 0,
                counted: 0,
            });
        }
    }

    /// Gives the memory of its stretches back.
    pub(crate) fn shrink(&mut self, budget: &mut Budget) {
        self.visits.shrink(budget);
        self.strands.shrink(budget);
        self.absences.shrink(budget);
    }

    /// Back to new, as much of its memory kept as most operations need.
    pub(crate) fn clear(&mut self, budget: &mut Budget) {
        let kept = [self.visits.all().len(), self.strands.all().len(), self.absences.all().len()];
        if kept.into_iter().any(|kept| kept > SMALL) {
            self.shrink(budget);
        }
        self.visits.clear();
        self.strands.clear();
        self.absences.clear();
        self.tree.clear(SMALL);
        self.lanes.clear_beyond(SMALL_STACK);
        (self.created, self.begun, self.ended) = (0, None, 0);
        self.fields.clear();
        self.log.clear_beyond(MOST_LINES);
        self.log_left_out = 0;
    }
}
