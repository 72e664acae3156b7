//! A span is created.

use std::num::NonZeroU64;

use tracing::{Metadata, span::Attributes};

use super::{
    biased::Own,
    capture::Capture,
    cell::PinnedCell,
    find::Found,
    operations::OperationId,
    paths::PathId,
    recorder::{Recorder, count},
    role::Role,
    spans::SpanKey,
    state::State,
    sync::Ordering::Relaxed,
    table::{Entry, Place},
    thread::{Local, Owned, ThreadRecord},
    values::ValuesId,
};

/// Below what a span is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parent {
    None,
    /// The thread's current span.
    Current,
    /// The span with this id.
    Span(u64),
}

/// The nearest recorded ancestor.
#[derive(Clone, Copy, Debug)]
enum Above {
    /// None: the span is a root.
    Nothing,
    /// The innermost span of the thread's own operation, nothing parked below.
    Top(PathId),
    /// One of an operation with a record.
    Shared { operation: OperationId, span: SpanKey, node: PathId },
}

/// What is created.
struct New {
    metadata: &'static Metadata<'static>,
    role: Role,
    /// Of its named fields.
    values: Option<ValuesId>,
    /// What follows the operation that begins with it.
    capture: Option<Box<Capture>>,
}

impl Recorder {
    /// A span is created; `wanted` says whether it is one to record.
    pub(crate) fn create(
        &self,
        local: &Local,
        id: NonZeroU64,
        attributes: &Attributes<'_>,
        parent: Parent,
        wanted: bool,
    ) {
        let Some(mut section) = local.section() else { return count(&self.trouble.reentered) };
        let metadata = attributes.metadata();
        let quick = wanted && parent == Parent::Current && self.queue.is_none();
        let record = &*local.record;
        let created = quick
            && (section.state.create_leased(id, metadata, &record.cells)
                || section.state.lease.is_none()
                    && section.state.create_and_tell(id, metadata, &record.cells)
                || self.create_fresh(record, &mut section, id, metadata));
        if created {
            return;
        }
        // The first span of a thread comes here. Read first, so that the line of the cache
        // is not taken from other threads.
        if wanted && !self.met.load(Relaxed) {
            self.met.store(true, Relaxed);
        }
        let role = section.children.role(metadata, &self.roles);
        let mut span = New { metadata, role, values: None, capture: None };
        let followed = role.kept && self.captures.wanted();
        if wanted && (role.is_by_span() || followed) {
            drop(section);
            return self.create_by_fields(local, id, span, attributes, parent);
        }
        self.create_other(local, section, id, &mut span, parent, wanted);
    }

    /// A span is created whose fields matter. Reading them runs the program's own
    /// code, which may make spans itself, so it is done outside the section.
    fn create_by_fields(
        &self,
        local: &Local,
        id: NonZeroU64,
        mut span: New,
        attributes: &Attributes<'_>,
        parent: Parent,
    ) {
        if span.role.by_fields {
            span.role = self.roles.of_span(attributes);
        }
        if span.role.has_named {
            let values = &self.roles.values;
            span.values = match values.read(span.metadata, |visitor| attributes.record(visitor)) {
                Some(read) => values.number(span.metadata, &read),
                None => Some(ValuesId::OTHERS),
            };
        }
        span.capture = self.capture(span.role, attributes);
        match local.section() {
            Some(section) => self.create_other(local, section, id, &mut span, parent, true),
            None => count(&self.trouble.reentered),
        }
        self.give_back(span.capture);
    }

    /// Takes back what follows nothing after all.
    pub(super) fn give_back(&self, capture: Option<Box<Capture>>) {
        if let Some(capture) = capture {
            self.captures.give_back(capture);
        }
    }

    /// What follows an operation that begins with this span, if anything does;
    /// it remembers the span's fields.
    fn capture(&self, role: Role, attributes: &Attributes<'_>) -> Option<Box<Capture>> {
        if !role.kept || role.skip {
            return None;
        }
        let mut capture = self.captures.begin()?;
        capture.read_fields(attributes);
        Some(capture)
    }

