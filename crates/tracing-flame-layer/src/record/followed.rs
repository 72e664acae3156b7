//! An operation with a record, and the capture that follows it, if one does.
//!
//! What is billed to the calling thread's counters is told to the capture too.

use std::ops::Deref;

use super::{
    capture::{Capture, Tee},
    cell::Cells,
    operation::{Adopted, Closed, Operation, ThreadKey},
    paths::PathId,
    spans::SpanKey,
};

/// An operation, followed or not.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    operation: Operation,
    capture: Option<Box<Capture>>,
}

impl Followed {
    /// Follows an operation that has just begun.
    pub(crate) fn follow(&mut self, capture: Option<Box<Capture>>) {
        self.capture = capture;
    }

    /// Ends following.
    pub(crate) fn take_capture(&mut self) -> Option<Box<Capture>> {
        self.capture.take()
    }

    /// The capture, while the operation is followed.
    pub(crate) fn capture(&mut self) -> Option<&mut Capture> {
        self.capture.as_deref_mut()
    }

    /// As [`Operation::create`].
    pub(crate) fn create(
        &mut self,
        node: PathId,
        parent: Option<SpanKey>,
        idle: bool,
    ) -> Option<SpanKey> {
        let span = self.operation.create(node, parent, idle)?;
        if let Some(capture) = &mut self.capture {
            capture.created(span, node);
        }
        Some(span)
    }

    /// As [`Operation::rename`].
    pub(crate) fn rename(&mut self, span: SpanKey, node: PathId) -> bool {
        let renamed = self.operation.rename(span, node);
        if let Some(capture) = self.capture.as_mut().filter(|_| renamed) {
            capture.renamed(span, node);
        }
        renamed
    }

    /// As [`Operation::enter`].
    pub(crate) fn enter(
        &mut self,
        thread: ThreadKey,
        span: SpanKey,
        now: u64,
        cells: &Cells,
    ) -> Option<bool> {
        let Some(capture) = &mut self.capture else {
            return self.operation.enter(thread, span, now, cells);
        };
        let first = self.operation.enter(thread, span, now, &Tee::new(cells, capture))?;
        capture.entered(thread, span, first, self.operation.settled());
        Some(first)
    }

    /// As [`Operation::exit`].
    pub(crate) fn exit(&mut self, thread: ThreadKey, span: SpanKey, now: u64, cells: &Cells) {
        match &mut self.capture {
            None => self.operation.exit(thread, span, now, cells),
            Some(capture) => self.operation.exit(thread, span, now, &Tee::new(cells, capture)),
        }
    }

    /// As [`Operation::evict`].
    pub(crate) fn evict(
        &mut self,
        thread: ThreadKey,
        span: SpanKey,
        now: u64,
        cells: &Cells,
    ) -> bool {
        match &mut self.capture {
            None => self.operation.evict(thread, span, now, cells),
            Some(capture) => self.operation.evict(thread, span, now, &Tee::new(cells, capture)),
        }
    }

    /// As [`Operation::close`].
    pub(crate) fn close(&mut self, span: SpanKey, now: u64, cells: &Cells) -> Closed {
        let Some(capture) = &mut self.capture else {
            return self.operation.close(span, now, cells);
        };
        let closed = self.operation.close(span, now, &Tee::new(cells, capture));
        capture.closed(span, &closed, self.operation.settled());
        closed
    }

    /// As [`Operation::lease`]; none in an operation that is followed.
    pub(crate) fn lease(
        &mut self,
        thread: ThreadKey,
        span: SpanKey,
        now: u64,
        cells: &Cells,
    ) -> Option<u64> {
        if self.capture.is_some() {
            return None;
        }
        self.operation.lease(thread, span, now, cells)
    }

    /// As [`Operation::end_lease`].
    pub(crate) fn end_lease(&mut self, thread: ThreadKey, span: SpanKey, drawn: u64) {
        self.operation.end_lease(thread, span, drawn);
    }

    /// As [`Operation::work_at`].
    pub(crate) fn work_at(&mut self, now: u64, cells: &Cells) -> u64 {
        self.operation.work_at(now, cells)
    }

    /// As [`Operation::adopt`].
    pub(crate) fn adopt(
        &mut self,
        thread: ThreadKey,
        adopted: Adopted,
        parent: Option<SpanKey>,
        cells: &Cells,
    ) -> Option<SpanKey> {
        let span = self.operation.adopt(thread, adopted, parent, cells)?;
        if let Some(capture) = &mut self.capture {
            capture.hand_over(thread, span);
        }
        Some(span)
    }

    /// As [`Operation::begin`].
    pub(crate) fn begin(&mut self, since: u64) {
        self.operation.begin(since);
        if let Some(capture) = &mut self.capture {
            capture.end_chain(since);
        }
    }

    /// As [`Operation::remove_new`].
    pub(crate) fn remove_new(&mut self, span: SpanKey) -> bool {
        self.operation.remove_new(span)
    }

    /// As [`Operation::bill_all`].
    pub(crate) fn bill_all(&mut self, now: u64, cells: &Cells) {
        match &mut self.capture {
            None => self.operation.bill_all(now, cells),
            Some(capture) => self.operation.bill_all(now, &Tee::new(cells, capture)),
        }
    }
}

impl Deref for Followed {
    type Target = Operation;

    fn deref(&self) -> &Operation {
        &self.operation
    }
}
