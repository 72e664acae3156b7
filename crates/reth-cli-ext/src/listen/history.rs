//! Marks of the recent past, so that a page can look back on it.
//!
//! Nothing is kept while nobody looks: each look leaves a mark for those that
//! follow. Marks stand the closer together the younger they are, so that a few
//! of them reach far back.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// The most nodes that all marks together may remember, some 500 bytes each.
const MOST_NODES: usize = 60_000;
/// The most marks there are, and the fewest where a mark has many nodes.
const MOST_MARKS: usize = 32;
const FEWEST_MARKS: usize = 6;
/// The shortest window that is worth a picture where there is no longer past.
const SHORTEST: Duration = Duration::from_millis(500);

/// Moments of the recent past, oldest first.
#[derive(Debug)]
pub(super) struct History<M> {
    marks: VecDeque<(Instant, M)>,
    most: usize,
    /// The longest window that somebody looks at.
    reach: Duration,
}

impl<M: Clone> History<M> {
    pub(super) fn new() -> Self {
        Self { marks: VecDeque::new(), most: MOST_MARKS, reach: Duration::ZERO }
    }

    /// The mark from which a window of about this length reaches up to now: no
    /// shorter where the past is long enough, and hardly a quarter longer.
    pub(super) fn from(&self, now: Instant, length: Duration) -> Option<M> {
        let age = |(at, _): &(Instant, M)| now.duration_since(*at);
        let reaches = self.marks.iter().rev().find(|mark| age(mark) >= length);
        let reaches = reaches.filter(|mark| age(mark) <= longest(length));
        let most_of_it = || {
            let oldest = self.marks.iter().find(|mark| age(mark) < length)?;
            (age(oldest) >= SHORTEST.min(length / 2)).then_some(oldest)
        };
        reaches.or_else(most_of_it).map(|(_, mark)| mark.clone())
    }

    /// Remembers a moment, no earlier than any before, for windows of a length.
    pub(super) fn add(&mut self, now: Instant, mark: M, length: Duration) {
        self.reach = self.reach.max(length);
        self.marks.push_back((now, mark));
        // One that is older than that is kept until the next one reaches too.
        while self.marks.get(1).is_some_and(|(at, _)| now.duration_since(*at) > self.reach) {
            self.marks.pop_front();
        }
        self.thin(now);
    }

    /// Keeps fewer marks where each has many nodes to remember.
    pub(super) fn fit(&mut self, nodes: usize) {
        self.most = (MOST_NODES / nodes.max(1)).clamp(FEWEST_MARKS, MOST_MARKS);
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    /// Drops marks where they stand closest together for their age.
    fn thin(&mut self, now: Instant) {
        let age = |(at, _): &(Instant, M)| now.duration_since(*at).as_secs_f64();
        let reach = self.reach.as_secs_f64();
        while self.marks.len() > self.most {
            let gap = |place: &usize| {
                let (older, younger) = (age(&self.marks[place - 1]), age(&self.marks[place + 1]));
                (older - younger) / (older + reach)
            };
            let inner = 1..self.marks.len() - 1;
            let Some(place) = inner.min_by(|a, b| gap(a).total_cmp(&gap(b))) else { return };
            self.marks.remove(place);
        }
    }
}

/// The longest window that passes for one of this length.
fn longest(length: Duration) -> Duration {
    length + length / 4 + Duration::from_secs(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// How long the windows are that a page sees which looks each second, for so
    /// many seconds.
    fn looks(history: &mut History<u32>, length: Duration, times: u32) -> Vec<Option<u32>> {
        let start = Instant::now();
        let look = |second: u32| {
            let now = start + SECOND * second;
            let from = history.from(now, length);
            history.add(now, second, length);
            from.map(|from| second - from)
        };
        (0..times).map(look).collect()
    }

    #[test]
    fn a_window_grows_until_it_has_its_length() {
        let lengths = looks(&mut History::new(), SECOND * 5, 9);
        let grown = [None, Some(1), Some(2), Some(3), Some(4)];
        assert_eq!(lengths[..5], grown);
        assert_eq!(lengths[5..], [Some(5); 4]);
    }

    #[test]
    fn few_marks_reach_far_back() {
        let mut history = History::new();
        let lengths = looks(&mut history, SECOND * 600, 2_000);
        assert!(history.marks.len() <= MOST_MARKS);
        assert!(lengths[700..].iter().flatten().all(|length| (600..=750).contains(length)));
        assert!(lengths[1..600].iter().zip(1..).all(|(length, grown)| *length == Some(grown)));
    }

    #[test]
    fn marks_that_remember_much_are_fewer() {
        let mut history = History::new();
        history.fit(1_000_000);
        let lengths = looks(&mut history, SECOND * 60, 500);
        assert_eq!(history.marks.len(), FEWEST_MARKS);
        let lengths: Vec<u32> = lengths[100..].iter().copied().flatten().collect();
        assert!(lengths.iter().all(|length| (44..=76).contains(length)), "{lengths:?}");
    }

    #[test]
    fn after_a_long_absence_the_past_is_short_again() {
        let mut history = History::new();
        let start = Instant::now();
        history.add(start, 0, SECOND * 5);
        let now = start + SECOND * 60;
        assert_eq!(history.from(now, SECOND * 5), None, "that would be a minute");
        history.add(now, 1, SECOND * 5);
        assert_eq!(history.from(now + SECOND * 2, SECOND * 5), Some(1));
        history.clear();
        assert_eq!(history.from(now + SECOND * 2, SECOND * 5), None);
    }

    #[test]
    fn two_lengths_are_looked_at_side_by_side() {
        let mut history = History::new();
        let start = Instant::now();
        for second in 0..200 {
            let now = start + SECOND * second;
            history.add(now, second, SECOND * 60);
            history.add(now, second, SECOND * 5);
        }
        let now = start + SECOND * 200;
        let ago = |length| history.from(now, SECOND * length).map(|from| 200 - from);
        assert!(ago(5).is_some_and(|ago| (5..=7).contains(&ago)));
        assert!(ago(60).is_some_and(|ago| (60..=76).contains(&ago)));
    }
}
