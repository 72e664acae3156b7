//! For how long threads were asleep for what, from ticks to nanoseconds.
//!
//! Each time is rounded by itself, and so is the sum of those of one kind, which stands in the
//! node's states. What the two differ by, some nanoseconds, goes to the last of the kind, so
//! that reasons add up to what a node says of their kind.

use std::sync::Arc;

use crate::{
    Clock, Profile,
    profile::{BlockedOn, NodeId, ReasonKind, States},
    tally::{AsleepByNode, NodeId as PathId, Reasons, ticks_of},
};

/// Tells a profile for how long threads were asleep for what: in shares of operations' time, and
/// in their own. Its nodes know the sums of each kind.
pub(super) fn blocked_on(
    profile: &mut Profile,
    (wall, busy): (&AsleepByNode, &AsleepByNode),
    reasons: &Reasons,
    id: impl Fn(PathId) -> Option<NodeId>,
    clock: &Clock,
) {
    let mut keys: Vec<_> = wall.iter().chain(busy.iter()).map(|(key, _)| *key).collect();
    keys.sort_unstable_by_key(|(node, reason)| (*node, reason.0));
    keys.dedup();
    for keys in keys.chunk_by(|(one, _), (other, _)| one == other) {
        let [(path, _), ..] = keys else { continue };
        let Some(node) = id(*path) else { continue };
        let told = keys.iter().filter_map(|&(path, reason)| {
            let wall = clock.nanos(ticks_of(wall.of(path, reason)));
            let busy = clock.nanos(busy.of(path, reason));
            let reason = Arc::clone(reasons.get(usize::from(reason.0))?);
            Some(BlockedOn { node, reason, wall_nanos: wall, busy_nanos: busy })
        });
        let mut told: Vec<BlockedOn> = told.collect();
        let measures = profile.node(node).measures;
        add_up(&mut told, measures.wall_states, |blocked| &mut blocked.wall_nanos);
        add_up(&mut told, measures.busy_states, |blocked| &mut blocked.busy_nanos);
        let some = told.into_iter().filter(|told| told.wall_nanos > 0 || told.busy_nanos > 0);
        some.for_each(|told| profile.push_blocked_on(told));
    }
}

/// Has the times of each kind add up to the node's.
fn add_up(told: &mut [BlockedOn], states: States, nanos: impl Fn(&mut BlockedOn) -> &mut u64) {
    let known = states.asleep();
    let rest = known.iter().fold(states.blocked_nanos, |rest, (_, nanos)| rest - nanos);
    for (kind, of) in known.into_iter().chain([(ReasonKind::Other, rest)]) {
        let of_kind = || (0..).zip(told.iter()).filter(|(_, told)| told.reason.kind == kind);
        let places: Vec<usize> = of_kind().map(|(place, _)| place).collect();
        let mut left = of;
        for place in &places {
            let part = nanos(&mut told[*place]);
            *part = (*part).min(left);
            left -= *part;
        }
        // Of faults some have no file, and of other things some no name.
        let is_whole = !matches!(kind, ReasonKind::Fault | ReasonKind::Other);
        if let (Some(last), true) = (places.last(), is_whole) {
            *nanos(&mut told[*last]) += left;
        }
    }
}
