//! Frames that are no spans: what those of the frame below them were in.

/// What threads did, in the order of the pictures.
const OF_THREADS: [&str; 9] = [
    "[runnable]",
    "[blocked]",
    "[fault]",
    "[disk]",
    "[lock]",
    "[net]",
    "[timer]",
    "[off-cpu]",
    "[unknown]",
];
pub(crate) const AWAIT: &str = "[await]";

/// Whether a label says what threads did in the frame below it. A span of such a name has
/// another label.
pub(crate) fn is_of_threads(label: &str) -> bool {
    OF_THREADS.contains(&label)
}

/// Whether a stack ends in time that was not spent on a CPU.
pub(super) fn is_off_cpu(stack: &str) -> bool {
    let is = |top: &str| is_of_threads(top) || top == AWAIT;
    stack.rsplit_once(';').is_some_and(|(_, top)| is(top))
}

/// The place of a label among siblings that are no spans.
pub(crate) fn place(label: &str) -> Option<usize> {
    let of_threads = OF_THREADS.iter().position(|&state| state == label);
    of_threads.or_else(|| (label == AWAIT).then_some(OF_THREADS.len()))
}

/// The label at a place among siblings that are no spans.
pub(crate) fn label(place: usize) -> &'static str {
    OF_THREADS.get(place).copied().unwrap_or(AWAIT)
}