    fn create_other<'a>(
        &self,
        local: &'a Local,
        mut section: Own<'a, Owned>,
        id: NonZeroU64,
        span: &mut New,
        parent: Parent,
        wanted: bool,
    ) {
        if !wanted || span.role.skip {
            let above = parent_id(&section, parent);
            let entry = Entry { place: Place::Clear { above }, node: PathId(0) };
            if self.add(&local.record, &mut section, id.get(), entry).is_none() {
                count(&self.trouble.lost);
            }
            return;
        }
        let above = if span.role.operation {
            Above::Nothing
        } else {
            let Some(found) = self.resolve(local, section, parent) else { return };
            section = found.0;
            found.1
        };
        if self.create_below(local, &mut section, id, span, above).is_none() {
            count(&self.trouble.lost);
        } else if let Some(queue) = &self.queue {
            queue.join(id.get(), self.clock.ticks());
        }
    }

    fn create_below(
        &self,
        local: &Local,
        section: &mut Owned,
        id: NonZeroU64,
        span: &mut New,
        above: Above,
    ) -> Option<()> {
        let record = &*local.record;
        let parent = match above {
            Above::Nothing => None,
            Above::Top(node) | Above::Shared { node, .. } => Some(node),
        };
        let at = self.cell_of(local, section, parent, span)?;
        let cell = record.cells.pinned(at);
        let (node, idle) = (cell.node(), span.role.idle);
        let place = match above {
            Above::Nothing if idle => self.begin_shared(node, &mut span.capture)?,
            Above::Nothing if section.state.has_own() || cell.wanders() => {
                Place::Fresh { followed: self.wait(id, &mut span.capture) }
            }
            Above::Nothing | Above::Top(_)
                if !idle && (section.state.lease.is_none() || !cell.is_visited()) =>
            {
                return self.park_child(record, section, id, span, at);
            }
            Above::Shared { operation, span: above, .. } => {
                let (state, above) = (&mut section.state, (operation, above));
                if !idle && self.has_on_lease(record, state, above, at) {
                    return self.park_child(record, section, id, span, at);
                }
                self.create_shared(operation, above.1, node, idle)?
            }
            Above::Nothing | Above::Top(_) => {
                let top = section.state.innermost_own()?.own;
                self.share_own(record, &mut section.state);
                let Place::Shared { operation, span } = self.look_up(record, top)?.place else {
                    return None;
                };
                self.create_shared(operation, span, node, idle)?
            }
        };
        let added = self.add(record, section, id.get(), Entry { place, node });
        if added.is_none() {
            self.remove_new(place);
            if place == (Place::Fresh { followed: true }) {
                span.capture = self.captures.fetch(id.get());
            }
        } else if place == (Place::Fresh { followed: false })
            && span.role == Role::default()
            && !self.paths.is_truncated(node)
            && cell.wanders()
        {
            record.cells.expect_wanderer(span.metadata, at);
        }
        added
    }

    /// Parks a new span of the thread's own operation, or of its chain on lease.
    fn park_child(
        &self,
        record: &ThreadRecord,
        section: &mut Owned,
        id: NonZeroU64,
        span: &mut New,
        at: PinnedCell,
    ) -> Option<()> {
        let node = record.cells.pinned(at).node();
        // Whoever is expected is no more looked at.
        if let Some(children) = section.state.children()
            && span.role == Role::default()
            && !self.paths.is_truncated(node)
        {
            record.cells.expect_child(children, span.metadata, at);
        }
        section.settle(id.get(), record.key, &self.threads);
        self.park(record, &mut section.state, id, at, &mut span.capture)
    }

    /// Lets what is to follow a root wait for whoever enters it first. Returns
    /// whether something does.
    fn wait(&self, root: NonZeroU64, capture: &mut Option<Box<Capture>>) -> bool {
        capture.take().is_some_and(|capture| self.captures.wait(root.get(), capture))
    }

    /// Parks a new span of the thread's own operation, which `capture` follows if it
    /// begins one; what follows nothing after all stays there.
    pub(super) fn park(
        &self,
        record: &ThreadRecord,
        state: &mut State,
        id: NonZeroU64,
        cell: PinnedCell,
        capture: &mut Option<Box<Capture>>,
    ) -> Option<()> {
        if let Some(capture) = capture.take() {
            state.follow(capture, record.key);
            record.follows(true);
        }
        let parked = state.park_new(id, cell, &record.cells);
        if parked.is_none() {
            *capture = state.unfollow_ended();
            record.follows(state.is_followed());
        }
        parked
    }

    /// Takes a span out of its operation again that nobody can find.
    #[cold]
    fn remove_new(&self, place: Place) {
        if let Place::Shared { operation, span } = place
            && let Some(shared) = self.operations.get(operation)
        {
            // It was never entered, so that nothing is billed.
            let mut shared = shared.lock();
            if shared.remove_new(span) {
                self.give_back(shared.take_capture());
                drop(shared);
                self.operations.end(operation);
            }
        }
    }

    /// The counters of a new span, which counts there. Where they depend on its
    /// fields, the thread does not remember them, as it would not look at those
    /// again.
    fn cell_of(
        &self,
        local: &Local,
        section: &mut Owned,
        parent: Option<PathId>,
        span: &New,
    ) -> Option<PinnedCell> {
        let New { metadata, role, values, .. } = *span;
        let cells = &local.record.cells;
        let at = if role.is_by_span() {
            cells.pin(self.paths.child_with(parent, metadata, values)?)?
        } else {
            section.children.child(parent, metadata, &self.paths, cells)?
        };
        let cell = cells.pinned(at);
        let is_truncated = self.paths.is_truncated(cell.node());
        if is_truncated || !role.has_named {
            // Else its first enter counts: it may get another node until then.
            cell.calls.add(1);
        }
        if is_truncated {
            count(&self.trouble.truncated);
        } else if values == Some(ValuesId::OTHERS) {
            count(&self.trouble.merged_values);
        }
        if role.by_fields && role.operation {
            self.name_root(cell.node());
        }
        Some(at)
    }

    /// Begins an operation with a record for its root, which mostly waits.
    fn begin_shared(&self, node: PathId, capture: &mut Option<Box<Capture>>) -> Option<Place> {
        let operation = self.operations.begin()?;
        let mut begun = self.operations.get(operation)?.lock();
        begun.follow(capture.take());
        let span = begun.create(node, None, true);
        if span.is_none() {
            *capture = begun.take_capture();
            drop(begun);
            self.operations.end(operation);
        }
        Some(Place::Shared { operation, span: span? })
    }

    /// Adds a span to an operation with a record.
    fn create_shared(
        &self,
        operation: OperationId,
        parent: SpanKey,
        node: PathId,
        idle: bool,
    ) -> Option<Place> {
        let span = self.operations.get(operation)?.lock().create(node, Some(parent), idle)?;
        Some(Place::Shared { operation, span })
    }

    /// The nearest recorded ancestor, its operation given a record where it is
    /// not the thread's own chain that goes on.
    fn resolve<'a>(
        &self,
        local: &'a Local,
        mut section: Own<'a, Owned>,
        parent: Parent,
    ) -> Option<(Own<'a, Owned>, Above)> {
        let mut id = parent_id(&section, parent);
        while let Some(above) = id {
            let found;
            (section, found) = self.find(local, section, above)?;
            match found {
                None => break,
                Some(Found::Clear { above }) => id = above,
                Some(Found::Shared { operation, span, node }) => {
                    return Some((section, Above::Shared { operation, span, node }));
                }
                Some(Found::Own) => {
                    let chain = section.state.innermost_own().filter(|top| top.own == above);
                    if let (Some(top), false) = (chain, section.state.has_parked()) {
                        let node = local.record.cells.pinned(top.cell).node();
                        return Some((section, Above::Top(node)));
                    }
                    self.share_own(&local.record, &mut section.state);
                }
                Some(Found::Fresh { node, followed }) => {
                    self.share_fresh(&local.record, above, node, followed);
                }
            }
        }
        Some((section, Above::Nothing))
    }
}

fn parent_id(section: &Owned, parent: Parent) -> Option<u64> {
    match parent {
        Parent::None => None,
        Parent::Current => section.state.current(),
        Parent::Span(id) => Some(id),
    }
}
