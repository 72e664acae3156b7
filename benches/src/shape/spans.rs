//! Spans that stay on one thread.

use std::time::Duration;

use super::{CALLSITES, Source, Tracing};
use crate::measure::timed;

/// Spans under one root. fastrace drops what exceeds ten times this.
const STRETCH: u64 = 1_000;

/// Calls `one` for each unit, in stretches.
#[inline]
fn stretches<S: Source>(units: u64, one: impl Fn(u64)) -> Duration {
    timed(|| {
        for first in (0..units).step_by(STRETCH as usize) {
            S::within(|| (first..units.min(first + STRETCH)).for_each(&one));
        }
    })
}

/// The callsite of the parent; those before it are for children.
const PARENT: usize = CALLSITES - 1;

/// The same below one parent a stretch.
#[inline]
fn below<S: Source>(units: u64, one: impl Fn(u64)) -> Duration {
    timed(|| {
        for first in (0..units).step_by(STRETCH as usize) {
            let children = || (first..units.min(first + STRETCH)).for_each(&one);
            S::within(|| S::span(PARENT, children));
        }
    })
}

pub(super) fn flat<S: Source>(units: u64) -> Duration {
    stretches::<S>(units, |_| S::span(0, || ()))
}

pub(super) fn nested<S: Source>(units: u64, depth: usize) -> Duration {
    let chains = units / depth as u64;
    stretches::<S>(chains, |_| chain::<S>(0, depth))
}

fn chain<S: Source>(callsite: usize, left: usize) {
    if left > 0 {
        S::span(callsite, || chain::<S>(callsite + 1, left - 1));
    }
}

pub(super) fn fan_out<S: Source>(units: u64) -> Duration {
    below::<S>(units, |unit| S::span(unit as usize % PARENT, || ()))
}

pub(super) fn again<S: Source>(units: u64) -> Duration {
    below::<S>(units, |_| S::span(0, || ()))
}

pub(super) fn long<S: Source>(units: u64) -> Duration {
    timed(|| S::within(|| S::span(PARENT, || (0..units).for_each(|_| S::span(0, || ())))))
}

/// A unit is a span of a chain of three, one of a thousand stacks by chance: each of ten roots
/// has ten children, and each of these ten.
pub(super) fn random_stacks(units: u64) -> Duration {
    let mut state = 1_u64;
    let mut chance = || {
        // A linear congruential generator (Knuth), whose upper bits are the better ones.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % 1_000
    };
    timed(|| {
        for _ in 0..units / 3 {
            let stack = chance();
            let [root, middle, leaf] = [stack / 100, 10 + stack / 10 % 10, 20 + stack % 10];
            Tracing::span(root, || Tracing::span(middle, || Tracing::span(leaf, || ())));
        }
    })
}
