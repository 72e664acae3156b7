//! A span is created.

use tracing::{Metadata, span::Attributes};

use super::{
    biased::Own,
    operations::OperationId,
    paths::PathId,
    recorder::{Recorder, count},
    role::Role,
    spans::SpanKey,
    state::{At, Kind, State},
    table::{Entry, Place},
    thread::{Local, Owned},
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
#[derive(Clone, Copy)]
struct New {
    metadata: &'static Metadata<'static>,
    role: Role,
    /// Of its named fields.
    values: Option<ValuesId>,
}

impl Recorder {
    /// A span is created; `wanted` says whether it is one to record.
    #[inline]
    pub(crate) fn create(
        &self,
        local: &Local,
        id: u64,
        attributes: &Attributes<'_>,
        parent: Parent,
        wanted: bool,
    ) {
        // There is no call in this, so that nothing need be saved and restored
        // around one.
        if wanted
            && parent == Parent::Current
            && self.plain
            && let Some(mut section) = local.section_at_once()
        {
            let Owned { state, children } = &mut *section;
            if let Some(above) = next_of_own(state)
                && let Some(at) = children.known(above, attributes.metadata())
                && local.is_settled(id)
                && local.record.table.slot(id).fill_alone(id)
            {
                local.record.cells.pinned(at.cell).calls.add(1);
                return state.park_new(id, at);
            }
        }
        self.create_slowly(local, id, attributes, parent, wanted);
    }

    #[cold]
    fn create_slowly(
        &self,
        local: &Local,
        id: u64,
        attributes: &Attributes<'_>,
        parent: Parent,
        wanted: bool,
    ) {
        let Some(mut section) = local.section() else { return count(&self.trouble.reentered) };
        let metadata = attributes.metadata();
        let role = section.children.role(metadata, &self.roles);
        let span = New { metadata, role, values: None };
        if wanted && role.is_by_span() {
            drop(section);
            return self.create_by_fields(local, id, span, attributes, parent);
        }
        self.create_other(local, section, id, span, parent, wanted);
    }

    /// A span is created whose fields matter. Reading them runs the program's own
    /// code, which may make spans itself, so it is done outside the section.
    fn create_by_fields(
        &self,
        local: &Local,
        id: u64,
        mut span: New,
        attributes: &Attributes<'_>,
        parent: Parent,
    ) {
        if span.role.by_fields {
            span.role = self.roles.of_span(attributes);
        }
        if span.role.has_named {
            let values = &self.roles.values;
            let read = values.read(span.metadata, |visitor| attributes.record(visitor));
            span.values = values.number(span.metadata, &read);
        }
        match local.section() {
            Some(section) => self.create_other(local, section, id, span, parent, true),
            None => count(&self.trouble.reentered),
        }
    }

    fn create_other<'a>(
        &self,
        local: &'a Local,
        mut section: Own<'a, Owned>,
        id: u64,
        span: New,
        parent: Parent,
        wanted: bool,
    ) {
        if !wanted || span.role.skip {
            let above = parent_id(&section, parent);
            let entry = Entry { place: Place::Clear { above }, node: PathId(0) };
            return self.add(local, id, entry);
        }
        let above = if span.role.operation {
            Above::Nothing
        } else {
            let Some(found) = self.resolve(local, section, parent) else { return };
            section = found.0;
            found.1
        };
        self.create_below(local, &mut section, id, span, above);
    }

    fn create_below(
        &self,
        local: &Local,
        section: &mut Owned,
        id: u64,
        span: New,
        above: Above,
    ) -> Option<()> {
        let record = &*local.record;
        let parent = match above {
            Above::Nothing => None,
            Above::Top(node) | Above::Shared { node, .. } => Some(node),
        };
        let at = self.node_of(local, section, parent, span)?;
        let idle = span.role.idle;
        let place = match above {
            Above::Nothing if idle => self.begin_shared(at, true)?,
            Above::Nothing if section.state.has_own() => Place::Fresh,
            Above::Nothing | Above::Top(_) if !idle => {
                section.state.park_new(id, at);
                Place::Alone
            }
            Above::Shared { operation, span, .. } => {
                let span =
                    self.operations.get(operation)?.lock().create(at.node, Some(span), idle)?;
                Place::Shared { operation, span }
            }
            Above::Nothing | Above::Top(_) => {
                let top = section.state.innermost_alone()?.id;
                self.share_own(record, &mut section.state);
                let Place::Shared { operation, span } = self.place(record, top)?.place else {
                    return None;
                };
                let span =
                    self.operations.get(operation)?.lock().create(at.node, Some(span), idle)?;
                Place::Shared { operation, span }
            }
        };
        self.add(local, id, Entry { place, node: at.node });
        if let Some(queue) = &self.queue {
            queue.join(id, self.clock.ticks());
        }
        Some(())
    }

    /// The node of a new span, which is counted there. Where it depends on the span's fields, the thread
    /// does not remember it, as it would not look at them again.
    fn node_of(
        &self,
        local: &Local,
        section: &mut Owned,
        parent: Option<PathId>,
        span: New,
    ) -> Option<At> {
        let New { metadata, role, values } = span;
        let cells = &local.record.cells;
        let at = if role.is_by_span() {
            let node = self.paths.child_with(parent, metadata, values)?;
            At { node, cell: cells.pin(node)? }
        } else {
            section.children.child(parent, metadata, &self.paths, cells)?
        };
        let is_truncated = self.paths.is_truncated(at.node);
        if is_truncated || !role.has_named {
            // Else its first enter counts: it may get another node until then.
            cells.pinned(at.cell).calls.add(1);
        }
        if is_truncated {
            count(&self.trouble.truncated);
        } else if values == Some(ValuesId::OTHERS) {
            count(&self.trouble.merged_values);
        }
        if role.by_fields && role.operation {
            self.name_root(at.node);
        }
        Some(at)
    }

    /// Begins an operation with a record for its root.
    fn begin_shared(&self, at: At, idle: bool) -> Option<Place> {
        let operation = self.operations.begin()?;
        let span = self.operations.get(operation)?.lock().create(at.node, None, idle)?;
        Some(Place::Shared { operation, span })
    }

    /// The nearest recorded ancestor, its operation given a record where it is
    /// not the thread's own chain that goes on.
    #[cold]
    fn resolve<'a>(
        &self,
        local: &'a Local,
        mut section: Own<'a, Owned>,
        parent: Parent,
    ) -> Option<(Own<'a, Owned>, Above)> {
        let mut id = parent_id(&section, parent);
        while let Some(above) = id {
            let Some(found) = self.find(local, above) else { break };
            match found.entry.place {
                Place::Clear { above } => id = above,
                Place::Shared { operation, span } => {
                    let node = found.entry.node;
                    return Some((section, Above::Shared { operation, span, node }));
                }
                Place::Fresh | Place::Alone if found.owner == local.record.key => {
                    if let Some(node) = top_of_own(&section.state, above) {
                        return Some((section, Above::Top(node)));
                    }
                    self.share(&local.record, &mut section.state, above);
                }
                Place::Fresh | Place::Alone => {
                    drop(section);
                    self.share_of(found.owner, above);
                    section = local.section()?;
                }
            }
        }
        Some((section, Above::Nothing))
    }
}

/// What a new contextual span goes below, where it goes on the own operation's
/// chain or begins one, and there is room for it: a node, or nothing.
#[inline]
fn next_of_own(state: &State) -> Option<Option<PathId>> {
    if !state.has_room() {
        return None;
    }
    match state.top() {
        None => Some(None),
        Some(top) if top.kind == Kind::Alone => top.at.map(|at| Some(at.node)),
        Some(_) => None,
    }
}

fn parent_id(section: &Owned, parent: Parent) -> Option<u64> {
    match parent {
        Parent::None => None,
        Parent::Current => section.state.current(),
        Parent::Span(id) => Some(id),
    }
}

/// The node of the own operation's innermost span, where `id` is that and the
/// chain can go on below it.
fn top_of_own(state: &State, id: u64) -> Option<PathId> {
    let frame = state.innermost_alone().filter(|frame| frame.id == id && !state.has_parked())?;
    frame.at.map(|at| at.node)
}
