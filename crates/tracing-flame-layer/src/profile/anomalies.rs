//! Counts of what went wrong while recording.

/// How often something happened that a correct, bounded program never does.
///
/// None of these stops the recording, and none but the last two loses time: each case
/// has a defined meaning, and these say how often it was needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Anomalies {
    /// Exits of a span that was not entered on that thread; ignored.
    pub unmatched_exits: u64,
    /// Those of them whose span was entered on another thread: most likely a guard
    /// was held across an `.await`, and its task went on elsewhere.
    pub exited_elsewhere: u64,
    /// Threads that had a span entered when it closed; they exit it at the close.
    pub closed_while_entered: u64,
    /// Enters that were not exited when their thread ended; exited at its end.
    pub exited_by_thread_end: u64,
    /// Spans recorded as `[truncated]`: too deep, or one distinct stack too many.
    pub truncated: u64,
    /// Spans recorded as `{…}`: their callsite's named fields had more distinct
    /// values than are told apart.
    pub merged_values: u64,
    /// Values of named fields that came after their span was entered or had a
    /// child; ignored.
    pub late_values: u64,
    /// Callbacks that came while another one was being logged on their own thread, as a
    /// signal handler's or an allocator's do; dropped.
    pub reentered: u64,
    /// Spans, and callbacks about them, that are recorded no further: there was no
    /// memory, or spans came faster than they can be read and the log had no room for as
    /// long as a thread waits for some, which is 1 s.
    pub lost: u64,
}

impl Anomalies {
    /// Those that came after `earlier`.
    #[must_use]
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        self.zip(earlier, u64::saturating_sub)
    }

    /// Both together.
    #[must_use]
    pub(crate) fn plus(&self, other: &Self) -> Self {
        self.zip(other, u64::saturating_add)
    }

    fn zip(&self, other: &Self, each: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            unmatched_exits: each(self.unmatched_exits, other.unmatched_exits),
            exited_elsewhere: each(self.exited_elsewhere, other.exited_elsewhere),
            closed_while_entered: each(self.closed_while_entered, other.closed_while_entered),
            exited_by_thread_end: each(self.exited_by_thread_end, other.exited_by_thread_end),
            truncated: each(self.truncated, other.truncated),
            merged_values: each(self.merged_values, other.merged_values),
            late_values: each(self.late_values, other.late_values),
            reentered: each(self.reentered, other.reentered),
            lost: each(self.lost, other.lost),
        }
    }
}
