//! What a request does. Each step has a span, and waits in a way of its own.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{select, sync::Semaphore, task::spawn_blocking};
use tracing::{Instrument, Span, info_span, instrument};

use crate::{dependency::Dependency, server::Guest};

/// How long the dependency takes for most answers.
const DELAY: Duration = Duration::from_millis(50);
/// How long it takes for the answer that nobody waits for.
const FAR: Duration = Duration::from_millis(500);
/// How many items are on a page.
const ITEMS: usize = 10;

/// Makes pages. Clones share the permits.
#[derive(Clone)]
pub(crate) struct Pages {
    dependency: Dependency,
    file: Arc<Path>,
    permits: Arc<Semaphore>,
}

impl Pages {
    pub(crate) fn new(dependency: Dependency, file: PathBuf, permits: usize) -> Self {
        Self { dependency, file: file.into(), permits: Arc::new(Semaphore::new(permits)) }
    }

    /// The page, and what is on it.
    pub(crate) async fn make(&self, question: &str) -> io::Result<String> {
        self.lookup_user().await?;
        let items = self.items().await?;
        self.banner().await?;
        let bytes = self.read_file().await?;
        Ok(format!("{question}: {items} items, {bytes} bytes"))
    }

    /// A plain await.
    #[instrument(skip_all)]
    async fn lookup_user(&self) -> io::Result<()> {
        self.dependency.call(DELAY).await.map(drop)
    }

    /// A queue in front of what only a few may do at once.
    async fn items(&self) -> io::Result<usize> {
        let turn = self.permits.acquire().instrument(info_span!("wait_for_permit")).await;
        let _permit = turn.map_err(io::Error::other)?;
        self.load_items().await
    }

    /// Ten awaits at once.
    #[instrument(skip_all)]
    async fn load_items(&self) -> io::Result<usize> {
        let calls = (0..ITEMS).map(|_| self.dependency.call(DELAY));
        let items: io::Result<Vec<_>> = join_all(calls).await.into_iter().collect();
        items.map(|items| items.len())
    }

    /// A race: the first answer counts, and the other call is dropped.
    #[instrument(skip_all)]
    async fn banner(&self) -> io::Result<String> {
        select! {
            answer = self.dependency.call(DELAY).instrument(info_span!("near")) => answer,
            answer = self.dependency.call(FAR).instrument(info_span!("far")) => answer,
        }
    }

    /// Work that blocks its thread, on a thread that may be blocked. The span
    /// is made here: over there nothing is entered that could be its parent.
    #[instrument(skip_all)]
    async fn read_file(&self) -> io::Result<u64> {
        let file = Arc::clone(&self.file);
        let span = info_span!("read");
        let length = spawn_blocking(move || span.in_scope(|| read(&file)));
        length.await.map_err(io::Error::other)?
    }

    /// Goes on after the request, as its child.
    pub(crate) fn audit(&self, request: &Span, guest: Guest) {
        let dependency = self.dependency;
        let audit = async move {
            // An audit that fails is nobody's problem here.
            drop(dependency.call(DELAY).await);
            drop(guest);
        };
        tokio::spawn(audit.instrument(info_span!(parent: request, "audit")));
    }
}

/// Reads a file to its end, and returns its length in bytes.
fn read(path: &Path) -> io::Result<u64> {
    let named = |e: io::Error| io::Error::new(e.kind(), format!("{}: {e}", path.display()));
    let mut file = File::open(path).map_err(named)?;
    io::copy(&mut file, &mut io::sink()).map_err(named)
}
