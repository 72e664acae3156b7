//! Threads that come and go.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use super::{books::Books, task::Tasks, work};

/// Tasks that wait at a time.
const TASKS: usize = 256;

/// What all threads share.
pub(crate) struct Crew {
    pub(crate) books: Books,
    jobs: work::Jobs,
    tasks: Tasks,
    over: AtomicBool,
    /// Threads at work.
    at_work: AtomicUsize,
    /// Threads that ever were.
    threads: AtomicU64,
}

impl Crew {
    pub(crate) fn new() -> Self {
        Self {
            books: Books::default(),
            jobs: work::Jobs::new(32),
            tasks: Tasks::default(),
            over: AtomicBool::new(false),
            at_work: AtomicUsize::new(0),
            threads: AtomicU64::new(0),
        }
    }

    /// Starts as many threads, each of which starts another before it ends.
    pub(crate) fn start(crew: &Arc<Self>, threads: usize) {
        crew.at_work.store(threads, SeqCst);
        for place in 0..threads {
            begin(Arc::clone(crew), place);
        }
    }

    pub(crate) fn threads(&self) -> u64 {
        self.threads.load(SeqCst)
    }

    /// Waits for the threads' end, and closes every span.
    pub(crate) fn end(&self) {
        self.over.store(true, SeqCst);
        while self.at_work.load(SeqCst) > 0 {
            thread::yield_now();
        }
        self.books.page(|| {
            self.tasks.clear();
            self.jobs.clear();
        });
    }

    fn work(&self, place: usize) {
        let mut random = Random::new(self.threads.fetch_add(1, SeqCst));
        let pages = 1 + random.below(3_000);
        for _ in 0..pages {
            if self.over.load(SeqCst) {
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

fn begin(crew: Arc<Crew>, place: usize) {
    let thread = thread::Builder::new().name(format!("worker-{place}"));
    let begun = thread.spawn(move || {
        crew.work(place);
        if crew.over.load(SeqCst) {
            crew.at_work.fetch_sub(1, SeqCst);
        } else {
            begin(crew, place);
        }
    });
    begun.expect("a thread");
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
