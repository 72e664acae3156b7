//! Spans on one thread, and spans below another thread's.

use std::{
    hint::black_box,
    sync::{Mutex, PoisonError},
};

use tracing::Span;

use super::books::{Name, note};

macro_rules! span {
    ($name:ident, $label:literal $(, $parent:expr)?) => {{
        note(Name::$name);
        tracing::info_span!($(parent: $parent,)? $label)
    }};
}
pub(crate) use span;

/// Requests, one after another, each of six spans.
pub(crate) fn requests(count: u64) {
    for n in 0..count {
        let _request = span!(Request, "request").entered();
        span!(Parse, "parse").in_scope(|| black_box(n));
        let _lookup = span!(Lookup, "lookup").entered();
        for row in 0..3 {
            span!(Row, "row").in_scope(|| black_box(row));
        }
    }
}

/// Spans that threads leave open for others to work for.
#[derive(Debug)]
pub(crate) struct Jobs(Box<[Mutex<Span>]>);

impl Jobs {
    pub(crate) fn new(count: usize) -> Self {
        Self((0..count).map(|_| Mutex::new(Span::none())).collect())
    }

    /// Opens a job in the place of an old one, which another thread may be working
    /// for still, and works for whatever job is at another place.
    pub(crate) fn exchange(&self, place: usize, other: usize, chunks: u64) {
        let job = span!(Job, "job", None);
        job.in_scope(|| black_box(place));
        let old = std::mem::replace(&mut *self.at(place), job);
        drop(old);
        let job = self.at(other).clone();
        for n in 0..chunks {
            span!(Chunk, "chunk", &job).in_scope(|| black_box(n));
        }
    }

    /// Closes what is open.
    pub(crate) fn clear(&self) {
        for place in 0..self.0.len() {
            *self.at(place) = Span::none();
        }
    }

    fn at(&self, place: usize) -> std::sync::MutexGuard<'_, Span> {
        self.0[place % self.0.len()].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
