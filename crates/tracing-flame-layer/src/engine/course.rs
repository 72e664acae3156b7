//! When a thread was off its CPU, by what the kernel noted down.
//!
//! A reading tells for how long it was in each state, and the kernel's notes when it was off its
//! CPU. Taken together they say what it did in the order of time.

use super::{Engine, ThreadKey};
use crate::{kept::Piece, platform::Switch, room::Room, tally::States};

/// How many switches of a thread wait for its next reading.
const MOST: usize = 16_384;

/// The switches of a thread since its latest reading, and how it began.
#[derive(Debug, Default)]
pub(super) struct Course {
    switches: Vec<(u64, Switch)>,
    /// It was off its CPU as it was told last, and why.
    off: Option<Off>,
}

/// Why a thread is off its CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Off {
    Preempted,
    Asleep,
}

/// A part of a tail.
#[derive(Clone, Copy, Debug)]
struct Part {
    from: u64,
    to: u64,
    off: Option<Off>,
}

impl Part {
    fn length(&self) -> u64 {
        self.to - self.from
    }
}

impl Course {
    fn add(&mut self, at: u64, switch: Switch) {
        if self.switches.len() >= MOST {
            self.switches.clear();
            let _ = self.switches.try_push((at, Switch::Missing));
        }
        // Without memory it is missing, and what comes next does not fit.
        let _ = self.switches.try_push((at, switch));
    }

    /// The parts of a tail, in the order of time; `None` where the switches are not known. Those
    /// up to its end are forgotten. One that a thread tells of itself `ends_on_cpu`.
    fn take(&mut self, (from, to): (u64, u64), ends_on_cpu: bool) -> Option<Vec<Part>> {
        let count = self.switches.partition_point(|(at, _)| *at <= to);
        let mut parts = Vec::new();
        parts.try_reserve(count.saturating_add(1)).ok()?;
        let (mut since, mut off, mut are_known) = (from, self.off, count > 0 || self.off.is_some());
        for (at, switch) in self.switches.drain(..count) {
            let next = match (switch, off) {
                (Switch::Out { preempted: true }, None) => Some(Off::Preempted),
                (Switch::Out { preempted: false }, None) => Some(Off::Asleep),
                (Switch::In, Some(_)) => None,
                _ => {
                    are_known = false;
                    // As far as it goes, for what comes next.
                    if matches!(switch, Switch::Out { .. }) { Some(Off::Asleep) } else { None }
                }
            };
            let at = at.max(since);
            if at > since {
                parts.push(Part { from: since, to: at, off });
            }
            (since, off) = (at, next);
        }
        if to > since {
            parts.push(Part { from: since, to, off });
        }
        are_known &= !(ends_on_cpu && off.is_some());
        self.off = off.filter(|_| !ends_on_cpu);
        are_known.then_some(parts)
    }
}

impl Engine {
    /// A thread was switched, before its next reading.
    pub(crate) fn switched(&mut self, thread: ThreadKey, at: u64, switch: Switch) {
        self.threads[thread].known.course.add(at, switch);
    }

    /// What a thread did in its tail, in pieces in the order of time: one, where nothing is known
    /// of it but these sums. None where nobody wants to know. Whether the thread has told of it
    /// `by_itself`.
    pub(super) fn pieces(
        &mut self,
        thread: ThreadKey,
        tail: u64,
        states: &States,
        by_itself: bool,
    ) -> Vec<Piece> {
        let (from, to) = (self.now - tail, self.now);
        let mut pieces = Vec::new();
        if !self.settings.has_charts() {
            return pieces;
        }
        let parts = self.threads[thread].known.course.take((from, to), by_itself);
        let divided = parts.filter(|_| states.unknown == 0 && states.sum() > 0);
        let divided = divided.and_then(|parts| divide(&parts, states, &mut pieces));
        if divided.is_none() {
            pieces.clear();
            let _ = pieces.try_push(Piece { from, to, states: *states });
        }
        pieces
    }
}

