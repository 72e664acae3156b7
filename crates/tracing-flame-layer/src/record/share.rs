//! Giving an operation a record, once it is more than one thread's own chain.

use super::{
    operation::{Adopted, ThreadKey},
    recorder::Recorder,
    state::{Frame, Kind, NEVER, State},
    table::{Entry, Place},
    thread::ThreadRecord,
};

impl Recorder {
    /// Gives a span's operation a record if it has none. `state` is that of the
    /// thread that created the span.
    #[cold]
    pub(super) fn share(&self, record: &ThreadRecord, state: &mut State, id: u64) {
        match self.place(record, id) {
            Some(Entry { place: Place::Alone, .. }) => self.share_own(record, state),
            Some(entry @ Entry { place: Place::Fresh, .. }) => self.share_fresh(record, id, entry),
            _ => {}
        }
    }

    /// The same from any other thread, outside its own section.
    #[cold]
    pub(super) fn share_of(&self, owner: ThreadKey, id: u64) {
        if let Some(record) = self.threads.record(owner) {
            let mut section = record.state.lock();
            self.share(record, &mut section.state, id);
        }
    }

    /// A root that was never entered.
    fn share_fresh(&self, record: &ThreadRecord, id: u64, entry: Entry) {
        let Some(operation) = self.operations.begin() else { return };
        let Some(mut begun) = self.operations.get(operation).map(|o| o.lock()) else { return };
        if let Some(span) = begun.create(entry.node, None, false) {
            self.change(record, id, Entry { place: Place::Shared { operation, span }, ..entry });
        }
    }

    /// The operation that a thread has to itself.
    ///
    /// Nothing is billed here. The operation takes over from the thread's last
    /// stamp, up to which its time has been given out.
    #[cold]
    pub(super) fn share_own(&self, record: &ThreadRecord, state: &mut State) {
        if !state.has_own() {
            return;
        }
        let Some(operation) = self.operations.begin() else { return };
        let Some(mut begun) = self.operations.get(operation).map(|o| o.lock()) else { return };
        let entered = state.stack().iter().filter_map(|frame| adopted(frame, true));
        let parked = state.parked().iter().filter_map(|frame| adopted(frame, false));
        let chain: Vec<(u64, Adopted)> = entered.chain(parked).collect();
        let spans = chain.iter().map(|(_, adopted)| *adopted);
        let keys = begun.adopt(record.key, spans, state.own_since(), &record.cells);
        let mut kinds = Vec::with_capacity(chain.len());
        for ((id, adopted), key) in chain.into_iter().zip(keys) {
            let Some(span) = key else { continue };
            let place = Place::Shared { operation, span };
            self.change(record, id, Entry { place, node: adopted.node });
            kinds.push(Kind::Shared { operation, span });
        }
        state.give_up_own(kinds.into_iter());
    }
}

fn adopted(frame: &Frame, entered: bool) -> Option<(u64, Adopted)> {
    let node = frame.at.filter(|_| frame.kind == Kind::Alone)?.node;
    let started = Some(frame.started).filter(|started| *started != NEVER);
    Some((frame.id, Adopted { node, started, counted: frame.counted, entered }))
}
