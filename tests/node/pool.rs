//! Workers whose spans are entered for as long as they live, and mostly wait.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use tracing::{Span, debug_span};

type Job = Box<dyn FnOnce() + Send>;

pub(crate) struct Pool(Sender<Job>);

impl Pool {
    /// Workers below whatever is current here, on threads that outlive the engine.
    pub(crate) fn start(workers: usize) -> Self {
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..workers {
            let (queue, parent) = (queue.clone(), Span::current());
            thread::Builder::new()
                .name(format!("trie-worker-{number}"))
                .spawn(move || work(&queue, &parent))
                .expect("a thread");
        }
        Self(jobs)
    }

    pub(crate) fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        self.0.send(Box::new(job)).expect("workers that live");
    }
}

fn work(queue: &Mutex<Receiver<Job>>, parent: &Span) {
    let _worker =
        debug_span!(target: "trie::proof_task", parent: parent, "storage_worker").entered();
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        job();
    }
}
