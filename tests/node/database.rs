//! A database in name only: a directory, a writer thread with spans of its own,
//! and blocks that are saved by several threads at once.

use std::{
    fs,
    path::Path,
    sync::{
        Barrier,
        mpsc::{Sender, channel},
    },
    thread,
};

use tracing::{Span, debug, debug_span, info, instrument};

pub(crate) struct Database {
    /// Each commit, and whom to tell when it is done.
    writer: Sender<Sender<()>>,
}

impl Database {
    pub(crate) fn open(directory: &Path) -> Result<Self, String> {
        fs::create_dir(directory).map_err(|e| format!("cannot open the database: {e}"))?;
        let (writer, commits) = channel::<Sender<()>>();
        // It lives until the process ends.
        thread::Builder::new()
            .name("mdbx-writer".to_owned())
            .spawn(move || {
                for done in commits {
                    let _txn = debug_span!(target: "libmdbx::txn", "txn").entered();
                    debug_span!(target: "libmdbx::txn", "commit").in_scope(|| ());
                    let _ = done.send(());
                }
            })
            .map_err(|e| e.to_string())?;
        info!(target: "node", "database opened");
        Ok(Self { writer })
    }

    /// Two threads are inside the very span of this call while it waits for them.
    #[instrument(level = "debug", target = "providers::db", skip_all)]
    pub(crate) fn save_blocks(&self) {
        let (span, both) = (Span::current(), Barrier::new(2));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let _again = span.enter();
                    both.wait();
                    debug_span!(target: "providers::static_file", "write_blocks_data")
                        .in_scope(|| debug!(target: "providers", "written"));
                });
            }
        });
        debug_span!(target: "providers::db", "write_blocks_data").in_scope(|| ());
        debug_span!(target: "providers::db", "commit").in_scope(|| self.commit());
    }

    fn commit(&self) {
        let (done, committed) = channel();
        if self.writer.send(done).is_ok() {
            let _ = committed.recv();
        }
    }
}
