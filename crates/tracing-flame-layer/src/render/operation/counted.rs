//! What the system counted for an operation, beside what it counts for typical ones of its name.

use crate::{
    profile::{Operation, Switches},
    render::human::Count,
};

/// What each of [`Switches::NAMES`] is called beside a number.
const WORDS: [&str; Switches::NAMES.len()] = [
    "times asleep",
    "times preempted",
    "major page faults",
    "minor page faults",
    "blocks read",
    "blocks written",
];

/// A line for each thing that was counted, for the operation or for one of the typical ones.
pub(in crate::render) fn lines(operation: &Operation) -> Vec<String> {
    let all = operation.profile().nodes().iter().map(|node| node.measures.switches);
    let all = all.fold(Switches::default(), Switches::plus);
    let typical = operation.typical().map(|typical| &typical.counted);
    let line = |(kind, count): (usize, u64)| {
        let percentiles =
            typical.map(|counted| [50, 90, 99].map(|percent| counted[kind].percentile(percent)));
        let beside = match percentiles {
            Some([Some(p50), Some(p90), Some(p99)]) => {
                format!(" (typical: p50 {}, p90 {}, p99 {})", Count(p50), Count(p90), Count(p99))
            }
            _ => String::new(),
        };
        let most = percentiles.and_then(|[.., p99]| p99).unwrap_or(0);
        (count.max(most) > 0).then(|| format!("{} {}{beside}", Count(count), WORDS[kind]))
    };
    all.each().into_iter().enumerate().filter_map(line).collect()
}
