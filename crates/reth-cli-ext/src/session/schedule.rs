//! What is due when: pure, so that a test may run through a year of it.

use std::time::Duration;

use crate::window::Window;

/// What the session's timer does at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Begin to take time.
    Open,
    /// Write the picture so far.
    Checkpoint,
    /// End the session.
    End,
}

/// What is due when, counted from the session's start.
///
/// Checkpoints lie at whole multiples of their period from the window's begin.
/// Those that were missed, because writing took so long or the machine slept, are
/// not made up for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    window: Window,
    checkpoint: Option<Duration>,
    /// When the latest task was done; `None` before the window's begin.
    done: Option<Duration>,
}

impl Schedule {
    pub(crate) fn new(window: Window, checkpoint: Option<Duration>) -> Self {
        Self { window, checkpoint, done: None }
    }

    /// What is due next, and when; `None` where nothing is any more.
    pub(crate) fn next(&self) -> Option<(Duration, Task)> {
        let begin = self.window.delay;
        let Some(done) = self.done else { return Some((begin, Task::Open)) };
        let end = self.window.length.map(|length| (begin.saturating_add(length), Task::End));
        let checkpoint = self.checkpoint.map(|period| multiple_after(begin, period, done));
        // Of what is due at one moment the first: no checkpoint right before the end.
        end.into_iter()
            .chain(checkpoint.map(|due| (due, Task::Checkpoint)))
            .min_by_key(|(due, _)| *due)
    }

    /// Remembers that what was due is done.
    pub(crate) fn done(&mut self, now: Duration) {
        self.done = Some(now);
    }
}

/// The first whole multiple of a period from `begin` that lies after `now`.
fn multiple_after(begin: Duration, period: Duration, now: Duration) -> Duration {
    let since = now.saturating_sub(begin);
    let into = since.as_nanos().checked_rem(period.as_nanos()).unwrap_or_default();
    // Less than the period, so that its seconds fit.
    let into = Duration::new((into / 1_000_000_000) as u64, (into % 1_000_000_000) as u32);
    begin.max(now).saturating_add(period - into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn schedule(delay: u64, length: Option<u64>, checkpoint: Option<u64>) -> Schedule {
        let window = Window { delay: secs(delay), length: length.map(secs) };
        Schedule::new(window, checkpoint.map(secs))
    }

    /// Everything that is due, where each task takes so long.
    fn all(mut schedule: Schedule, takes: u64, most: usize) -> Vec<(u64, Task)> {
        let mut all = Vec::new();
        while let Some((due, task)) = schedule.next() {
            all.push((due.as_secs(), task));
            if task == Task::End || all.len() == most {
                break;
            }
            schedule.done(due + secs(takes));
        }
        all
    }

    #[test]
    fn checkpoints_come_at_multiples_of_their_period_from_the_begin_to_the_end() {
        use Task::{Checkpoint, End, Open};
        assert_eq!(
            all(schedule(5, Some(45), Some(20)), 0, 9),
            [(5, Open), (25, Checkpoint), (45, Checkpoint), (50, End)]
        );
        assert_eq!(
            all(schedule(0, None, Some(20)), 0, 4),
            [(0, Open), (20, Checkpoint), (40, Checkpoint), (60, Checkpoint)]
        );
    }

    #[test]
    fn a_checkpoint_that_would_come_with_the_end_is_the_end() {
        use Task::{Checkpoint, End, Open};
        assert_eq!(all(schedule(0, Some(60), Some(60)), 0, 9), [(0, Open), (60, End)]);
        assert_eq!(
            all(schedule(3, Some(60), Some(30)), 0, 9),
            [(3, Open), (33, Checkpoint), (63, End)]
        );
        assert_eq!(all(schedule(0, Some(10), Some(60)), 0, 9), [(0, Open), (10, End)]);
    }

    #[test]
    fn without_an_end_and_checkpoints_nothing_is_due() {
        assert_eq!(all(schedule(7, None, None), 0, 9), [(7, Task::Open)]);
    }

    #[test]
    fn checkpoints_that_were_missed_are_not_made_up_for() {
        use Task::{Checkpoint, End, Open};
        assert_eq!(
            all(schedule(0, Some(100), Some(20)), 25, 9),
            [(0, Open), (40, Checkpoint), (80, Checkpoint), (100, End)]
        );
    }

    #[test]
    fn the_longest_times_there_are_never_come() {
        let mut forever = schedule(0, None, None);
        forever.checkpoint = Some(Duration::MAX);
        forever.window.length = Some(Duration::MAX);
        forever.done(secs(100));
        assert_eq!(forever.next(), Some((Duration::MAX, Task::End)));
    }
}
