//! What a chain did lately, noted as it happens and worked in later.
//!
//! A callback notes a step in one word. Notes are worked into the capture when there is
//! no room for more, when the operation gets a record, and when it has ended and is
//! kept. Most operations are over before the first and are not kept: theirs are never
//! looked at.

use std::sync::Arc;

use super::{
    super::{paths::PathId, sync::sized},
    Budget, Capture,
};

/// How many steps are noted: those of a thousand spans, at 32 kB.
const MOST: usize = sized(4_096, 3);
/// Bits of a word that tell which step it is.
const KIND: u32 = 2;

/// What a chain does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A span is created below the last one, at a node.
    Created(PathId),
    /// The next span is entered, at a time.
    Entered(u64),
    /// The innermost entered span is exited.
    Exited(u64),
    /// The last span, which is not entered, closes.
    Closed(u64),
}

/// Steps that have not been worked in, the oldest first.
#[derive(Debug)]
pub(super) struct Notes {
    /// Room for [`MOST`], or for none yet.
    words: Vec<u64>,
    budget: Arc<Budget>,
}

impl Notes {
    /// No room yet; what it takes is on a budget.
    pub(super) fn new(budget: Arc<Budget>) -> Self {
        Self { words: Vec::new(), budget }
    }

    /// Room for steps, if there is memory.
    fn make_room(&mut self) {
        let bytes = MOST.saturating_mul(size_of::<u64>());
        if self.words.capacity() > 0 || !self.budget.charge(bytes) {
            return;
        }
        if self.words.try_reserve_exact(MOST).is_err() {
            self.budget.credit(bytes);
        }
    }

    #[inline]
    fn has_room(&self) -> bool {
        self.words.len() < self.words.capacity()
    }

    /// Notes a step, where there is room.
    #[inline]
    fn add(&mut self, step: Step) -> bool {
        let room = self.has_room();
        if room {
            self.words.push(word(step));
        }
        room
    }

    /// When a span was entered first, if that is noted; no step is before `since`.
    fn first_enter(&self, since: u64) -> Option<u64> {
        let mut steps = self.words.iter().map(|word| step(*word, since));
        steps.find_map(|step| if let Step::Entered(at) = step { Some(at) } else { None })
    }

    /// When a span closed last, if that is noted.
    fn last_close(&self, since: u64) -> Option<u64> {
        let mut steps = self.words.iter().rev().map(|word| step(*word, since));
        steps.find_map(|step| if let Step::Closed(at) = step { Some(at) } else { None })
    }

    /// No notes, the room kept.
    pub(super) fn clear(&mut self) {
        self.words.clear();
    }

    /// No notes, and no room.
    fn shrink(&mut self) {
        if self.words.capacity() > 0 {
            self.budget.credit(MOST.saturating_mul(size_of::<u64>()));
            self.words = Vec::new();
        }
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        self.shrink();
    }
}

/// A step in a word. Of a time the two highest bits are left out: it is less than a
/// century after the one before.
#[inline]
fn word(step: Step) -> u64 {
    let (kind, payload) = match step {
        Step::Created(node) => (0, u64::from(node.0)),
        Step::Entered(at) => (1, at),
        Step::Exited(at) => (2, at),
        Step::Closed(at) => (3, at),
    };
    payload << KIND | kind
}

/// The step in a word, not before `since`.
#[inline]
fn step(word: u64, since: u64) -> Step {
    match kind(word) {
        0 => Step::Created(node(word)),
        1 => Step::Entered(time(word, since)),
        2 => Step::Exited(time(word, since)),
        _ => Step::Closed(time(word, since)),
    }
}

#[inline]
fn kind(word: u64) -> u64 {
    word & !(u64::MAX << KIND)
}

#[inline]
fn node(word: u64) -> PathId {
    PathId((word >> KIND) as u32)
}

#[inline]
fn time(word: u64, since: u64) -> u64 {
    since.wrapping_add((word >> KIND).wrapping_sub(since) & (u64::MAX >> KIND))
}

/// Whether a span is created, entered, exited and closed.
#[inline]
fn is_visit(words: [u64; 4]) -> bool {
    words.map(kind) == [0, 1, 2, 3]
}

impl Capture {
    /// Room for notes, if there is memory: the chain begins.
    pub(super) fn make_note_room(&mut self) {
        self.notes.make_room();
    }

    /// Whether a step can be noted.
    #[inline]
    pub(crate) fn has_note_room(&self) -> bool {
        self.notes.has_room()
    }

    /// Notes a step, where there is room.
    #[inline]
    pub(crate) fn note(&mut self, step: Step) -> bool {
        self.notes.add(step)
    }

    /// The chain takes a step; room is made for it.
    pub(crate) fn tell(&mut self, step: Step) {
        if !self.notes.add(step) {
            self.work_in();
            if !self.notes.add(step) {
                self.take_step(step);
            }
        }
    }

