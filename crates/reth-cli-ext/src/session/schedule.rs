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
    /// End a window of `--flame-every` and begin the next.
    Turn,
    /// End the session.
    End,
}

/// What is due when, counted from the session's start.
///
/// Windows turn at whole multiples of their period from the first begin,
/// checkpoints come at multiples of theirs from the last turn. Those that were
/// missed, because writing took so long or the machine slept, are not made up for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    window: Window,
    every: Option<Duration>,
    checkpoint: Option<Duration>,
    /// When the running window began; `None` before the first one.
    turned: Option<Duration>,
    /// When the latest checkpoint was written.
    checked: Duration,
}

impl Schedule {
    pub(crate) fn new(
        window: Window,
        every: Option<Duration>,
        checkpoint: Option<Duration>,
    ) -> Self {
        Self { window, every, checkpoint, turned: None, checked: Duration::ZERO }
    }

    /// What is due next, and when; `None` where nothing is any more.
    pub(crate) fn next(&self) -> Option<(Duration, Task)> {
        let begin = self.window.delay;
        let Some(turned) = self.turned else { return Some((begin, Task::Open)) };
        let end = self.window.length.map(|length| (begin.saturating_add(length), Task::End));
        let due = self.every.map_or(begin, |every| multiple_until(begin, every, turned));
        let turn = self.every.map(|every| (due.saturating_add(every), Task::Turn));
        let checkpoint = self.checkpoint.map(|period| {
            let last = multiple_until(due, period, self.checked.max(turned));
            (last.saturating_add(period), Task::Checkpoint)
        });
        // Of what is due at one moment the first: nothing comes right before the
        // end, and no checkpoint right before a turn.
        let all = end.into_iter().chain(turn).chain(checkpoint);
        all.min_by_key(|(due, _)| *due)
    }

    /// Remembers that something was done, when it began and when it was over.
    pub(crate) fn done(&mut self, task: Task, began: Duration, over: Duration) {
        match task {
            Task::Open | Task::Turn => self.turned = Some(began),
            // One that takes longer than its period has a rest all the same.
            Task::Checkpoint => self.checked = over,
            Task::End => {}
        }
    }
}

/// The last whole multiple of a period from `begin` that lies at or before `now`.
fn multiple_until(begin: Duration, period: Duration, now: Duration) -> Duration {
    let since = now.saturating_sub(begin);
    let into = since.as_nanos().checked_rem(period.as_nanos()).unwrap_or_default();
    // Less than `since`, so that its seconds fit.
    let into = Duration::new((into / 1_000_000_000) as u64, (into % 1_000_000_000) as u32);
    begin + since - into
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn schedule(delay: u64, length: Option<u64>, checkpoint: Option<u64>) -> Schedule {
        let window = Window { delay: secs(delay), length: length.map(secs) };
        Schedule::new(window, None, checkpoint.map(secs))
    }

    fn turning(delay: u64, length: Option<u64>, every: u64, checkpoint: Option<u64>) -> Schedule {
        Schedule { every: Some(secs(every)), ..schedule(delay, length, checkpoint) }
    }

    /// Everything that is due, where each task takes so long.
    fn all(mut schedule: Schedule, takes: u64, most: usize) -> Vec<(u64, Task)> {
        let (mut all, mut now) = (Vec::new(), Duration::ZERO);
        while let Some((due, task)) = schedule.next() {
            all.push((due.as_secs(), task));
            if task == Task::End || all.len() == most {
                break;
            }
            let began = now.max(due);
            now = began + secs(takes);
            schedule.done(task, began, now);
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
            [(0, Open), (20, Checkpoint), (60, Checkpoint), (100, End)]
        );
    }

    #[test]
    fn windows_turn_until_the_end_which_is_the_last_ones() {
        use Task::{End, Open, Turn};
        assert_eq!(
            all(turning(5, Some(30), 10, None), 0, 9),
            [(5, Open), (15, Turn), (25, Turn), (35, End)]
        );
        assert_eq!(
            all(turning(0, None, 10, Some(10)), 0, 4),
            [(0, Open), (10, Turn), (20, Turn), (30, Turn)]
        );
    }

    #[test]
    fn checkpoints_count_from_the_last_turn() {
        use Task::{Checkpoint, Open, Turn};
        assert_eq!(
            all(turning(0, None, 50, Some(20)), 0, 7),
            [
                (0, Open),
                (20, Checkpoint),
                (40, Checkpoint),
                (50, Turn),
                (70, Checkpoint),
                (90, Checkpoint),
                (100, Turn)
            ]
        );
    }

    #[test]
    fn a_turn_that_is_late_makes_one_long_window_and_moves_no_other() {
        let mut late = turning(3, None, 10, None);
        late.done(Task::Open, secs(3), secs(3));
        late.done(Task::Turn, secs(27), secs(28));
        assert_eq!(late.next(), Some((secs(33), Task::Turn)));
    }

    #[test]
    fn a_checkpoint_that_takes_past_the_turn_does_not_swallow_it() {
        use Task::{Checkpoint, Open, Turn};
        assert_eq!(
            all(turning(0, None, 10, Some(7)), 4, 5),
            [(0, Open), (7, Checkpoint), (10, Turn), (17, Checkpoint), (20, Turn)]
        );
    }

    #[test]
    fn the_longest_times_there_are_never_come() {
        let mut forever = schedule(0, None, None);
        forever.checkpoint = Some(Duration::MAX);
        forever.window.length = Some(Duration::MAX);
        forever.every = Some(Duration::MAX);
        forever.done(Task::Open, secs(100), secs(100));
        assert_eq!(forever.next(), Some((Duration::MAX, Task::End)));
    }
}
