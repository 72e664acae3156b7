//! A span closes, or a thread ends.

use super::{
    Engine,
    span::{NEVER, Span, SpanKey},
    thread::{Frame, Thread, ThreadKey, What},
};

impl Engine {
    pub(super) fn close(&mut self, id: u64) -> Option<()> {
        if let Some(key) = self.find(id) {
            self.ids.remove(&id);
            self.close_span(key);
        }
        Some(())
    }

    /// A span closes that nobody can find any more.
    pub(super) fn close_span(&mut self, key: SpanKey) {
        if self.spans[key].is_clear {
            self.haunt_clear(key);
        } else {
            while self.spans[key].entered > 0 && self.evict(key) {}
            self.end_span(key);
        }
        self.spans[key].is_closed = true;
        self.release(key);
    }

    pub(super) fn end_span(&mut self, key: SpanKey) {
        let span = &self.spans[key];
        let Span { operation, node, started, counted, is_detached, .. } = *span;
        let (above, is_held) = (span.above(), span.is_held());
        let now = self.now;
        self.with_operation(operation, |operation, books| {
            operation.settle(now, books);
            operation.close(key, books);
        });
        let record = &mut self.operations[operation];
        let settled = record.settled;
        let until = self.spans[key].lasts_until(settled);
        let latency = (started != NEVER).then(|| until.saturating_sub(started));
        if let Some(latency) = latency {
            self.tree.counters(node).end_call(latency, until.saturating_sub(counted));
        }
        if let Some(capture) = &mut record.capture {
            capture.closed(node, latency, settled);
        }
        if record.open == 0 {
            let (lived, standing, root) = (record.lives, record.standing, record.root);
            if let Some(capture) = record.capture.take() {
                self.kept.end(capture, root, now);
            }
            self.operations.remove(operation);
            if lived {
                self.end_life(standing, root);
            }
        }
        let span = &mut self.spans[key];
        (span.held_since, span.loose_since) = (NEVER, NEVER);
        // Nobody is above it again where it stays for its children's sake.
        span.is_closed = true;
        if let Some(above) = above {
            self.end_below(above, is_detached || is_held);
        }
    }

    /// A thread exits every occurrence of a span that closes. Returns whether there was
    /// one.
    #[cold]
    pub(super) fn evict(&mut self, key: SpanKey) -> bool {
        let is_it = |frame: &Frame| frame.what == What::Recorded(key);
        let inside = |thread: &ThreadKey| self.threads[*thread].stack.frames().iter().any(is_it);
        let thread = self.operations[self.spans[key].operation].threads().find(inside);
        let Some(thread) = thread else { return false };
        self.anomalies.closed_while_entered += 1;
        // Else the thread's time would be given to its stack as well.
        self.leave_chain(thread);
        // The thread itself changes no frame here, and reads nothing.
        self.darken(thread);
        while let Some(at) = self.threads[thread].stack.frames().iter().rposition(is_it) {
            self.end_visit(thread, at);
            self.threads[thread].stack.let_haunt(at);
            self.exit_span(thread, key);
        }
        true
    }

    /// Where a span that is not recorded is entered as it closes, its frames stay.
    pub(super) fn haunt_clear(&mut self, key: SpanKey) {
        if self.spans[key].entered == 0 {
            return;
        }
        for thread in self.threads.iter_mut() {
            for at in 0..thread.stack.frames().len() {
                if thread.stack.frames()[at].what == What::Clear(Some(key)) {
                    thread.stack.let_haunt(at);
                }
            }
        }
    }

    /// Frees the place of a span that has closed, once it has no children, and those above
    /// it that waited for that.
    pub(super) fn release(&mut self, key: SpanKey) {
        let mut next = Some(key);
        while let Some(key) = next {
            let span = &self.spans[key];
            if !span.is_closed || span.children > 0 {
                return;
            }
            next = span.above();
            self.spans.remove(key);
            if let Some(parent) = next {
                self.spans[parent].children -= 1;
            }
        }
    }

    /// A thread ends: what it has entered, it exits. What it created and is still open
    /// stays where it is found.
    pub(super) fn end_thread(&mut self, thread: ThreadKey) -> Option<()> {
        self.leave_chain(thread);
        while let Some(at) = self.threads[thread].stack.frames().len().checked_sub(1) {
            let what = self.threads[thread].stack.frames()[at].what;
            self.anomalies.exited_by_thread_end += u64::from(matches!(what, What::Recorded(_)));
            self.leave(thread, at);
        }
        if self.orphans.outer() == Some(thread) {
            self.orphans.end_outer();
        }
        self.threads.remove(thread);
        let name = self.threads[thread].name;
        let none = Thread::new(0, name, false);
        let ended = std::mem::replace(&mut self.threads[thread], none);
        let name = &mut self.names[name.index()];
        name.ended_threads += u64::from(ended.shares.have_entered());
        let shares = name.ended.add(ended.shares);
        let told = name.told.try_merge(&ended.told);
        shares.and(told)
    }
}
