//! A thread that starts all others.

use std::{
    sync::{
        Arc, Barrier,
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
};

use super::crew::Crew;

/// Starts all threads, each when the one before it in its place has ended.
pub(crate) struct Foreman {
    crew: Arc<Crew>,
    workers: Vec<Option<JoinHandle<()>>>,
    ended: Sender<usize>,
    places: Receiver<usize>,
}

impl Foreman {
    /// Starts as many threads, which wait for each other at `full`, and keeps so many
    /// at work until the crew's time is over.
    pub(crate) fn start(crew: Arc<Crew>, threads: usize, full: Arc<Barrier>) -> JoinHandle<()> {
        let (ended, places) = mpsc::channel();
        let workers = (0..threads).map(|_| None).collect();
        let mut foreman = Self { crew, workers, ended, places };
        thread::spawn(move || {
            for place in 0..threads {
                foreman.begin(place, Some(Arc::clone(&full)));
            }
            foreman.keep_up();
        })
    }

    fn begin(&mut self, place: usize, full: Option<Arc<Barrier>>) {
        let crew = Arc::clone(&self.crew);
        let end = End { place, ended: self.ended.clone() };
        let work = move || {
            let _end = end;
            if let Some(full) = full {
                crew.be_full(&full);
            }
            crew.work(place);
        };
        let thread = thread::Builder::new().name(format!("worker-{place}"));
        self.workers[place] = Some(thread.spawn(work).expect("a thread"));
    }

    fn keep_up(&mut self) {
        let mut left = self.workers.len();
        while left > 0 {
            let place = self.places.recv().expect("a sender is here");
            let worker = self.workers[place].take().expect("it was begun");
            worker.join().expect("no panic");
            if self.crew.is_over() { left -= 1 } else { self.begin(place, None) }
        }
    }
}

/// Tells that a thread ends, even if it panics.
struct End {
    place: usize,
    ended: Sender<usize>,
}

impl Drop for End {
    fn drop(&mut self) {
        let _ = self.ended.send(self.place);
    }
}
