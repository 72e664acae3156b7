//! Work that takes long, beside the loop that answers.

use tokio::task::spawn_blocking;

use super::refusal::Refusal;

/// How many threads do such work. They end when there has been none for a while.
pub(super) const THREADS: usize = 2;

/// Runs it on another thread; a panic stays there.
pub(super) async fn aside<T: Send + 'static>(
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    spawn_blocking(run).await.map_err(|e| Refusal::Failed(format!("this failed: {e}")))
}
