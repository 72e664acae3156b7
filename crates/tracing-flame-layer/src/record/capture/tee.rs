//! Shares go to the thread's counters and to the capture alike.

use std::cell::RefCell;

use super::{
    super::{
        cell::Cells,
        operation::{Bill, ThreadKey},
        paths::PathId,
        spans::SpanKey,
    },
    Capture,
};

/// A thread's counters, and the capture of the operation that is being billed.
#[derive(Debug)]
pub(crate) struct Tee<'a> {
    cells: &'a Cells,
    capture: RefCell<&'a mut Capture>,
}

impl<'a> Tee<'a> {
    pub(crate) fn new(cells: &'a Cells, capture: &'a mut Capture) -> Self {
        Self { cells, capture: RefCell::new(capture) }
    }

    /// Never borrowed twice: a capture bills nobody.
    fn capture(&self, tell: impl FnOnce(&mut Capture)) {
        if let Ok(mut capture) = self.capture.try_borrow_mut() {
            tell(&mut capture);
        }
    }
}

impl Bill for Tee<'_> {
    fn shared(&self, node: PathId, share: u64) {
        self.cells.shared(node, share);
        self.capture(|capture| capture.add_shared(node, share));
    }

    fn awaited(&self, node: PathId, share: u64) {
        self.cells.awaited(node, share);
        self.capture(|capture| capture.add_awaited(node, share));
    }

    fn latency(&self, node: PathId, ticks: u64) {
        self.cells.latency(node, ticks);
    }

    fn exited(&self, thread: ThreadKey, span: SpanKey, now: u64) {
        self.capture(|capture| capture.exited(thread, span, now));
    }

    fn runs(&self, thread: ThreadKey, span: Option<SpanKey>, now: u64) {
        self.capture(|capture| capture.runs(thread, span, now));
    }

    fn waits(&self, span: SpanKey, waits: bool, now: u64) {
        self.capture(|capture| capture.waits(span, waits, now));
    }
}
