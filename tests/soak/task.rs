//! Tasks that whatever thread is free polls.

use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use tracing::Instrument;

use super::spans;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tasks that wait for their next poll.
#[derive(Default)]
pub(crate) struct Tasks(Mutex<VecDeque<Task>>);

impl Tasks {
    /// Polls the task that waits longest, or a new one where fewer than `most` do.
    pub(crate) fn poll_one(&self, most: usize) {
        let waiting = {
            let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if tasks.len() < most { None } else { tasks.pop_front() }
        };
        let mut task = waiting.unwrap_or_else(new);
        if task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(task);
        }
    }

    /// A thread makes as many tasks as ever wait, and drops them.
    pub(crate) fn crowd(most: usize) {
        let tasks = Self::default();
        (0..most).for_each(|_| tasks.poll_one(most));
    }

    /// Drops all that are not done.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn new() -> Task {
    let steps = async {
        for _ in 0..4 {
            wait().instrument(spans::step()).await;
        }
    };
    Box::pin(steps.instrument(spans::task()))
}

/// Is ready when it is polled once more.
async fn wait() {
    let mut polled = false;
    poll_fn(|_| match std::mem::replace(&mut polled, true) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}
