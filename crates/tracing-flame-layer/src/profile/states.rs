//! What threads did while they were entered in spans.

use std::borrow::Cow;

use super::ReasonKind;

/// The part of a time in which threads were in spans and not on a CPU, by what they did
/// meanwhile, in nanoseconds. What is left of the time was spent on a CPU.
///
/// ```
/// use tracing_flame_layer::profile::States;
///
/// let mut states = States::default();
/// (states.runnable_nanos, states.blocked_nanos) = (2, 30);
/// assert_eq!((states.off_nanos(), states.on_cpu_nanos(40)), (32, 8));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct States {
    /// Ready to run, and waiting for a CPU: preempted, or woken and not yet running.
    pub runnable_nanos: u64,
    /// Asleep by its own doing: for a disk, a lock, the network, a timer, a page. Pictures and
    /// tables show it without the next five, which are parts of it and stand beside it.
    pub blocked_nanos: u64,
    /// The part of `blocked_nanos` that is known to have been for pages that had to be
    /// read: [page faults](super::ReasonKind::Fault).
    pub fault_nanos: u64,
    /// The part that is known to have been for [files](super::ReasonKind::Disk).
    pub disk_nanos: u64,
    /// The part that is known to have been for [another thread](super::ReasonKind::Lock).
    pub lock_nanos: u64,
    /// The part that is known to have been for [sockets](super::ReasonKind::Net) and the like.
    pub net_nanos: u64,
    /// The part that is known to have been for [a time](super::ReasonKind::Timer).
    pub timer_nanos: u64,
    /// Runnable or blocked, and it is not known which.
    pub off_cpu_nanos: u64,
    /// On a CPU or not, and it is not known which.
    pub unknown_nanos: u64,
}

impl States {
    /// All of them together.
    #[must_use]
    pub fn off_nanos(self) -> u64 {
        let Self { runnable_nanos, blocked_nanos, off_cpu_nanos, unknown_nanos, .. } = self;
        [blocked_nanos, off_cpu_nanos, unknown_nanos]
            .into_iter()
            .fold(runnable_nanos, u64::saturating_add)
    }

    /// What is left of a time: spent on a CPU.
    #[must_use]
    pub fn on_cpu_nanos(self, of: u64) -> u64 {
        of.saturating_sub(self.off_nanos())
    }

    /// The parts of `blocked_nanos` of which it is known what they were for, each with its
    /// kind; no more than those in all, whatever was set.
    pub(crate) fn asleep(self) -> [(ReasonKind, u64); ReasonKind::DRAWN.len()] {
        let mut rest = self.blocked_nanos;
        ReasonKind::DRAWN.map(|kind| {
            let part = match kind {
                ReasonKind::Fault => self.fault_nanos,
                ReasonKind::Disk => self.disk_nanos,
                ReasonKind::Lock => self.lock_nanos,
                ReasonKind::Net => self.net_nanos,
                ReasonKind::Timer => self.timer_nanos,
                ReasonKind::Other => 0,
            };
            let part = part.min(rest);
            rest -= part;
            (kind, part)
        })
    }

    /// With these parts of `blocked_nanos`, in the order of [`ReasonKind::DRAWN`].
    #[must_use]
    pub(crate) fn with_asleep(self, parts: [u64; ReasonKind::DRAWN.len()]) -> Self {
        let [fault_nanos, disk_nanos, lock_nanos, net_nanos, timer_nanos] = parts;
        Self { fault_nanos, disk_nanos, lock_nanos, net_nanos, timer_nanos, ..self }
    }

    /// The sums of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            runnable_nanos: self.runnable_nanos.saturating_add(other.runnable_nanos),
            blocked_nanos: self.blocked_nanos.saturating_add(other.blocked_nanos),
            fault_nanos: self.fault_nanos.saturating_add(other.fault_nanos),
            disk_nanos: self.disk_nanos.saturating_add(other.disk_nanos),
            lock_nanos: self.lock_nanos.saturating_add(other.lock_nanos),
            net_nanos: self.net_nanos.saturating_add(other.net_nanos),
            timer_nanos: self.timer_nanos.saturating_add(other.timer_nanos),
            off_cpu_nanos: self.off_cpu_nanos.saturating_add(other.off_cpu_nanos),
            unknown_nanos: self.unknown_nanos.saturating_add(other.unknown_nanos),
        }
    }
}

/// What the system counted for threads while they were in spans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Switches {
    /// Times that a thread let go of its CPU, to sleep or to yield.
    pub voluntary: u64,
    /// Times that its CPU was taken from it.
    pub involuntary: u64,
    /// Page faults for which something was read.
    pub major_faults: u64,
    /// Page faults for which nothing had to be read, as of memory that is touched first. This
    /// and the next two only where [`resources`](crate::Builder::resources) were asked for.
    pub minor_faults: u64,
    /// Blocks of 512 bytes that were read from disks, ahead of what was asked for as well.
    pub blocks_read: u64,
    /// Blocks of 512 bytes that were made dirty, or written around the page cache. When the
    /// system wrote them to a disk it does not say.
    pub blocks_written: u64,
}

impl Switches {
    /// What each of [`each`](Self::each) is called, as in JSON.
    pub const NAMES: [&'static str; 6] = [
        "voluntary",
        "involuntary",
        "major_faults",
        "minor_faults",
        "blocks_read",
        "blocks_written",
    ];

    /// All numbers, in the order of [`NAMES`](Self::NAMES).
    #[must_use]
    pub fn each(self) -> [u64; 6] {
        let Self { voluntary, involuntary, major_faults, .. } = self;
        let Self { minor_faults, blocks_read, blocks_written, .. } = self;
        [voluntary, involuntary, major_faults, minor_faults, blocks_read, blocks_written]
    }

    /// The sums of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            voluntary: self.voluntary.saturating_add(other.voluntary),
            involuntary: self.involuntary.saturating_add(other.involuntary),
            major_faults: self.major_faults.saturating_add(other.major_faults),
            minor_faults: self.minor_faults.saturating_add(other.minor_faults),
            blocks_read: self.blocks_read.saturating_add(other.blocks_read),
            blocks_written: self.blocks_written.saturating_add(other.blocks_written),
        }
    }
}

/// How it is known what threads did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateSource {
    /// A thread's own counters, read wherever it was switched out: exact.
    Exact,
    /// Those counters, read at enters and exits as far as that takes little time. What
    /// threads did between others is unknown; the rest is exact. Says why no more is to be
    /// had, as `None` does.
    Partial(Cow<'static, str>),
    /// There is none, and all states are 0. Says why, in a few words that fit behind
    /// *states: none,*.
    None(Cow<'static, str>),
}

impl StateSource {
    /// Whether there are states.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::None(_))
    }
}
