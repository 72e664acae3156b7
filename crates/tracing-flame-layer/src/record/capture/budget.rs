//! How much memory all captures together may take for their stretches and notes.

use super::super::sync::{AtomicUsize, Ordering::Relaxed};

/// Bytes that are left. Relaxed: a number, read for itself.
#[derive(Debug)]
pub(crate) struct Budget(AtomicUsize);

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(AtomicUsize::new(bytes))
    }

    /// Takes so many bytes where they are left.
    pub(crate) fn charge(&self, bytes: usize) -> bool {
        self.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }

    /// Takes so many bytes, or all that are left.
    pub(crate) fn overdraw(&self, bytes: usize) {
        if bytes > 0 {
            let _ = self.0.fetch_update(Relaxed, Relaxed, |left| Some(left.saturating_sub(bytes)));
        }
    }

    /// Gives so many bytes back.
    pub(crate) fn credit(&self, bytes: usize) {
        let _ = self.0.fetch_update(Relaxed, Relaxed, |left| Some(left.saturating_add(bytes)));
    }
}
