//! One operation in the order of time.

use std::{ops::Range, sync::Arc};

use super::{NodeId, States};

/// A span that was entered on a thread, times in nanoseconds since the operation
/// came to life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Visit {
    /// Which span it was: its place in the operation's order of creation.
    pub span: u32,
    /// The span's stack.
    pub node: NodeId,
    /// The thread, by its place in [`Chart::threads`].
    pub thread: usize,
    /// How many spans of the operation the thread was in already.
    pub depth: u16,
    /// The enter.
    pub from_nanos: u64,
    /// The exit.
    pub to_nanos: u64,
}

/// A stretch in which the operation went on at one span: a thread worked there
/// and waited for nobody, or the span was pending and nothing below it was, nor
/// was worked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Strand {
    /// Which span it was, as for [`Visit::span`].
    pub span: u32,
    /// The span's stack.
    pub node: NodeId,
    /// The thread that worked; `None` where the span was awaited.
    pub thread: Option<usize>,
    /// When it began.
    pub from_nanos: u64,
    /// When it ended.
    pub to_nanos: u64,
}

/// A stretch of a thread, in one frame, at whose end it was found to have been off its CPU, or
/// of which it is not known whether it was. Of what a thread did in no absence of its it was on a
/// CPU, but for [those that are missing](Chart::omitted_absences).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Absence {
    /// The thread, by its place in [`Chart::threads`].
    pub thread: usize,
    /// When the thread came into the frame, or was looked at last.
    pub from_nanos: u64,
    /// When it was found out.
    pub to_nanos: u64,
    /// For how long it was in each state meanwhile, in whatever order; for the rest it was on a
    /// CPU.
    pub states: States,
}

/// How many stretches of a kind are missing in a [`Chart`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Omitted {
    /// So many.
    pub count: u64,
    /// The longest of them took so long.
    pub longest_nanos: u64,
}

/// One operation in the order of time: its longest visits and strands, and what its threads did
/// meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chart {
    /// The names of the threads that were in it, in the order in which they came.
    pub threads: Vec<Arc<str>>,
    /// Visits, in the order of their enters.
    pub visits: Vec<Visit>,
    /// Strands, in the order of their beginnings.
    pub strands: Vec<Strand>,
    /// Absences of threads, in the order of threads, and of one in the order of time. No two of
    /// a thread's overlap.
    pub absences: Vec<Absence>,
    /// Shorter visits that are missing.
    pub omitted_visits: Omitted,
    /// Shorter strands that are missing.
    pub omitted_strands: Omitted,
    /// Shorter absences that are missing, by what the threads were off their CPUs.
    pub omitted_absences: Omitted,
}

impl Visit {
    /// A thread's stay in a span of the operation, the first one in the order of creation,
    /// from one moment to another, in no other span.
    #[must_use]
    pub fn new(node: NodeId, thread: usize, nanos: Range<u64>) -> Self {
        Self { span: 0, node, thread, depth: 0, from_nanos: nanos.start, to_nanos: nanos.end }
    }
}

impl Strand {
    /// The operation went on at a span, the first one in the order of creation, from one moment
    /// to another: a thread worked, or with `None` the span was awaited.
    #[must_use]
    pub fn new(node: NodeId, thread: Option<usize>, nanos: Range<u64>) -> Self {
        Self { span: 0, node, thread, from_nanos: nanos.start, to_nanos: nanos.end }
    }
}

impl Omitted {
    /// So many, of which the longest took so long.
    #[must_use]
    pub fn new(count: u64, longest_nanos: u64) -> Self {
        Self { count, longest_nanos }
    }
}

impl Chart {
    /// What a thread did between two moments at which it was in spans. Where only a part of an
    /// [`Absence`] lies between them, it is unknown what it did for as long as it may have done
    /// it before or after.
    #[must_use]
    pub fn states_between(&self, thread: usize, from_nanos: u64, to_nanos: u64) -> States {
        let parts = self.absences_between(thread, from_nanos, to_nanos);
        parts.map(|part| part.states).fold(States::default(), States::plus)
    }

    /// The parts of a thread's absences that lie between two moments, as far as they are known.
    pub(crate) fn absences_between(
        &self,
        thread: usize,
        from_nanos: u64,
        to_nanos: u64,
    ) -> impl Iterator<Item = Absence> {
        let ended = |absence: &Absence| (absence.thread, absence.to_nanos) <= (thread, from_nanos);
        let first = self.absences.partition_point(ended);
        let begun = self.absences[first..]
            .iter()
            .take_while(move |absence| absence.thread == thread && absence.from_nanos < to_nanos);
        begun.map(move |absence| absence.between(from_nanos, to_nanos))
    }
}

impl Absence {
    /// What a thread did from one moment to another, beside being on a CPU.
    #[must_use]
    pub fn new(thread: usize, nanos: Range<u64>, states: States) -> Self {
        Self { thread, from_nanos: nanos.start, to_nanos: nanos.end, states }
    }

    /// The part of it between two moments.
    fn between(&self, from_nanos: u64, to_nanos: u64) -> Self {
        let length = self.to_nanos.saturating_sub(self.from_nanos);
        let from_nanos = from_nanos.max(self.from_nanos);
        let to_nanos = to_nanos.min(self.to_nanos).max(from_nanos);
        let within = to_nanos - from_nanos;
        // As much of each may have been outside.
        let outside = length.saturating_sub(within);
        let surely = |nanos: u64| nanos.saturating_sub(outside);
        let on_cpu = surely(self.states.on_cpu_nanos(length));
        let States { runnable_nanos, blocked_nanos, off_cpu_nanos, .. } = self.states;
        let known = States {
            runnable_nanos: surely(runnable_nanos),
            blocked_nanos: surely(blocked_nanos),
            off_cpu_nanos: surely(off_cpu_nanos),
            ..States::default()
        };
        let known = known.with_asleep(self.states.asleep().map(|(_, nanos)| surely(nanos)));
        let told = known.off_nanos().saturating_add(on_cpu);
        let states = States { unknown_nanos: within.saturating_sub(told), ..known };
        Self { from_nanos, to_nanos, states, ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn absence(thread: usize, from_nanos: u64, to_nanos: u64, states: States) -> Absence {
        Absence { thread, from_nanos, to_nanos, states }
    }

    #[test]
    fn what_a_thread_did_is_told_as_far_as_it_is_known_when() {
        let slept = States { blocked_nanos: 60, fault_nanos: 55, ..States::default() };
        let waited = States { runnable_nanos: 5, ..States::default() };
        let absences = vec![
            absence(0, 0, 100, slept),
            absence(1, 0, 100, slept),
            absence(1, 100, 110, waited),
            absence(2, 0, 900, States { unknown_nanos: 900, ..States::default() }),
        ];
        let chart = Chart { absences, ..Chart::default() };
        assert_eq!(chart.states_between(1, 0, 200), slept.plus(waited));
        assert_eq!(chart.states_between(1, 100, 200), waited);
        assert_eq!(chart.states_between(1, 110, 200), States::default());
        // Of 100, of which it slept for 60: for 40 of the first 80 at least, and no more than 20
        // of these 80 it was surely on a CPU.
        let first =
            States { blocked_nanos: 40, fault_nanos: 35, unknown_nanos: 20, ..States::default() };
        assert_eq!(chart.states_between(1, 0, 80), first);
        assert_eq!(first.on_cpu_nanos(80), 20);
        assert_eq!(chart.states_between(1, 10, 20).unknown_nanos, 10);
        assert_eq!(chart.states_between(7, 0, 200), States::default());
    }
}
