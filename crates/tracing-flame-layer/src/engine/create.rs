//! A span is created.

use super::{
    Engine, NodeId, Operation, OperationKey,
    slab::Key,
    span::{NEVER, Span, SpanKey},
    thread::{Frame, ThreadKey, What},
    values::ValuesId,
};
use crate::{
    log::{Callsite, NewSpan, Parent, Texts},
    role::Role,
};

impl Engine {
    /// The nearest recorded span that a new one is below.
    pub(super) fn above(&mut self, thread: ThreadKey, parent: Parent) -> Option<SpanKey> {
        let found = match parent {
            Parent::Root => None,
            Parent::Span(id) => self.find(id),
            Parent::Current => {
                self.leave_chain(thread);
                let stack = &self.threads[thread].stack;
                match stack.current()?.what {
                    What::Recorded(key) | What::Clear(Some(key)) => Some(key),
                    // Of a span that nothing is known of: most likely it is below that one.
                    What::Clear(None) => stack.innermost().and_then(Frame::recorded),
                    What::Ghost => None,
                }
            }
        }?;
        let span = &self.spans[found];
        let recorded = if span.is_clear { span.parent? } else { found };
        (!self.spans[recorded].is_closed).then_some(recorded)
    }

    pub(super) fn create_plain(
        &mut self,
        thread: ThreadKey,
        span: u64,
        callsite: Callsite,
        parent: Parent,
    ) -> Option<()> {
        let role = self.site(callsite)?.role;
        let (values, fields) = (Some(Texts::new()), Vec::new());
        self.create(thread, span, NewSpan { callsite, parent, role, values, fields })
    }

    pub(super) fn create_clear(
        &mut self,
        thread: ThreadKey,
        span: u64,
        parent: Parent,
    ) -> Option<()> {
        let parent = self.above(thread, parent);
        let nowhere = Span::new(span, NodeId(0), Key::new(0));
        self.add_span(Span { parent, is_clear: true, ..nowhere }).map(|_| ())
    }

    pub(super) fn create(&mut self, thread: ThreadKey, id: u64, new: NewSpan) -> Option<()> {
        let NewSpan { callsite, parent, role, values, fields } = new;
        if role.skip {
            return self.create_clear(thread, id, parent);
        }
        let is_contextual = parent == Parent::Current;
        // Of an operation that matters only where one may be detached.
        let is_asked = !role.operation || !self.settings.roles.detached.is_empty();
        let found = if is_asked { self.above(thread, parent) } else { None };
        let (above, outer) = if role.operation { (None, found) } else { (found, None) };
        let above = above.map(|above| self.stand_in(above));
        let values = match values {
            Some(values) => self.values.number(callsite, &values, &self.settings.roles.named),
            None => Some(ValuesId::OTHERS),
        };
        let node = self.node(above.map(|above| self.spans[above].node), callsite, values)?;
        self.spans.try_reserve(1)?;
        self.ids.try_reserve(1).ok()?;
        let operation = match above {
            Some(above) => {
                self.recall(above);
                self.spans[above].operation
            }
            None => {
                let operation = self.begin_operation(node)?;
                self.operations[operation].has_no_parent = is_contextual;
                operation
            }
        };
        if self.operations[operation].try_reserve(1).is_none() {
            self.end_if_unused(operation);
            return None;
        }
        if above.is_none() && role.kept {
            self.follow(operation, fields);
        }
        let capture = self.operations[operation].capture.as_mut();
        let number = capture.map_or(0, |capture| capture.created(node));
        let created = if self.settings.queued { self.now } else { NEVER };
        let is_idle = role.idle;
        let is_detached = role.detached;
        let span = Span {
            parent: above,
            outer,
            is_detached,
            is_idle,
            number,
            created,
            ..Span::new(id, node, operation)
        };
        self.add_span(span)?;
        self.count_created(node, role, values);
        Some(())
    }

    pub(super) fn count_created(&mut self, node: NodeId, role: Role, values: Option<ValuesId>) {
        let is_truncated = self.tree.is_truncated(node);
        self.has_recorded_spans = true;
        if is_truncated {
            self.anomalies.truncated += 1;
        } else if values == Some(ValuesId::OTHERS) {
            self.anomalies.merged_values += 1;
        }
        // Else its first enter counts: it may get another node until then.
        self.tree.counters(node).calls += u64::from(is_truncated || !role.has_named);
        self.tree[node].is_named_by_field |= role.by_fields && role.operation;
    }

    /// The span that others hang below, where a span is below the bound of depth: the first
    /// that is, so that they are side by side and there is an end to what is above one.
    pub(super) fn stand_in(&self, above: SpanKey) -> SpanKey {
        let parent = self.spans[above].parent;
        let is_within = |parent: &SpanKey| self.spans[*parent].node == self.spans[above].node;
        match parent.filter(is_within) {
            Some(parent) if self.tree.is_truncated(self.spans[above].node) => parent,
            _ => above,
        }
    }

    pub(super) fn begin_operation(&mut self, root: NodeId) -> Option<OperationKey> {
        match self.operations.reuse() {
            Some(key) => {
                self.operations[key].renew(root);
                Some(key)
            }
            None => self.operations.insert(Operation::new(root)),
        }
    }

    pub(super) fn end_if_unused(&mut self, operation: OperationKey) {
        if self.operations[operation].open == 0 {
            self.operations.remove(operation);
        }
    }

    /// Follows an operation that begins, if it is wanted.
    pub(super) fn follow(&mut self, operation: OperationKey, fields: Vec<(&'static str, String)>) {
        if let Some(mut capture) = self.kept.begin() {
            capture.fields = fields;
            self.operations[operation].follow(capture);
        }
    }

    /// Puts a span where it is found. One of its id that is still there has closed without
    /// a word.
    pub(super) fn add_span(&mut self, span: Span) -> Option<SpanKey> {
        let Span { id, parent, is_clear, is_detached, operation, .. } = span;
        let above = span.above();
        self.ids.try_reserve(1).ok()?;
        self.spans.try_reserve(1)?;
        if let Some(above) = above.filter(|_| !is_clear && !is_detached) {
            self.go_on(above);
        }
        let key = self.spans.insert(span)?;
        if let Some(above) = above {
            let above = &mut self.spans[above];
            above.children += 1;
            above.has_children |= !is_clear && parent.is_some();
        }
        // Counted first, so that the operation does not end with the one before.
        if !is_clear {
            self.operations[operation].open += 1;
            if let Some(above) = above {
                self.begin_below(above, is_detached);
            }
        }
        if let Some(before) = self.ids.insert(id, key) {
            self.close_span(before);
        }
        Some(key)
    }
}
