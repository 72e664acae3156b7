//! Giving an operation a record, once it is more than one thread's own chain.

use super::{
    cell::Cells,
    frames::{Frame, Kind},
    operation::Adopted,
    paths::PathId,
    recorder::{Recorder, count},
    state::State,
    table::{Entry, Place},
    thread::ThreadRecord,
};

impl Recorder {
    /// Gives the operation that a thread has to itself a record, for another
    /// thread that looks for one of its spans. Returns whether that was one.
    #[cold]
    pub(super) fn share_of(&self, record: &ThreadRecord, id: u64) -> bool {
        let mut section = record.state.lock();
        let state = &mut section.state;
        let owns = state.owns(id);
        if owns {
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
    /// of `record`. Where as many operations as fit are open, it is recorded no
    /// further.
    pub(super) fn share_fresh(&self, record: &ThreadRecord, id: u64, node: PathId) {
        let Some(operation) = self.operations.begin() else {
            if self.take(record, id) {
                count(&self.trouble.lost);
                self.change(record, id, Entry { place: Place::Clear { above: None }, node });
            }
            return;
        };
        if !self.take(record, id) {
            return self.operations.end(operation);
        }
        let Some(mut begun) = self.operations.get(operation).map(|o| o.lock()) else { return };
        if let Some(span) = begun.create(node, None, false) {
            self.change(record, id, Entry { place: Place::Shared { operation, span }, node });
        }
    }

    /// The operation that a thread has to itself.
    ///
    /// Nothing is billed here. The operation takes over from the thread's last
    /// stamp, up to which its time has been given out. Where as many operations as
    /// fit are open, it ends there.
    #[cold]
    pub(super) fn share_own(&self, record: &ThreadRecord, state: &mut State) {
        if !state.has_own() {
            return;
        }
        let Some(operation) = self.operations.begin() else {
            return self.lose_own(record, state);
        };
        let Some(mut begun) = self.operations.get(operation).map(|o| o.lock()) else { return };
        let cells = &record.cells;
        let entered = state.stack().iter().filter(|frame| frame.is_own());
        let entered = entered.map(|frame| (*frame, adopted(frame, true, cells)));
        let parked = state.parked().iter();
        let parked = parked.map(|frame| (*frame, adopted(frame, false, cells)));
        let chain: Vec<(Frame, Adopted)> = entered.chain(parked).collect();
        let spans = chain.iter().map(|(_, adopted)| *adopted);
        let keys = begun.adopt(record.key, spans, state.since(), cells);
        let mut kinds = Vec::with_capacity(chain.len());
        for ((frame, Adopted { node, .. }), key) in chain.into_iter().zip(keys) {
            let Some(span) = key else { continue };
            self.show_own(record, &frame, Entry { place: Place::Shared { operation, span }, node });
            kinds.push(Kind::Shared { operation, span });
        }
        state.give_up_own(kinds.into_iter(), cells);
    }

    /// The spans of the thread's own operation go on as ones that are not recorded.
    fn lose_own(&self, record: &ThreadRecord, state: &mut State) {
        for frame in state.stack().iter().chain(state.parked()).filter(|frame| frame.is_own()) {
            count(&self.trouble.lost);
            let node = record.cells.pinned(frame.cell).node();
            self.show_own(record, frame, Entry { place: Place::Clear { above: None }, node });
        }
        state.lose_own(&record.cells);
    }

    /// Lets a span of the thread's own operation be found by others.
    fn show_own(&self, record: &ThreadRecord, frame: &Frame, entry: Entry) {
        if frame.is_taken() {
            self.change(record, frame.own, entry);
        } else {
            self.place(record, frame.own, entry);
        }
    }
}

fn adopted(frame: &Frame, entered: bool, cells: &Cells) -> Adopted {
    let node = cells.pinned(frame.cell).node();
    let counted = frame.counted().unwrap_or_default();
    Adopted { node, started: frame.started(), counted, entered }
}
