//! What stands at one instant: spans that are recorded, and each thread's stack.

use std::collections::BTreeMap;

use super::{Event, Marks, Path, Registry, SpanKey, Step, held::Hold};

/// A span as the definition sees it. Those that are filtered out or skipped are
/// here too, to keep the numbering, but stand on no stack and are no one's parent.
#[derive(Debug)]
pub struct Span {
    pub name: String,
    /// What is written into its frame.
    pub label: String,
    /// Whether its field is part of that.
    pub has_named: bool,
    pub recorded: bool,
    pub idle: bool,
    /// The parent within the operation; `None` for the operation's root.
    pub parent: Option<SpanKey>,
    /// The nearest recorded span above, of whatever operation.
    pub above: Option<SpanKey>,
    /// The operation, named by its root.
    pub operation: SpanKey,
    /// It is no part of what started it.
    pub detached: bool,
    pub held: Option<Hold>,
    pub entered_before: bool,
    /// Whether a span was created whose path its frame is part of.
    pub has_children: bool,
    pub open: bool,
}

/// What a step did, for those who count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    Created(SpanKey),
    Entered {
        span: SpanKey,
        first: bool,
    },
    Exited(SpanKey),
    Closed(SpanKey),
    /// A value came after the span's frame was settled.
    RecordedLate(SpanKey),
    UnmatchedExit(SpanKey),
    /// Once for each thread that had the span entered, however often.
    ClosedWhileEntered(SpanKey),
    /// Once for each time the span was entered there and not exited.
    ExitedByThreadEnd(SpanKey),
}

#[derive(Debug, Default)]
pub struct World {
    marks: Marks,
    registry: Registry,
    pub(super) spans: Vec<Span>,
    /// The operations of which every open span is held, and since when.
    pub(super) held: BTreeMap<SpanKey, u64>,
    /// What each thread has entered, innermost last.
    stacks: BTreeMap<usize, Vec<SpanKey>>,
}

impl World {
    pub fn new(marks: Marks) -> Self {
        Self { marks, ..Self::default() }
    }

    pub fn span(&self, key: SpanKey) -> &Span {
        &self.spans[key]
    }

    /// The recorded spans, in order of creation.
    pub fn spans(&self) -> impl Iterator<Item = (SpanKey, &Span)> {
        self.spans.iter().enumerate().filter(|(_, span)| span.recorded)
    }

    pub fn stacks(&self) -> impl Iterator<Item = &[SpanKey]> {
        self.stacks.values().map(Vec::as_slice)
    }

    pub fn stacks_by_thread(&self) -> impl Iterator<Item = (usize, &[SpanKey])> {
        self.stacks.iter().map(|(thread, stack)| (*thread, stack.as_slice()))
    }

    /// Whether the user named a span an operation, or detached.
    pub(super) fn is_named(&self, key: SpanKey) -> bool {
        let Span { name, detached, .. } = self.span(key);
        *detached || self.marks.operations.contains(name)
    }

    pub fn is_entered_anywhere(&self, key: SpanKey) -> bool {
        self.stacks.values().any(|stack| stack.contains(&key))
    }

    /// Ancestors within the operation, nearest first, the span itself left out.
    pub fn ancestors(&self, key: SpanKey) -> impl Iterator<Item = SpanKey> {
        std::iter::successors(self.spans[key].parent, |key| self.spans[*key].parent)
    }

    /// The names from the operation's root down to the span.
    pub fn path(&self, key: SpanKey) -> Path {
        let mut path = vec![self.spans[key].label.clone()];
        path.extend(self.ancestors(key).map(|key| self.spans[key].label.clone()));
        path.reverse();
        path
    }

    pub fn apply(&mut self, step: &Step) -> Vec<Happening> {
        let closed = self.registry.apply(step);
        let happenings = match &step.event {
            Event::Create { name, .. } => self.create(name),
            Event::Drop(_) => closed.into_iter().flat_map(|span| self.close(span)).collect(),
            Event::Enter(span) => self.enter(step.thread, *span),
            Event::Exit(span) => self.exit(step.thread, *span),
            Event::Record(span, value) => self.record(*span, *value),
            Event::ThreadEnd => self.end_thread(step.thread),
            Event::Clone(_) | Event::Start | Event::Stop | Event::Snapshot => Vec::new(),
        };
        self.look_who_is_held(step.at);
        happenings
    }

    fn create(&mut self, name: &str) -> Vec<Happening> {
        let key = self.spans.len();
        let recorded = !self.marks.filtered.contains(name) && !self.marks.skip.contains(name);
        let detached = self.marks.detached.contains(name);
        let is_named = self.marks.operations.contains(name) || detached;
        let above = self.nearest_recorded(self.registry.parent(key));
        let parent = above.filter(|_| !is_named);
        if let (Some(parent), true) = (parent, recorded) {
            self.spans[parent].has_children = true;
        }
        self.spans.push(Span {
            name: name.to_owned(),
            label: name.to_owned(),
            has_named: self.marks.fields.contains(name),
            recorded,
            idle: self.marks.idle.contains(name),
            parent,
            above,
            detached,
            held: None,
            operation: parent.map_or(key, |parent| self.spans[parent].operation),
            entered_before: false,
            has_children: false,
            open: true,
        });
        if recorded { vec![Happening::Created(key)] } else { Vec::new() }
    }

    /// A span's frame is settled with its first enter, and with its first child.
    fn record(&mut self, key: SpanKey, value: u8) -> Vec<Happening> {
        let span = &mut self.spans[key];
        let label = format!("{}{{x={value}}}", span.name);
        if !span.recorded || !span.has_named || span.label == label {
            Vec::new()
        } else if span.entered_before || span.has_children {
            vec![Happening::RecordedLate(key)]
        } else {
            span.label = label;
            Vec::new()
        }
    }

    fn nearest_recorded(&self, span: Option<SpanKey>) -> Option<SpanKey> {
        std::iter::successors(span, |span| self.registry.parent(*span))
            .find(|span| self.spans[*span].recorded)
    }

    fn enter(&mut self, thread: usize, key: SpanKey) -> Vec<Happening> {
        if !self.spans[key].recorded {
            return Vec::new();
        }
        self.stacks.entry(thread).or_default().push(key);
        let first = !std::mem::replace(&mut self.spans[key].entered_before, true);
        vec![Happening::Entered { span: key, first }]
    }

    fn exit(&mut self, thread: usize, key: SpanKey) -> Vec<Happening> {
        let span = &self.spans[key];
        if !span.recorded || !span.open {
            return Vec::new();
        }
        let stack = self.stacks.entry(thread).or_default();
        match stack.iter().rposition(|entered| *entered == key) {
            Some(place) => {
                stack.remove(place);
                vec![Happening::Exited(key)]
            }
            None => vec![Happening::UnmatchedExit(key)],
        }
    }

    fn close(&mut self, key: SpanKey) -> Vec<Happening> {
        let span = &mut self.spans[key];
        span.open = false;
        if !span.recorded {
            return Vec::new();
        }
        let mut happenings = Vec::new();
        for stack in self.stacks.values_mut() {
            if stack.contains(&key) {
                stack.retain(|entered| *entered != key);
                happenings.push(Happening::ClosedWhileEntered(key));
            }
        }
        happenings.push(Happening::Closed(key));
        happenings
    }

    fn end_thread(&mut self, thread: usize) -> Vec<Happening> {
        let left = self.stacks.remove(&thread).unwrap_or_default();
        left.into_iter().map(Happening::ExitedByThreadEnd).collect()
    }
}
