//! A thread: what it has entered, and its name.

use super::{
    chain::Chain,
    shares::{ShareAt, Shares},
    slab::Key,
    span::SpanKey,
    states::Known,
};
use crate::{
    room::{Room, try_text},
    tally::ToldByNode,
};

pub(crate) type ThreadKey = Key<Thread>;

/// A name that threads have, and what those of them counted that have ended.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) ended: Shares,
    /// How many of those had entered a span, and what they did meanwhile.
    pub(crate) ended_threads: u64,
    pub(crate) told: ToldByNode,
}

/// How many names of threads are told apart.
const MOST_NAMES: usize = 256;
/// What the others are called together.
const OTHERS: &str = "(other threads)";

/// A place among the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameId(u32);

impl NameId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }

    /// That of a name, which is added where it is new; `None` where there is no memory.
    /// Threads with a name beyond the bound share one.
    pub(crate) fn of(text: &str, names: &mut Vec<Name>) -> Option<Self> {
        let place = |text: &str| names.iter().position(|name| name.text == text);
        let known = place(text);
        let is_beyond = known.is_none() && names.len() >= MOST_NAMES;
        let (text, known) = if is_beyond { (OTHERS, place(OTHERS)) } else { (text, known) };
        let place = match known {
            Some(place) => place,
            None => {
                let (text, ended, told) =
                    (try_text(text)?, Shares::default(), ToldByNode::default());
                names.try_push(Name { text, ended, ended_threads: 0, told })?;
                names.len() - 1
            }
        };
        Some(Self(u32::try_from(place).ok()?))
    }
}

/// A thread that has not ended.
#[derive(Debug)]
pub(crate) struct Thread {
    /// Tells it from any other of its recorder.
    pub(crate) number: u64,
    pub(crate) name: NameId,
    pub(crate) stack: Stack,
    /// Up to when its time has been given to its innermost span.
    pub(crate) busy_since: u64,
    pub(crate) shares: Shares,
    /// Spans that it has to itself, above the stack.
    pub(crate) chain: Chain,
    /// What its counters said, and what it did by them, by node.
    pub(super) known: Known,
    pub(crate) told: ToldByNode,
}

impl Thread {
    /// A thread of which is to be known what it does, if that is `wanted`.
    pub(crate) fn new(number: u64, name: NameId, wanted: bool) -> Self {
        Self {
            number,
            name,
            stack: Stack::default(),
            busy_since: 0,
            shares: Shares::default(),
            chain: Chain::default(),
            known: Known::new(wanted),
            told: ToldByNode::default(),
        }
    }

    /// The time up to `now` goes to the innermost recorded span of the stack.
    #[inline]
    pub(crate) fn turn(&mut self, now: u64) {
        if let Some(frame) = self.stack.innermost() {
            let busy = now.saturating_sub(self.busy_since);
            self.shares.at(frame.share).busy += busy;
        }
        self.busy_since = now;
    }
}

/// What stands on a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Recorded(SpanKey),
    /// A span that is not recorded, or of which nothing is known.
    Clear(Option<SpanKey>),
    /// A span that has closed and was not exited: the Registry has it there still.
    Ghost,
}

/// A span that is entered on a thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) id: u64,
    pub(crate) what: What,
    /// The thread had entered it before.
    pub(crate) is_repeated: bool,
    /// It is within another of the same truncated node, which has the entered time of both.
    pub(crate) is_within: bool,
    /// Since when its entered time is not counted.
    pub(crate) since: u64,
    pub(crate) share: ShareAt,
    /// One more than the place of the innermost recorded frame up to here, and of the
    /// innermost that is no repetition.
    recorded: usize,
    current: usize,
}

impl Frame {
    pub(crate) fn new(id: u64, what: What, is_repeated: bool, since: u64) -> Self {
        let (is_within, share, recorded, current) = (false, 0, 0, 0);
        Self { id, what, is_repeated, is_within, since, share, recorded, current }
    }

    /// The span, where it is a recorded one.
    pub(crate) fn recorded(&self) -> Option<SpanKey> {
        match self.what {
            What::Recorded(key) => Some(key),
            What::Clear(_) | What::Ghost => None,
        }
    }

    /// The frame of a recorded span that counts there.
    pub(crate) fn counting(self, share: ShareAt, is_within: bool) -> Self {
        Self { share, is_within, ..self }
    }
}

/// The spans that a thread has entered, the innermost last.
#[derive(Debug, Default)]
pub(crate) struct Stack(Vec<Frame>);

impl Stack {
    pub(crate) fn try_reserve(&mut self, more: usize) -> Option<()> {
        self.0.try_reserve(more).ok()
    }

    /// `None` where there is no memory.
    pub(crate) fn push(&mut self, frame: Frame) -> Option<()> {
        self.0.try_push(frame)?;
        self.relink(self.0.len() - 1);
        Some(())
    }

    pub(crate) fn remove(&mut self, at: usize) -> Frame {
        let frame = self.0.remove(at);
        self.relink(at);
        frame
    }

    /// A span that stays on the Registry's stack has closed.
    pub(crate) fn let_haunt(&mut self, at: usize) {
        self.0[at].what = What::Ghost;
        self.relink(at);
    }

    /// Notes for each frame from a place on what is innermost there.
    fn relink(&mut self, from: usize) {
        for at in from..self.0.len() {
            let (recorded, current) = match at.checked_sub(1) {
                Some(below) => (self.0[below].recorded, self.0[below].current),
                None => (0, 0),
            };
            let frame = &mut self.0[at];
            let is_recorded = matches!(frame.what, What::Recorded(_));
            frame.recorded = if is_recorded { at + 1 } else { recorded };
            frame.current = if frame.is_repeated { current } else { at + 1 };
        }
    }

    /// The innermost recorded span.
    #[inline]
    pub(crate) fn innermost(&self) -> Option<&Frame> {
        self.0.get(self.0.last()?.recorded.checked_sub(1)?)
    }

    /// What the Registry takes for the current span: the innermost that is not the
    /// repetition of another.
    pub(crate) fn current(&self) -> Option<&Frame> {
        self.0.get(self.0.last()?.current.checked_sub(1)?)
    }

    /// The place of a span's innermost occurrence.
    #[inline]
    pub(crate) fn position(&self, id: u64) -> Option<usize> {
        self.0.iter().rposition(|frame| frame.id == id)
    }

    pub(crate) fn frames(&self) -> &[Frame] {
        &self.0
    }

    pub(crate) fn frames_mut(&mut self) -> &mut [Frame] {
        &mut self.0
    }
}
