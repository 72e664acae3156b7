//! What a frame's spans were in while they did not compute, each a child of its own.

use std::fmt;

use super::human::Nanos;
use crate::profile::{ReasonKind, States};

/// One of them, in the order in which they are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    /// A thread was ready to run, and waited for a CPU.
    Runnable,
    /// A thread was asleep, for whatever it was: no more is known, or it is none of the next.
    Blocked,
    /// A thread was asleep until a page had been read.
    Fault,
    /// A thread was asleep in a system call on a file.
    Disk,
    /// A thread was asleep until another woke it.
    Lock,
    /// A thread was asleep for a socket and the like.
    Net,
    /// A thread was asleep for a time.
    Timer,
    /// A thread was ready or asleep, and it is not known which.
    OffCpu,
    /// A thread was on a CPU or not, and it is not known which.
    Unknown,
    /// Spans were open, but entered on no thread.
    Await,
}

impl State {
    /// All of them.
    pub(crate) const ALL: [Self; 10] = [
        Self::Runnable,
        Self::Blocked,
        Self::Fault,
        Self::Disk,
        Self::Lock,
        Self::Net,
        Self::Timer,
        Self::OffCpu,
        Self::Unknown,
        Self::Await,
    ];

    /// Where a thread sleeps that is known to do so for something of a kind.
    pub(crate) fn of_kind(kind: ReasonKind) -> Self {
        match kind {
            ReasonKind::Fault => Self::Fault,
            ReasonKind::Disk => Self::Disk,
            ReasonKind::Lock => Self::Lock,
            ReasonKind::Net => Self::Net,
            ReasonKind::Timer => Self::Timer,
            ReasonKind::Other => Self::Blocked,
        }
    }

    pub(crate) fn index(self) -> usize {
        self as usize
    }

    /// What is written into its frame.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Runnable => "[runnable]",
            Self::Blocked => "[blocked]",
            Self::Fault => "[fault]",
            Self::Disk => "[disk]",
            Self::Lock => "[lock]",
            Self::Net => "[net]",
            Self::Timer => "[timer]",
            Self::OffCpu => "[off-cpu]",
            Self::Unknown => "[unknown]",
            Self::Await => "[await]",
        }
    }

    /// What it is called within a sentence: the label without its brackets.
    pub(crate) fn name(self) -> &'static str {
        self.label().trim_matches(['[', ']'])
    }

    /// What that says, in a legend and a tooltip.
    #[cfg(feature = "svg")]
    pub(crate) fn means(self) -> &'static str {
        match self {
            Self::Runnable => "ready to run, and waiting for a CPU",
            Self::Blocked => "asleep, and what for is not known or told elsewhere",
            Self::Fault => "asleep until a page was read: a page fault",
            Self::Disk => "asleep in a system call on a file",
            Self::Lock => "asleep in futex: a lock, a condition, a channel, another thread",
            Self::Net => "asleep for a socket, or in poll, select or epoll_wait",
            Self::Timer => "asleep for a time",
            Self::OffCpu => "runnable or blocked, not told apart",
            Self::Unknown => "on a CPU or not, which is not known",
            Self::Await => "open, but entered on no thread",
        }
    }

    /// Whether a thread was asleep in it.
    pub(crate) fn is_sleep(self) -> bool {
        matches!(
            self,
            Self::Blocked | Self::Fault | Self::Disk | Self::Lock | Self::Net | Self::Timer
        )
    }

    /// Whether it is said of a thread that was in the frame.
    pub(crate) fn is_of_threads(self) -> bool {
        self != Self::Await
    }
}

/// A time in parts that add up to it: on a CPU, and in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) on_cpu: u64,
    /// By [`State::index`].
    pub(crate) states: [u64; State::ALL.len()],
}

/// What a time is made of, in words.
impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "on CPU {}", Nanos(self.on_cpu))?;
        for state in State::ALL.into_iter().filter(|state| self.get(*state) > 0) {
            write!(f, ", {} {}", state.name(), Nanos(self.get(state)))?;
        }
        Ok(())
    }
}

impl Parts {
    /// Of which no more is known than that threads were in the frame.
    pub(crate) fn whole(nanos: u64) -> Self {
        Self { on_cpu: nanos, ..Self::default() }
    }

    /// States come to no more than the time that they are parts of, whatever was given.
    pub(crate) fn of(nanos: u64, states: States) -> Self {
        let mut rest = nanos;
        let mut take = |nanos: u64| {
            let part = nanos.min(rest);
            rest -= part;
            part
        };
        let asleep = states.asleep();
        let known = asleep.iter().map(|(_, nanos)| nanos).sum::<u64>();
        let mut parts = [0; State::ALL.len()];
        parts[State::Runnable.index()] = take(states.runnable_nanos);
        parts[State::Blocked.index()] = take(states.blocked_nanos - known);
        for (kind, nanos) in asleep {
            parts[State::of_kind(kind).index()] = take(nanos);
        }
        parts[State::OffCpu.index()] = take(states.off_cpu_nanos);
        parts[State::Unknown.index()] = take(states.unknown_nanos);
        Self { on_cpu: rest, states: parts }
    }

    pub(crate) fn awaited(mut self, nanos: u64) -> Self {
        self.states[State::Await.index()] = nanos;
        self
    }

    pub(crate) fn get(&self, state: State) -> u64 {
        self.states[state.index()]
    }

    /// In which threads were in the frame.
    pub(crate) fn entered(&self) -> u64 {
        let of_threads = State::ALL.into_iter().filter(|state| state.is_of_threads());
        of_threads.fold(self.on_cpu, |sum, state| sum.saturating_add(self.get(state)))
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.on_cpu = self.on_cpu.saturating_add(other.on_cpu);
        for (sum, nanos) in self.states.iter_mut().zip(other.states) {
            *sum = sum.saturating_add(nanos);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_whatever_was_given() {
        let states = States {
            runnable_nanos: 3,
            blocked_nanos: 6,
            fault_nanos: 5,
            off_cpu_nanos: 1,
            unknown_nanos: u64::MAX,
            ..States::default()
        };
        let runnable_first = [(0, [0, 0, 0]), (2, [2, 0, 0]), (9, [3, 1, 5])];
        for (nanos, [runnable, blocked, fault]) in runnable_first {
            let made = Parts::of(nanos, states);
            let states = [State::Runnable, State::Blocked, State::Fault].map(|of| made.get(of));
            assert_eq!((made.on_cpu, states), (0, [runnable, blocked, fault]));
            assert_eq!(made.entered(), nanos);
        }
        let known =
            States { blocked_nanos: 4, disk_nanos: 1, unknown_nanos: 1, ..States::default() };
        let parts = Parts::of(9, known).awaited(7);
        assert_eq!((parts.on_cpu, parts.states), (4, [0, 3, 0, 1, 0, 0, 0, 0, 1, 7]));
        assert_eq!(parts.entered(), 9, "awaits have no thread in them");
    }
}
