//! The stretch of time that a request is about, and waiting for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::{
    sync::Semaphore,
    task::AbortHandle,
    time::{Duration, Instant, sleep, sleep_until},
};
use tracing_flame_layer::{Flame, Mark, Profile};

use super::{aside::aside, history::History, query::Stretch, refusal::Refusal};

/// How many requests may wait for the end of their window at a time.
const WAITS: usize = 16;
/// How long the first look back waits for something to look at.
const FIRST_LOOK: Duration = Duration::from_secs(1);
/// How long the past is remembered after the last look.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Finds windows of a recording, each reader's its own.
#[derive(Debug)]
pub(super) struct Windows {
    flame: Flame,
    waits: Semaphore,
    history: Arc<Mutex<History<Mark>>>,
    forgetting: Mutex<Option<AbortHandle>>,
}

/// A window that is over, and not yet a profile.
#[derive(Clone, Debug)]
pub(super) enum Window {
    SinceStart,
    Since(Mark),
    Between(Mark, Mark),
}

impl Windows {
    pub(super) fn new(flame: Flame) -> Self {
        Self {
            flame,
            waits: Semaphore::new(WAITS),
            history: Arc::new(Mutex::new(History::new())),
            forgetting: Mutex::default(),
        }
    }

    /// The window of a stretch, once that is over. Dropping the future gives the
    /// place among those who wait away.
    pub(super) async fn find(&self, stretch: Stretch) -> Result<Window, Refusal> {
        match stretch {
            Stretch::SinceStart => Ok(Window::SinceStart),
            Stretch::Next(length) => self.next(length).await,
            Stretch::Last(length) => self.last(length).await,
        }
    }

    async fn next(&self, length: Duration) -> Result<Window, Refusal> {
        let _waits = self.waits.try_acquire().map_err(|_| Refusal::TooMany)?;
        let (from, at) = self.mark().await?;
        sleep_until(at + length).await;
        Ok(Window::Since(from))
    }

    async fn last(&self, length: Duration) -> Result<Window, Refusal> {
        let (now, at) = self.mark().await?;
        self.forget_later();
        let from = {
            let mut history = lock(&self.history);
            let from = history.from(at, length);
            history.add(at, now.clone(), length);
            from
        };
        let Some(from) = from else {
            let _waits = self.waits.try_acquire().map_err(|_| Refusal::TooMany)?;
            sleep(length.min(FIRST_LOOK)).await;
            return Ok(Window::Since(now));
        };
        Ok(Window::Between(from, now))
    }

    async fn mark(&self) -> Result<(Mark, Instant), Refusal> {
        let flame = self.flame.clone();
        aside(move || (flame.mark(), Instant::now())).await
    }

    /// Drops the past when nobody has looked for a while.
    fn forget_later(&self) {
        let history = self.history.clone();
        let forget = tokio::spawn(async move {
            sleep(REMEMBERED).await;
            lock(&history).clear();
        });
        if let Some(earlier) = lock(&self.forgetting).replace(forget.abort_handle()) {
            earlier.abort();
        }
    }

    /// What was recorded in a window. Takes long, for a large profile.
    pub(super) fn profile(&self, window: &Window) -> Profile {
        let profile = match window {
            Window::SinceStart => self.flame.snapshot(),
            Window::Since(from) => self.flame.since(from).expect("a mark of this handle"),
            Window::Between(from, to) => {
                self.flame.between(from, to).expect("marks of this handle")
            }
        };
        let by_thread: usize = profile.threads().iter().map(|thread| thread.nodes.len()).sum();
        lock(&self.history).fit(profile.nodes().len() + by_thread);
        profile
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