/// What a thread did where the kernel saw it off its CPU, by the sums of its tail. Where it was
/// preempted it was ready to run. Where it went to sleep it was asleep but for what it waited for
/// a CPU besides, which may have been in any of these parts. `None` where it was off its CPU for
/// longer than was seen, by more than a 64th.
fn divide(parts: &[Part], states: &States, pieces: &mut Vec<Piece>) -> Option<()> {
    pieces.try_reserve(parts.len()).ok()?;
    let length = |off: Off| -> u64 {
        parts.iter().filter(|part| part.off == Some(off)).map(Part::length).sum()
    };
    let (preempted, asleep) = (length(Off::Preempted), length(Off::Asleep));
    let seen = preempted + asleep;
    if states.sum() > seen + seen / 64 {
        return None;
    }
    let elsewhere = states.runnable.saturating_sub(preempted);
    for part in parts {
        let length = part.length();
        let surely = |other: u64| length.saturating_sub(other);
        let states = match part.off {
            None => continue,
            Some(Off::Preempted) => States { runnable: length, ..States::default() },
            Some(Off::Asleep) => {
                let blocked = surely(elsewhere + states.off_cpu);
                let runnable = surely(states.blocked + states.off_cpu).min(length - blocked);
                let off_cpu = length - blocked - runnable;
                // No more than was told of it: the kernel's notes may be longer than the reading.
                let asleep = states
                    .asleep
                    .map(|kind| blocked.saturating_sub(states.blocked - kind).min(kind));
                States { runnable, blocked, asleep, off_cpu, unknown: 0 }
            }
        };
        pieces.push(Piece { from: part.from, to: part.to, states });
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::ReasonKind;

    const SLEEPS: Switch = Switch::Out { preempted: false };
    const PREEMPTED: Switch = Switch::Out { preempted: true };

    fn pieces(
        tail: (u64, u64),
        states: States,
        switches: &[(u64, Switch)],
    ) -> Option<Vec<(u64, u64, [u64; 4])>> {
        let mut course = Course::default();
        switches.iter().for_each(|(at, switch)| course.add(*at, *switch));
        let parts = course.take(tail, true)?;
        let mut pieces = Vec::new();
        divide(&parts, &states, &mut pieces).expect("memory");
        let told = pieces.iter().map(|Piece { from, to, states }| {
            let States { runnable, blocked, asleep, off_cpu, .. } = *states;
            (*from, *to, [runnable, blocked, asleep[0], off_cpu])
        });
        Some(told.collect())
    }

    fn states(runnable: u64, blocked: u64, faulted: u64) -> States {
        let states = States { runnable, blocked, ..States::default() };
        states.asleep_for(ReasonKind::Fault, faulted)
    }

    #[test]
    fn what_a_thread_did_is_told_where_it_was_off_its_cpu() {
        let switches = [(110, SLEEPS), (150, Switch::In), (160, PREEMPTED), (180, Switch::In)];
        assert_eq!(
            pieces((100, 200), states(25, 35, 0), &switches),
            Some(vec![(110, 150, [5, 35, 0, 0]), (160, 180, [20, 0, 0, 0])]),
            "what it was runnable beyond its preemption was behind its sleep"
        );
        // The kernel bills a part of the way in as time on a CPU.
        assert_eq!(
            pieces((100, 200), states(20, 36, 18), &switches),
            Some(vec![(110, 150, [0, 40, 18, 0]), (160, 180, [20, 0, 0, 0])])
        );
    }

    #[test]
    fn behind_which_of_several_sleeps_a_wait_was_is_not_known() {
        let switches = [(110, SLEEPS), (150, Switch::In), (160, SLEEPS), (180, Switch::In)];
        assert_eq!(
            pieces((100, 200), states(5, 55, 0), &switches),
            Some(vec![(110, 150, [0, 35, 0, 5]), (160, 180, [0, 15, 0, 5])])
        );
        // One that yields does not sleep.
        assert_eq!(
            pieces((100, 200), states(60, 0, 0), &switches),
            Some(vec![(110, 150, [40, 0, 0, 0]), (160, 180, [20, 0, 0, 0])])
        );
    }

    #[test]
    fn where_a_thread_was_off_its_cpu_for_longer_than_was_seen_it_is_not_known_when() {
        let divided = |states| {
            let mut course = Course::default();
            course.add(100, PREEMPTED);
            course.add(228, Switch::In);
            let parts = course.take((0, 1_000), true).expect("known");
            divide(&parts, &states, &mut Vec::new()).is_some()
        };
        assert!(divided(states(130, 0, 0)));
        assert!(!divided(states(131, 0, 0)));
    }

    #[test]
    fn a_thread_that_is_told_of_in_its_sleep_begins_with_it() {
        let mut course = Course::default();
        course.add(130, SLEEPS);
        let lengths = |parts: Option<Vec<Part>>| -> Vec<(u64, Option<Off>)> {
            parts.expect("known").iter().map(|part| (part.length(), part.off)).collect()
        };
        assert_eq!(lengths(course.take((100, 150), false)), [(30, None), (20, Some(Off::Asleep))]);
        course.add(170, Switch::In);
        assert_eq!(lengths(course.take((150, 200), true)), [(20, Some(Off::Asleep)), (30, None)]);
    }

    #[test]
    fn where_switches_are_missing_nothing_is_told_of_their_order() {
        let all = states(0, 10, 0);
        assert_eq!(pieces((0, 100), all, &[]), None);
        assert_eq!(pieces((0, 100), all, &[(10, Switch::In)]), None);
        assert_eq!(pieces((0, 100), all, &[(10, SLEEPS), (20, SLEEPS), (30, Switch::In)]), None);
        let missing = [(10, SLEEPS), (15, Switch::Missing), (20, SLEEPS), (30, Switch::In)];
        assert_eq!(pieces((0, 100), all, &missing), None);
        // What comes later is known again.
        let mut course = Course::default();
        missing.iter().for_each(|(at, switch)| course.add(*at, *switch));
        assert!(course.take((0, 100), true).is_none());
        course.add(110, SLEEPS);
        course.add(120, Switch::In);
        assert!(course.take((100, 200), true).is_some());
    }

    #[test]
    fn no_more_switches_wait_than_there_is_room_for() {
        let mut course = Course::default();
        for at in 0..3 * MOST as u64 {
            course.add(at, if at % 2 == 0 { SLEEPS } else { Switch::In });
        }
        assert!(course.switches.len() <= MOST);
        assert!(course.take((0, u64::MAX), true).is_none());
    }

    /// Whatever the kernel saw, and the reading told.
    #[test]
    fn pieces_are_where_the_kernel_saw_the_thread_off_its_cpu() {
        let mut seed = 7_u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) % below
        };
        for _ in 0..2_000 {
            let mut at = 1_000;
            let (mut switches, mut seen) = (Vec::new(), Vec::new());
            for _ in 0..random(6) + 1 {
                at += 1 + random(50);
                switches.push((at, if random(2) == 0 { SLEEPS } else { PREEMPTED }));
                let from = at;
                at += 1 + random(50);
                switches.push((at, Switch::In));
                seen.push((from, at));
            }
            let mut left: u64 = seen.iter().map(|(from, to)| to - from).sum();
            let mut take = || {
                let some = random(left + 1);
                left -= some;
                some
            };
            let (runnable, blocked, off_cpu) = (take(), take(), take());
            let all = States { off_cpu, ..states(runnable, blocked, blocked / 2) };
            let told = pieces((1_000, at + 5), all, &switches).expect("all of them are there");
            let places: Vec<_> = told.iter().map(|(from, to, _)| (*from, *to)).collect();
            assert_eq!(places, seen);
            for (from, to, part) in told {
                assert_eq!(part[0] + part[1] + part[3], to - from, "{switches:?} {all:?}");
                assert!(part[2] <= part[1].min(all.asleep[0]), "{switches:?} {all:?}");
            }
        }
    }
}
