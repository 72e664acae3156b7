//! Giving an operation a record, once it is more than one thread's own chain.

use super::{
    capture::Capture,
    cell::Cells,
    followed::Followed,
    frames::{Frame, Kind},
    operation::Adopted,
    operations::OperationId,
    paths::PathId,
    recorder::{Recorder, count},
    spans::SpanKey,
    state::State,
    table::{Entry, Place},
    thread::ThreadRecord,
};

impl Recorder {
    /// Gives the operation that a thread has to itself a record, for another
    /// thread that looks for one of its spans. Returns whether that was one.
    #[cold]
    pub(super) fn share_of(&self, record: &ThreadRecord, id: u64) -> bool {
        // A clock may be the program's own code, so it is asked first.
        let now = self.clock.ticks();
        let mut section = record.state.lock();
        let state = &mut section.state;
        let owns = state.owns(id);
        if owns {
            if state.lease.is_some() {
                if let Some(frame) = state.own(id) {
                    record.cells.pinned(frame.cell).let_visit();
                }
                drop(self.end_lease(record, state, now));
                return true;
            }
            if let ([], [root]) = (state.stack(), state.parked())
                && root.started().is_none()
            {
                record.cells.let_wander(root.cell);
            }
            self.share_own(record, state);
        }
        owns
    }

    /// Gives a root that was never entered a record. The caller is in the section
    /// of `record`. Where as many operations as fit are open, and where there is no
    /// memory, it is recorded no further.
    pub(super) fn share_fresh(&self, record: &ThreadRecord, id: u64, node: PathId, followed: bool) {
        let begun = self.operations.begin();
        if !self.take(record, id) {
            if let Some(operation) = begun {
                self.operations.end(operation);
            }
            return;
        }
        let capture = if followed { self.captures.fetch(id) } else { None };
        let place = self.begin_fresh(begun, node, capture).unwrap_or_else(|| {
            count(&self.trouble.lost);
            Place::Clear { above: None }
        });
        self.change(record, id, Entry { place, node });
    }

    /// An operation's first span, which nobody has entered.
    fn begin_fresh(
        &self,
        begun: Option<OperationId>,
        node: PathId,
        capture: Option<Box<Capture>>,
    ) -> Option<Place> {
        let begun = begun.and_then(|id| Some((id, self.operations.get(id)?.lock())));
        let Some((operation, mut begun)) = begun else {
            self.give_back(capture);
            return None;
        };
        begun.follow(capture);
        if let Some(span) = begun.create(node, None, false) {
            return Some(Place::Shared { operation, span });
        }
        self.give_back(begun.take_capture());
        drop(begun);
        self.operations.end(operation);
        None
    }

    /// The operation that a thread has to itself.
    ///
    /// Nothing is billed here. The operation takes over from the thread's last
    /// stamp, up to which its time has been given out. Where as many operations as
    /// fit are open, it ends there.
    #[cold]
    pub(super) fn share_own(&self, record: &ThreadRecord, state: &mut State) {
        if state.lease.is_some() {
            return drop(self.end_lease(record, state, self.clock.ticks()));
        }
        if !state.has_own() {
            return;
        }
        let cells = &record.cells;
        let since = state.since();
        let begun = self.operations.begin();
        let shared = begun.and_then(|id| Some((id, self.operations.get(id)?.lock())));
        let capture = state.unfollow();
        record.follows(false);
        let Some((operation, mut begun)) = shared else {
            self.give_back(capture);
            return state.give_up_own(|frame, _| self.lose(record, frame), cells);
        };
        begun.follow(capture);
        begun.begin(since);
        self.adopt_own(record, state, operation, &mut begun, None);
        if begun.is_empty() {
            self.give_back(begun.take_capture());
            drop(begun);
            self.operations.end(operation);
        }
    }

    /// Puts the thread's chain into a record, below one of its spans or as a whole.
    pub(super) fn adopt_own(
        &self,
        record: &ThreadRecord,
        state: &mut State,
        operation: OperationId,
        begun: &mut Followed,
        below: Option<SpanKey>,
    ) {
        let (cells, since) = (&record.cells, state.since());
        // What the next span of the chain is below; `None` where that is lost.
        let mut parent = Some(below);
        let adopt = |frame: &Frame, entered| {
            let adopted = adopted(frame, entered, cells);
            let span = parent.and_then(|parent| {
                let span = begun.adopt(record.key, adopted, parent, cells)?;
                let place = Place::Shared { operation, span };
                let shown = self.show_own(record, frame, Entry { place, node: adopted.node });
                if shown.is_none() {
                    begun.evict(record.key, span, since, cells);
                    begun.close(span, since, cells);
                }
                shown.map(|()| span)
            });
            parent = span.map(Some);
            match span {
                Some(span) => Some(Kind::Shared { operation, span }),
                None => self.lose(record, frame),
            }
        };
        state.give_up_own(adopt, cells);
    }

    /// A span of the thread's own operation goes on as one that is not recorded.
    fn lose(&self, record: &ThreadRecord, frame: &Frame) -> Option<Kind> {
        count(&self.trouble.lost);
        let node = record.cells.pinned(frame.cell).node();
        self.show_own(record, frame, Entry { place: Place::Clear { above: None }, node });
        None
    }

    /// Lets a span of the thread's own operation be found by others; `None` where
    /// there is no memory.
    fn show_own(&self, record: &ThreadRecord, frame: &Frame, entry: Entry) -> Option<()> {
        if frame.is_taken() {
            self.change(record, frame.own, entry);
            return Some(());
        }
        self.place(record, frame.own, entry)
    }
}

fn adopted(frame: &Frame, entered: bool, cells: &Cells) -> Adopted {
    let node = cells.pinned(frame.cell).node();
    let counted = frame.counted().unwrap_or_default();
    Adopted { node, started: frame.started(), counted, entered }
}
