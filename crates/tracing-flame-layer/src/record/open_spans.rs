//! Which operation an open span belongs to, by the Registry's id.

use std::{collections::HashMap, hash::BuildHasherDefault};

use parking_lot::Mutex;

use super::{hash::IdHasher, operations::OperationId, paths::PathId, spans::SpanKey};

/// Shards, so that threads seldom meet at one lock.
const SHARDS: usize = 64;

/// Where a recorded span stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) operation: OperationId,
    pub(crate) span: SpanKey,
    pub(crate) node: PathId,
}

/// What is known of an open span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenSpan {
    Recorded(Place),
    /// Transparent; its children go below `above`.
    Skipped {
        above: Option<Place>,
    },
}

impl OpenSpan {
    /// The place below which a child goes.
    pub(crate) fn place(self) -> Option<Place> {
        match self {
            Self::Recorded(place) => Some(place),
            Self::Skipped { above } => above,
        }
    }
}

type Shard = HashMap<u64, OpenSpan, BuildHasherDefault<IdHasher>>;

/// All open spans.
#[derive(Debug)]
pub(crate) struct OpenSpans {
    shards: Box<[Mutex<Shard>]>,
}

impl OpenSpans {
    pub(crate) fn new() -> Self {
        Self { shards: std::iter::repeat_with(Mutex::default).take(SHARDS).collect() }
    }

    /// Remembers a span. Ids come back, so whatever was there is replaced.
    pub(crate) fn insert(&self, id: u64, span: OpenSpan) {
        self.shard(id).lock().insert(id, span);
    }

    pub(crate) fn get(&self, id: u64) -> Option<OpenSpan> {
        self.shard(id).lock().get(&id).copied()
    }

    pub(crate) fn remove(&self, id: u64) -> Option<OpenSpan> {
        self.shard(id).lock().remove(&id)
    }

    fn shard(&self, id: u64) -> &Mutex<Shard> {
        &self.shards[(IdHasher::mix(id) >> 57) as usize % SHARDS]
    }
}