    /// Works in what was noted.
    pub(crate) fn work_in(&mut self) {
        let mut words = std::mem::take(&mut self.notes.words);
        let mut left = &words[..];
        while let Some((first, others)) = left.split_first() {
            left = match left {
                [created, entered, exited, closed, others @ ..]
                    if is_visit([*created, *entered, *exited, *closed])
                        && self.take_visit(*created, [*entered, *exited, *closed]) =>
                {
                    others
                }
                _ => {
                    self.take_step(step(*first, self.chain.since));
                    others
                }
            };
        }
        words.clear();
        self.notes.words = words;
    }

    /// Takes four steps at once, which is what most are.
    #[inline]
    fn take_visit(&mut self, created: u64, times: [u64; 3]) -> bool {
        let since = self.chain.since;
        self.chain_visited(node(created), times.map(|word| time(word, since)))
    }

    /// Works in what was noted, after which no more is: the operation has ended, or
    /// has a record.
    pub(crate) fn end_notes(&mut self) {
        self.work_in();
        self.notes.shrink();
    }

    #[inline]
    fn take_step(&mut self, step: Step) {
        match step {
            Step::Created(node) => self.chain_created(node),
            Step::Entered(at) => self.chain_entered(at),
            Step::Exited(at) => self.chain_exited(at),
            Step::Closed(at) => self.chain_closed(at),
        }
    }

    /// Ticks at the first enter.
    pub(crate) fn begun(&self) -> Option<u64> {
        self.begun.or_else(|| self.notes.first_enter(self.chain.since))
    }

    /// Ticks from the first enter to the last close.
    pub(crate) fn duration(&self) -> Option<u64> {
        let ended = self.notes.last_close(self.chain.since).unwrap_or(self.ended);
        Some(ended.saturating_sub(self.begun()?))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::operation::ThreadKey, *};

    #[test]
    fn a_step_is_read_as_it_was_noted_whatever_the_clock_counts_from() {
        for since in [0, 5, 1 << 61, 1 << 62, u64::MAX - 10] {
            let at = since + 10;
            let steps = [
                Step::Created(PathId(u32::MAX)),
                Step::Entered(at),
                Step::Exited(at),
                Step::Closed(since),
            ];
            steps.iter().for_each(|noted| assert_eq!(step(word(*noted), since), *noted));
        }
    }

    #[test]
    fn room_for_notes_is_on_the_budget_and_given_back() {
        let budget = Arc::new(Budget::new(MOST * size_of::<u64>()));
        let mut notes = Notes::new(Arc::clone(&budget));
        assert!(!notes.add(Step::Entered(1)));
        notes.make_room();
        (0..MOST as u64).for_each(|at| assert!(notes.add(Step::Entered(at))));
        assert!(!notes.add(Step::Entered(0)));
        let mut others = Notes::new(Arc::clone(&budget));
        others.make_room();
        assert!(!others.has_room());
        drop(notes);
        others.make_room();
        assert!(others.has_room());
    }

    /// Steps that a chain can take, some of them at one instant, in no order; up to the
    /// end.
    fn some_steps(mut seed: u64) -> Vec<Step> {
        let most = 10 + seed as usize * 100;
        let (mut now, mut entered, mut open) = (1_u64 << 62, 0, 1);
        let mut steps = vec![Step::Created(PathId(0))];
        while open > 0 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (what, passed) = (seed >> 60, seed >> 40 & 7);
            now += passed;
            let step = match what {
                0..4 if entered == open && open < 5 && steps.len() < most => {
                    open += 1;
                    Step::Created(PathId(open))
                }
                4..9 if entered < open => {
                    entered += 1;
                    Step::Entered(now)
                }
                9..12 if entered > 0 => {
                    entered -= 1;
                    Step::Exited(now)
                }
                12.. if entered < open && (open > 1 || steps.len() >= most) => {
                    open -= 1;
                    Step::Closed(now)
                }
                _ => continue,
            };
            steps.push(step);
        }
        steps
    }

    #[test]
    fn steps_that_were_noted_come_to_what_they_come_to_one_by_one() {
        let whole = |seed| {
            let [mut noted, mut told] = [(); 2].map(|()| {
                let mut capture = Capture::new(&Arc::new(Budget::new(usize::MAX)));
                capture.begin_chain(ThreadKey(0), 1 << 62);
                capture
            });
            let steps = some_steps(seed);
            steps.iter().for_each(|step| noted.tell(*step));
            steps.iter().for_each(|step| told.take_step(*step));
            assert_eq!((noted.begun(), noted.duration()), (told.begun(), told.duration()));
            noted.end_notes();
            let [noted, told] = [noted, told].map(|c| {
                let nodes: Vec<_> = c.tree.nodes().to_vec();
                format!("{nodes:?} {:?} {:?} {:?}", c.visits.all(), c.strands.all(), c.duration())
            });
            assert_eq!(noted, told, "seed {seed}");
            steps.len()
        };
        assert!((0..100).map(whole).max() > Some(2 * MOST));
    }
}
