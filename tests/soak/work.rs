//! Spans on one thread, and spans below another thread's.

use std::{
    hint::{black_box, spin_loop},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tracing::Span;

use super::spans;

/// Requests, one after another, each of six spans.
pub(crate) fn requests(count: u64) {
    for n in 0..count {
        let _request = spans::request().entered();
        spans::parse().in_scope(|| black_box(n));
        let _lookup = spans::lookup().entered();
        for row in 0..3 {
            spans::row().in_scope(|| black_box(row));
        }
    }
}

/// More spans at once than a thread may come to have open: those of all tasks and jobs,
/// if it made all that wait, and its own.
const MOST_OPEN: usize = 600;
/// More spans at once than threads come to have open below a job.
const MOST_CHUNKS: usize = 15;

/// A thread has all the spans open that there may be, meanwhile.
pub(crate) fn crowd(meanwhile: impl FnOnce()) {
    let crowd = (0..MOST_OPEN).map(|_| spans::request());
    let crowd: Vec<_> = crowd.collect();
    meanwhile();
    drop(crowd);
}

/// All jobs that may be open at once, with all that another thread may do for them, which
/// `beside` does.
pub(crate) fn jobs(count: usize, beside: impl FnOnce(&(dyn Fn() + Sync))) {
    let jobs: Vec<_> = (0..count).map(|_| spans::job()).collect();
    jobs.iter().for_each(|job| job.in_scope(|| ()));
    beside(&|| {
        for job in &jobs {
            let chunks: Vec<_> = (0..MOST_CHUNKS).map(|_| spans::chunk(job)).collect();
            chunks.iter().for_each(|chunk| chunk.in_scope(|| ()));
        }
    });
}

/// What a thread does otherwise a few times in an hour: every stack takes every time that
/// is not long, from 16 ns to over 2 ms, in steps of less than a doubling.
pub(crate) fn every_length() {
    let lengths = (0..18).flat_map(|doubled| [16_u64 << doubled, 24 << doubled]);
    for length in lengths.map(Duration::from_nanos) {
        spans::request().in_scope(|| {
            spans::parse().in_scope(|| spin(length));
            spans::lookup().in_scope(|| spans::row().in_scope(|| spin(length)));
        });
        let job = spans::job();
        job.in_scope(|| spans::chunk(&job).in_scope(|| spin(length)));
        drop(job);
        spans::task().in_scope(|| spans::step().in_scope(|| spin(length)));
    }
}

fn spin(length: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < length {
        spin_loop();
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
        let job = spans::job();
        job.in_scope(|| black_box(place));
        let old = std::mem::replace(&mut *self.at(place), job);
        drop(old);
        let job = self.at(other).clone();
        for n in 0..chunks {
            spans::chunk(&job).in_scope(|| black_box(n));
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
