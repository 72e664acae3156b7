//! Spans between which something else has had the processor's caches to itself.

use std::{cell::RefCell, hint::black_box, time::Duration};

use super::open;
use crate::measure::timed;

/// Four times the second-level cache of most processors, in words.
const WORDS: usize = (4 << 20) / size_of::<u64>();
/// A line of the cache, in words.
const LINE: usize = 8;

thread_local! {
    static ELSEWHERE: RefCell<Vec<u64>> = RefCell::new(vec![1; WORDS]);
}

/// A unit is a span, each a root, that finds nothing in the first and second level of the
/// caches and branch predictors that know other branches.
pub(super) fn flat(units: u64) -> Duration {
    let span = || timed(|| open(0).in_scope(|| ()));
    (0..units).map(|unit| after(unit, span)).sum()
}

/// A unit is a poll.
pub(super) fn polls(units: u64) -> Duration {
    let task = open(0);
    let poll = || timed(|| task.in_scope(|| ()));
    (0..units).map(|unit| after(unit, poll)).sum()
}

fn after(unit: u64, work: impl FnOnce() -> Duration) -> Duration {
    ELSEWHERE.with_borrow_mut(|memory| {
        for line in memory.chunks_mut(LINE) {
            line[0] = line[0].wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(unit);
        }
        black_box(many_branches(memory[0] ^ unit));
    });
    work()
}

macro_rules! eight_times {
    ($($code:tt)*) => {
        $($code)* $($code)* $($code)* $($code)* $($code)* $($code)* $($code)* $($code)*
    };
}

/// Takes 4,096 branches, each a place of its own in the code, either way by chance.
#[inline(never)]
fn many_branches(mut state: u64) -> u64 {
    eight_times! { eight_times! { eight_times! { eight_times! { branch(&mut state); } } } }
    state
}

#[inline(always)]
fn branch(state: &mut u64) {
    *state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
    if black_box(*state) >> 63 != 0 {
        *state = black_box(!*state);
    }
}
