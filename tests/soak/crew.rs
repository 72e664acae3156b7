//! Threads that come and go.

use std::{
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread::{self, JoinHandle},
};

use super::{books::Books, foreman::Foreman, task::Tasks, work};

/// Places at which a job is open.
const JOBS: usize = 32;

/// Tasks that wait at a time.
const TASKS: usize = 256;

/// What all threads share.
pub(crate) struct Crew {
    pub(crate) books: Books,
    jobs: work::Jobs,
    tasks: Tasks,
    alone: Mutex<()>,
    over: AtomicBool,
    /// Threads that ever were.
    threads: AtomicU64,
}

impl Crew {
    pub(crate) fn new() -> Self {
        Self {
            books: Books::new(),
            jobs: work::Jobs::new(JOBS),
            tasks: Tasks::default(),
            alone: Mutex::new(()),
            over: AtomicBool::new(false),
            threads: AtomicU64::new(0),
        }
    }

    /// Starts as many threads, for each of which another is started when it has ended:
    /// never are there more. Returns when all have been full at once.
    pub(crate) fn start(crew: &Arc<Self>, threads: usize) -> JoinHandle<()> {
        crew.books.page(|| work::jobs(JOBS + threads + TASKS, |work| crew.beside(work)));
        let full = Arc::new(Barrier::new(threads + 1));
        let foreman = Foreman::start(Arc::clone(crew), threads, Arc::clone(&full));
        full.wait();
        full.wait();
        foreman
    }

    pub(crate) fn threads(&self) -> u64 {
        self.threads.load(SeqCst)
    }

    /// Waits for the threads' end, and closes every span.
    pub(crate) fn end(&self, foreman: JoinHandle<()>) {
        self.over.store(true, SeqCst);
        foreman.join().expect("no panic");
        self.books.page(|| {
            self.tasks.clear();
            self.jobs.clear();
        });
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(SeqCst)
    }

    /// Does some work on a thread of its own, and waits for it.
    fn beside(&self, work: impl FnOnce() + Send) {
        thread::scope(|scope| drop(scope.spawn(|| self.books.page(work))));
    }

    /// A thread of the first ones has what any may ever come to have.
    pub(crate) fn be_full(&self, all: &Barrier) {
        self.books.page(|| {
            work::crowd(|| _ = all.wait());
            // One at a time, so that each is as long as it is meant to be.
            let alone = self.alone.lock().expect("no thread panicked");
            work::every_length();
            Tasks::crowd(TASKS);
            drop(alone);
            all.wait();
        });
    }

    /// Works for some pages, of what there is to do at a place.
    pub(crate) fn work(&self, place: usize) {
        let mut random = Random::new(self.threads.fetch_add(1, SeqCst));
        let pages = 1 + random.below(3_000);
        for _ in 0..pages {
            if self.is_over() {
                return;
            }
            self.books.page(|| match random.below(16) {
                0 => self.jobs.exchange(place, random.below(1 << 16) as usize, 20),
                1 => (0..20).for_each(|_| self.tasks.poll_one(TASKS)),
                _ => work::requests(20),
            });
        }
    }
}

/// Xorshift, one seed a thread.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % bound
    }
}
