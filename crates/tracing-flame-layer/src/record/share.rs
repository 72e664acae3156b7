//! Giving an operation a record, once it is more than one thread's own chain.

use super::{
    operation::Adopted,
    recorder::Recorder,
    state::{Kind, State},
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
    pub(super) fn share_of(&self, owner: super::operation::ThreadKey, id: u64) {
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
        let since = if state.innermost_alone().is_some() { state.since } else { state.await_since };
        let frames = state.stack.iter().filter(|frame| frame.kind == Kind::Alone);
        let frames = frames.filter_map(|frame| {
            let started = Some(frame.started);
            Some((frame.id, Adopted { node: frame.at?.node, started, entered: true }))
        });
        let parked = state.parked.iter().rev().map(|parked| {
            let Adopted { node, started, entered } =
                Adopted { node: parked.at.node, started: parked.started, entered: false };
            (parked.id, Adopted { node, started, entered })
        });
        let chain: Vec<_> = frames.chain(parked).collect();
        let spans = chain.iter().map(|(_, adopted)| *adopted);
        let keys = begun.adopt(record.key, spans, since, &record.cells);
        let mut shared = chain.iter().zip(keys).filter_map(|((id, adopted), key)| {
            let place = Place::Shared { operation, span: key? };
            self.change(record, *id, Entry { place, node: adopted.node });
            Some(Kind::Shared { operation, span: key? })
        });
        for frame in state.stack.iter_mut().filter(|frame| frame.kind == Kind::Alone) {
            frame.kind = shared.next().unwrap_or(Kind::Clear);
        }
        shared.for_each(drop);
        state.parked.clear();
    }
}
