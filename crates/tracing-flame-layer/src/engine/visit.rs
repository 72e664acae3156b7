//! A span is entered or exited.

use super::{
    Books, Engine, OperationKey,
    slab::Slab,
    span::{NEVER, Span, SpanKey},
    thread::{Frame, ThreadKey, What},
    tree::NodeId,
};

impl Engine {
    pub(super) fn enter(&mut self, thread: ThreadKey, id: u64) -> Option<()> {
        self.leave_chain(thread);
        let found = self.find(id);
        let may_be_repeated = found.is_none_or(|key| self.spans[key].entered > 0);
        let is_repeated = may_be_repeated && self.threads[thread].stack.position(id).is_some();
        let now = self.now;
        match found {
            Some(key) if !self.spans[key].is_clear => self.enter_span(thread, key, is_repeated),
            clear => {
                let frame = Frame::new(id, What::Clear(clear), is_repeated, now);
                self.threads[thread].stack.push(frame)?;
                if let Some(key) = clear {
                    self.spans[key].entered += 1;
                }
                Some(())
            }
        }
    }

    pub(super) fn enter_span(
        &mut self,
        thread: ThreadKey,
        key: SpanKey,
        is_repeated: bool,
    ) -> Option<()> {
        let (node, id) = (self.spans[key].node, self.spans[key].id);
        let operation = self.spans[key].operation;
        let owner = &mut self.threads[thread];
        owner.stack.try_reserve(1)?;
        self.operations[operation].try_reserve(0)?;
        let share = owner.shares.place(owner.number, node, &mut self.tree)?;
        owner.turn(self.now);
        owner.shares.at(share).enters += 1;
        let within = owner.stack.innermost().is_some_and(|frame| match frame.what {
            What::Recorded(outer) => self.spans[outer].node == node,
            What::Clear(_) | What::Ghost => false,
        });
        let is_within = within && self.tree.is_truncated(node);
        let first = !self.spans[key].has_started();
        self.go_on(key);
        self.settle_to_enter(thread, operation);
        let span = (self.spans[key].number, node);
        let record = &mut self.operations[operation];
        if let Some(capture) = &mut record.capture {
            let owner = &self.threads[thread];
            let name = &self.names[owner.name.index()].text;
            capture.entered((thread, name), span, first, self.now);
        }
        self.with_operation(operation, |operation, books| operation.enter(thread, key, books));
        if first {
            self.count_started(key, node);
        }
        let frame = Frame::new(id, What::Recorded(key), is_repeated, self.now);
        self.threads[thread].stack.push(frame.counting(share, is_within))
    }

    fn settle_to_enter(&mut self, thread: ThreadKey, operation: OperationKey) {
        let record = &mut self.operations[operation];
        if !record.lives {
            (record.lives, record.begun, record.settled) = (true, self.now, self.now);
            let (root, has_no_parent) = (record.root, record.has_no_parent);
            let may_be_part = has_no_parent && self.threads[thread].stack.innermost().is_none();
            let standing = self.begin_life(thread, root, may_be_part);
            self.operations[operation].standing = standing;
        }
        let now = self.now;
        self.with_operation(operation, |operation, books| operation.settle(now, books));
    }

    pub(super) fn count_started(&mut self, key: SpanKey, node: NodeId) {
        let counters = self.tree.counters(node);
        counters.started += 1;
        let created = self.spans[key].created;
        if created != NEVER {
            counters.queued.add(self.now - created);
        }
    }

    pub(super) fn exit(&mut self, thread: ThreadKey, id: u64) -> Option<()> {
        self.leave_chain(thread);
        if let Some(at) = self.threads[thread].stack.position(id) {
            self.leave(thread, at);
            return Some(());
        }
        let found = self.find(id).filter(|key| !self.spans[*key].is_clear);
        if let Some(key) = found {
            self.anomalies.unmatched_exits += 1;
            self.anomalies.exited_elsewhere += u64::from(self.spans[key].entered > 0);
        }
        Some(())
    }

    /// Takes a frame off a thread's stack.
    pub(super) fn leave(&mut self, thread: ThreadKey, at: usize) {
        let owner = &mut self.threads[thread];
        let what = owner.stack.frames()[at].what;
        if let What::Recorded(key) = what {
            self.end_visit(thread, at);
            self.threads[thread].stack.remove(at);
            self.exit_span(thread, key);
            return;
        }
        owner.stack.remove(at);
        if let What::Clear(Some(key)) = what {
            self.spans[key].entered = self.spans[key].entered.saturating_sub(1);
        }
    }

    /// Counts the time of a frame that is about to go.
    pub(super) fn end_visit(&mut self, thread: ThreadKey, at: usize) {
        let owner = &mut self.threads[thread];
        owner.turn(self.now);
        let Frame { share, since, is_within, what, .. } = owner.stack.frames()[at];
        if is_within {
            return;
        }
        owner.shares.at(share).entered += self.now - since;
        // The entered time of what was within it is its own from now on.
        let (spans, now) = (&self.spans, self.now);
        let node = |what: What| match what {
            What::Recorded(key) => Some(spans[key].node),
            What::Clear(_) | What::Ghost => None,
        };
        let above = owner.stack.frames_mut().iter_mut().skip(at + 1);
        let next = above.into_iter().find(|frame| matches!(frame.what, What::Recorded(_)));
        if let Some(next) = next
            && next.is_within
            && node(next.what) == node(what)
        {
            (next.is_within, next.since) = (false, now);
        }
    }

    /// A span has been exited by a thread, once: its frame is gone.
    pub(super) fn exit_span(&mut self, thread: ThreadKey, key: SpanKey) {
        let operation = self.spans[key].operation;
        let (spans, tree, budget) = (&mut self.spans, &mut self.tree, &mut self.kept.budget);
        let books = &mut Books { spans, tree, budget };
        let mut recorded =
            self.threads[thread].stack.frames().iter().rev().filter_map(Frame::recorded);
        let top = |spans: &Slab<Span>| recorded.find(|key| spans[*key].operation == operation);
        let record = &mut self.operations[operation];
        record.settle(self.now, books);
        record.exit(thread, key, top, books);
        if let Some(capture) = &mut record.capture {
            let span = (books.spans[key].number, books.spans[key].node);
            capture.exited(thread, span, self.now, books.budget);
        }
        self.may_be_held(key);
    }
}
