//! What fails time and again is told once.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// What is done again and again, each by the place of its output.
#[derive(Debug, Default)]
pub(crate) struct Failing(Mutex<BTreeSet<(Doing, usize)>>);

/// Something that may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Doing {
    /// Writing a checkpoint.
    Checkpoint,
    /// Drawing the slowest operations so far.
    SlowestSoFar,
    /// Writing a window's picture.
    Window,
    /// Deleting one that is too old.
    Delete,
}

impl Failing {
    /// Remembers that it failed, and says whether that is news: not if it failed
    /// the last time, too.
    pub(crate) fn is_news(&self, doing: Doing, output: usize) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((doing, output))
    }

    /// Remembers that it worked.
    pub(crate) fn worked(&self, doing: Doing, output: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&(doing, output));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_news_once_and_again_after_it_worked() {
        let failing = Failing::default();
        assert!(failing.is_news(Doing::Window, 0));
        assert!(!failing.is_news(Doing::Window, 0));
        assert!(failing.is_news(Doing::Window, 1));
        assert!(failing.is_news(Doing::Delete, 0));
        failing.worked(Doing::Window, 0);
        assert!(failing.is_news(Doing::Window, 0));
        assert!(!failing.is_news(Doing::Window, 1));
    }
}
