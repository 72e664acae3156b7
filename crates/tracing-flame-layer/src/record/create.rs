//! A span is created.

use tracing::Metadata;

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

impl Recorder {
    /// A span is created; `wanted` says whether it is one to record.
    #[inline]
    pub(crate) fn create(
        &self,
        local: &Local,
        id: u64,
        metadata: &'static Metadata<'static>,
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
                && let Some(at) = children.known(above, metadata)
                && local.is_settled(id)
                && local.record.table.slot(id).fill_alone(id)
            {
                local.record.cells.pinned(at.cell).calls.add(1);
                return state.park_new(id, at);
            }
        }
        self.create_slowly(local, id, metadata, parent, wanted);
    }

    #[cold]
    fn create_slowly(
        &self,
        local: &Local,
        id: u64,
        metadata: &'static Metadata<'static>,
        parent: Parent,
        wanted: bool,
    ) {
        match local.section() {
            Some(section) => self.create_other(local, section, id, metadata, parent, wanted),
            None => count(&self.trouble.reentered),
        }
    }

    fn create_other<'a>(
        &self,
        local: &'a Local,
        mut section: Own<'a, Owned>,
        id: u64,
        metadata: &'static Metadata<'static>,
        parent: Parent,
        wanted: bool,
    ) {
        let role = section.children.role(metadata, &self.roles);
        if !wanted || role.skip {
            let above = parent_id(&section, parent);
            let entry = Entry { place: Place::Clear { above }, node: PathId(0) };
            return self.add(local, id, entry);
        }
        let above = if role.operation {
            Above::Nothing
        } else {
            let Some(found) = self.resolve(local, section, parent) else { return };
            section = found.0;
            found.1
        };
        self.create_below(local, &mut section, id, metadata, above, role);
    }

    fn create_below(
        &self,
        local: &Local,
        section: &mut Owned,
        id: u64,
        metadata: &'static Metadata<'static>,
        above: Above,
        role: Role,
    ) -> Option<()> {
        let record = &*local.record;
        let parent = match above {
            Above::Nothing => None,
            Above::Top(node) | Above::Shared { node, .. } => Some(node),
        };
        let at = section.children.child(parent, metadata, &self.paths, &record.cells)?;
        record.cells.pinned(at.cell).calls.add(1);
        if self.paths.is_truncated(at.node) {
            count(&self.trouble.truncated);
        }
        let place = match above {
            Above::Nothing if role.idle => self.begin_shared(at, true)?,
            Above::Nothing if section.state.has_own() => Place::Fresh,
            Above::Nothing | Above::Top(_) if !role.idle => {
                section.state.park_new(id, at);
                Place::Alone
            }
            Above::Shared { operation, span, .. } => {
                let span = self.operations.get(operation)?.lock().create(
                    at.node,
                    Some(span),
                    role.idle,
                )?;
                Place::Shared { operation, span }
            }
            Above::Nothing | Above::Top(_) => {
                let top = section.state.innermost_alone()?.id;
                self.share_own(record, &mut section.state);
                let Place::Shared { operation, span } = self.place(record, top)?.place else {
                    return None;
                };
                let span = self.operations.get(operation)?.lock().create(
                    at.node,
                    Some(span),
                    role.idle,
                )?;
                Place::Shared { operation, span }
            }
        };
        self.add(local, id, Entry { place, node: at.node });
        Some(())
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
