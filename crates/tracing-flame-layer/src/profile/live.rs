//! A thread that has not ended.

use std::sync::Arc;

use super::{NodeId, Window};

/// A thread that recorded and had not ended when the profile was taken, by
/// itself. It tells threads that wait from those that work.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveThread {
    /// The thread's name; threads without one are called `<unnamed>`.
    pub name: Arc<str>,
    /// How long in the window it had at least one span entered.
    pub open_nanos: u64,
    /// The CPU time that it used in the window, or since it entered its first
    /// span if that is less; `None` where the platform does not tell.
    pub cpu_nanos: Option<u64>,
    /// The node whose span was the innermost one entered for the longest.
    pub innermost: NodeId,
}

impl LiveThread {
    /// A thread of a name that was mostly in the spans of a node; for no time yet, and its CPU
    /// time is not known.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, innermost: NodeId) -> Self {
        Self { name: name.into(), open_nanos: 0, cpu_nanos: None, innermost }
    }

    /// Whether the thread was inside spans for over 90 % of a window, but used
    /// under 5 % of a CPU: it seems to have waited. `false` where its CPU time
    /// is not known.
    #[must_use]
    pub fn seems_to_wait(&self, window: &Window) -> bool {
        let length = window.length.as_nanos();
        let open = u128::from(self.open_nanos) * 10 > length * 9;
        open && self.cpu_nanos.is_some_and(|cpu| u128::from(cpu) * 20 < length)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn to_wait_is_to_be_inside_and_off_the_cpu() {
        let window = Window { start: UNIX_EPOCH, length: Duration::from_nanos(1_000) };
        let seems = |open_nanos, cpu_nanos| {
            let innermost = NodeId(0);
            LiveThread { name: "t".into(), open_nanos, cpu_nanos, innermost }.seems_to_wait(&window)
        };
        assert!(seems(901, Some(49)));
        assert!(!seems(900, Some(49)), "outside for a tenth");
        assert!(!seems(901, Some(50)), "at work for a twentieth");
        assert!(!seems(1_000, None), "nobody knows");
    }
}
