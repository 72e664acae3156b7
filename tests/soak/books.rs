//! What the threads count themselves, to hold the profile against.

use std::{
    cell::Cell,
    sync::{
        RwLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// The spans there are, by name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Name {
    Request,
    Parse,
    Lookup,
    Row,
    Job,
    Chunk,
    Task,
    Step,
}

impl Name {
    pub(crate) const ALL: [(Self, &'static str); 8] = [
        (Self::Request, "request"),
        (Self::Parse, "parse"),
        (Self::Lookup, "lookup"),
        (Self::Row, "row"),
        (Self::Job, "job"),
        (Self::Chunk, "chunk"),
        (Self::Task, "task"),
        (Self::Step, "step"),
    ];
}

/// A number for each name.
pub(crate) type Counts = [u64; Name::ALL.len()];

thread_local! {
    /// What this thread made since its last page.
    static PAGE: [Cell<u64>; Name::ALL.len()] = const { [const { Cell::new(0) }; Name::ALL.len()] };
}

/// A span of this name is being made on this thread.
pub(crate) fn note(name: Name) {
    PAGE.with(|page| page[name as usize].set(page[name as usize].get() + 1));
}

/// All threads' counts.
#[derive(Debug)]
pub(crate) struct Books {
    /// Whether time is taken. It changes while nobody works.
    recording: RwLock<bool>,
    made: [AtomicU64; Name::ALL.len()],
    counted: [AtomicU64; Name::ALL.len()],
}

impl Books {
    /// Empty ones; time is taken at first.
    pub(crate) fn new() -> Self {
        let none = || std::array::from_fn(|_| AtomicU64::new(0));
        Self { recording: RwLock::new(true), made: none(), counted: none() }
    }

    /// Does some work, while time is taken throughout or not at all.
    pub(crate) fn page(&self, work: impl FnOnce()) {
        let recording = self.recording.read().expect("no thread panicked");
        work();
        PAGE.with(|page| {
            for (at, count) in page.iter().enumerate() {
                let count = count.replace(0);
                self.made[at].fetch_add(count, Relaxed);
                if *recording {
                    self.counted[at].fetch_add(count, Relaxed);
                }
            }
        });
    }

    /// Waits until nobody works, and changes whether time is taken.
    pub(crate) fn switch(&self, change: impl FnOnce(&mut bool)) {
        change(&mut self.recording.write().expect("no thread panicked"));
    }

    /// The spans made.
    pub(crate) fn made(&self) -> Counts {
        self.made.each_ref().map(|count| count.load(Relaxed))
    }

    /// The spans made while time was taken.
    pub(crate) fn counted(&self) -> Counts {
        self.counted.each_ref().map(|count| count.load(Relaxed))
    }
}
