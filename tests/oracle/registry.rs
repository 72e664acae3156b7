//! A model of `tracing_subscriber::Registry` 0.3.23, as far as the definition
//! refers to it: who is the current span, and when does a span close.
//!
//! - A stack entry that was already on the stack when it was pushed is never
//!   current: for `[A, B, A]` the current span is `B`.
//! - A closed span stays on the stack of a thread that never exited it. While it
//!   is on top there is no current span, whatever lies below.
//! - Entering holds no reference. Handles do, and so does each child, until the
//!   child has closed.
//!
//! Not modelled: a new thread that is given a dead thread's slot finds the dead
//! one's leftover stack there. The driver empties the Registry's stack before a
//! thread ends, so that no thread inherits one.

use std::collections::BTreeMap;

use super::{Event, Parent, SpanKey, Step};

#[derive(Debug, Default)]
pub struct Registry {
    spans: Vec<Entry>,
    stacks: BTreeMap<usize, Vec<Entered>>,
}

#[derive(Debug)]
struct Entry {
    parent: Option<SpanKey>,
    handles: usize,
    open_children: usize,
}

#[derive(Debug)]
struct Entered {
    span: SpanKey,
    duplicate: bool,
}

impl Registry {
    /// Lets a step happen; says which spans closed by it, children first.
    pub fn apply(&mut self, step: &Step) -> Vec<SpanKey> {
        match &step.event {
            Event::Create { parent, .. } => self.create(step.thread, *parent),
            Event::Clone(span) => self.spans[*span].handles += 1,
            Event::Drop(span) => return self.drop_handle(*span),
            Event::Enter(span) => self.enter(step.thread, *span),
            Event::Exit(span) => self.exit(step.thread, *span),
            Event::ThreadEnd => drop(self.stacks.remove(&step.thread)),
            Event::Record(..) | Event::Start | Event::Stop | Event::Snapshot => {}
        }
        Vec::new()
    }

    fn create(&mut self, thread: usize, parent: Parent) {
        let parent = match parent {
            Parent::Current => self.current(thread),
            Parent::Root => None,
            Parent::Of(span) => Some(span),
        };
        if let Some(parent) = parent {
            assert!(self.is_open(parent), "the parent of a new span is open");
            self.spans[parent].open_children += 1;
        }
        self.spans.push(Entry { parent, handles: 1, open_children: 0 });
    }

    fn drop_handle(&mut self, span: SpanKey) -> Vec<SpanKey> {
        self.spans[span].handles -= 1;
        let mut closed = Vec::new();
        let mut next = Some(span);
        while let Some(span) = next.filter(|span| !self.is_open(*span)) {
            closed.push(span);
            next = self.spans[span].parent;
            if let Some(parent) = next {
                self.spans[parent].open_children -= 1;
            }
        }
        closed
    }

    fn enter(&mut self, thread: usize, span: SpanKey) {
        let stack = self.stacks.entry(thread).or_default();
        let duplicate = stack.iter().any(|entered| entered.span == span);
        stack.push(Entered { span, duplicate });
    }

    fn exit(&mut self, thread: usize, span: SpanKey) {
        let stack = self.stacks.entry(thread).or_default();
        if let Some(place) = stack.iter().rposition(|entered| entered.span == span) {
            stack.remove(place);
        }
    }

    fn current(&self, thread: usize) -> Option<SpanKey> {
        let top = self.stacks.get(&thread)?.iter().rfind(|entered| !entered.duplicate)?;
        Some(top.span).filter(|span| self.is_open(*span))
    }

    /// Whether a thread still has a span on its stack, closed or not.
    pub fn is_on_a_stack(&self, span: SpanKey) -> bool {
        self.stacks.values().flatten().any(|entered| entered.span == span)
    }

    pub fn parent(&self, span: SpanKey) -> Option<SpanKey> {
        self.spans[span].parent
    }

    pub fn handles(&self, span: SpanKey) -> usize {
        self.spans[span].handles
    }

    pub fn is_open(&self, span: SpanKey) -> bool {
        self.spans[span].handles + self.spans[span].open_children > 0
    }

    pub fn count(&self) -> usize {
        self.spans.len()
    }
}
