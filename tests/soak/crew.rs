//! Threads that come and go.

use std::{
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use super::{books::Books, task::Tasks, work};

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
    /// Threads at work.
    at_work: AtomicUsize,
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
            at_work: AtomicUsize::new(0),
            threads: AtomicU64::new(0),
        }
    }

    /// Starts as many threads, for each of which another is started when it has ended:
    /// never are there more. Returns when all have been full at once.
    pub(crate) fn start(crew: &Arc<Self>, threads: usize) {
        crew.at_work.store(threads, SeqCst);
        crew.books.page(|| work::jobs(JOBS + threads + TASKS, |work| crew.beside(work)));
        let full = Arc::new(Barrier::new(threads + 1));
        for place in 0..threads {
            begin(Arc::clone(crew), place, Arc::clone(&full));
        }
        full.wait();
        full.wait();
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

    /// Does some work on a thread of its own, and waits for it.
    fn beside(&self, work: impl FnOnce() + Send) {
        thread::scope(|scope| drop(scope.spawn(|| self.books.page(work))));
    }

    /// A thread of the first ones has what any may ever come to have.
    fn be_full(&self, all: &Barrier) {
        self.books.page(|| {
            work::crowd(|| _ = all.wait());
            // One at a time, so that each is as long as it is meant to be.
            let alone = self.alone.lock().expect("no thread panicked");
            work::every_length();
            drop(alone);
            all.wait();
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

fn begin(crew: Arc<Crew>, place: usize, full: Arc<Barrier>) {
    thread::spawn(move || {
        let mut first = Some(full);
        while !crew.over.load(SeqCst) {
            let worker = thread::Builder::new().name(format!("worker-{place}"));
            let (crew, full) = (Arc::clone(&crew), first.take());
            let work = move || {
                if let Some(full) = full {
                    crew.be_full(&full);
                }
                crew.work(place);
            };
            worker.spawn(work).expect("a thread").join().expect("no panic");
        }
        crew.at_work.fetch_sub(1, SeqCst);
    });
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
