//! What a node does with a block, in spans as reth's are.

use std::{sync::mpsc::channel, thread};

use tracing::{Span, debug_span, info, info_span, instrument, trace, trace_span};

use crate::{database::Database, pool::Pool};

/// Transactions in a block.
const TRANSACTIONS: usize = 20;

pub(crate) struct Engine {
    database: Database,
    pool: Pool,
}

impl Engine {
    pub(crate) fn start(database: Database) -> Self {
        let _launch = info_span!(target: "node", "launch").entered();
        Self { database, pool: Pool::start(2) }
    }

    #[instrument(level = "debug", target = "engine::tree", skip_all, fields(number = number))]
    pub(crate) fn on_new_payload(&self, number: u64) {
        self.convert();
        self.validate_block_with_state();
        self.database.save_blocks();
        info!(target: "node", number, "block added");
    }

    /// On a thread that knows the span only as an explicit parent.
    fn convert(&self) {
        let current = Span::current();
        let converter = thread::Builder::new().name("payload-convert".to_owned());
        let converter = converter.spawn(move || {
            debug_span!(target: "engine::tree::payload_processor", parent: &current, "convert")
                .in_scope(|| ());
        });
        converter.expect("a thread").join().expect("no panic");
    }

    #[instrument(level = "debug", target = "engine::tree", skip_all)]
    fn validate_block_with_state(&self) {
        execute_block();
        let receipts = tower(
            "receipt_root",
            || debug_span!(target: "engine::tree", parent: None, "receipt_root"),
        );
        let hashes = tower(
            "hashed_post_state",
            || debug_span!(target: "engine::tree", parent: None, "hashed_post_state"),
        );
        self.state_root();
        [receipts, hashes].into_iter().for_each(|thread| thread.join().expect("no panic"));
    }

    /// Workers compute it, inside spans of their own and below ours.
    #[instrument(level = "debug", target = "engine::tree::payload_processor", skip_all)]
    fn state_root(&self) {
        let (done, roots) = channel();
        for _ in 0..4 {
            let (parent, done) = (Span::current(), done.clone());
            self.pool.spawn(move || {
                debug_span!(target: "trie::proof_task", parent: &parent, "storage_root")
                    .in_scope(|| ());
                // What it stands below is closed before the block is done.
                drop(parent);
                let _ = done.send(());
            });
        }
        drop(done);
        roots.iter().for_each(drop);
    }

    #[instrument(level = "debug", target = "sync::stages", skip_all)]
    pub(crate) fn import(&self, number: u64) {
        trace!(target: "sync", number, "importing");
        execute_block();
        self.database.save_blocks();
    }

    pub(crate) fn run_stage(&self, stage: &str, blocks: u64) -> Result<(), String> {
        if stage != "execution" {
            return Err(format!("there is no stage `{stage}`"));
        }
        let _stage = info_span!(target: "sync::stages", "stage", stage).entered();
        (0..blocks).for_each(|_| execute_block());
        Ok(())
    }
}

#[instrument(level = "debug", target = "engine::tree", skip_all)]
fn execute_block() {
    for _ in 0..TRANSACTIONS {
        trace_span!(target: "engine::tree", "execute tx").in_scope(|| {
            trace!(target: "engine::tree", "executed");
        });
    }
    debug_span!(target: "engine::tree", "finish").in_scope(|| ());
}

/// A thread with a span that has no parent.
fn tower(name: &str, span: impl Fn() -> Span + Send + 'static) -> thread::JoinHandle<()> {
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(move || span().in_scope(|| ())).expect("a thread")
}
