//! Times added up by name, wherever it stands.

use std::collections::{BTreeMap, BTreeSet};

/// Of each name its self and its total time.
pub(super) type Times = BTreeMap<String, [u64; 2]>;

/// From stacks, bottom first, and their self time. A name that stands in a stack
/// several times has its time once.
pub(super) fn of_stacks(stacks: impl IntoIterator<Item = (Vec<String>, u64)>) -> Times {
    let mut times = Times::new();
    for (stack, nanos) in stacks {
        if let Some(top) = stack.last() {
            times.entry(top.clone()).or_default()[0] += nanos;
        }
        for name in stack.into_iter().collect::<BTreeSet<_>>() {
            times.entry(name).or_default()[1] += nanos;
        }
    }
    times
}
