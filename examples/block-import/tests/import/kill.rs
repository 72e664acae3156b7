//! Killed at any moment, an import goes on from the last block that was committed.

use super::support::{cache_dir, figure};
use block_import::{
    generate::{CachedChain, Parameters, cached_chain},
    progress::Progress,
    storage::{Database, Durability},
};
use std::{
    io::Read,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

/// How often an import is killed.
const KILLS: u32 = 12;

/// A chain that takes long enough to be killed in the midst of.
fn chain() -> CachedChain {
    let parameters = Parameters { blocks: 20, transactions: 40 };
    cached_chain(&cache_dir(), parameters, Progress::hidden).expect("the chain is generated")
}

fn command(chain: &CachedChain, datadir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_block-import"));
    command.arg("--genesis").arg(&chain.genesis).arg("--chain").arg(&chain.chain);
    command.arg("--datadir").arg(datadir).env_remove("RUST_LOG");
    command
}

/// Runs an import and kills it after this long. Whether that came before its end.
fn kill_after(mut command: Command, delay: Duration) -> bool {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary runs");
    let mut stdout = child.stdout.take().expect("a pipe");
    let (sender, ended) = channel();
    let reader = thread::spawn(move || {
        // At its end, and not before, the other side of the pipe is closed.
        let _ = stdout.read_to_end(&mut Vec::new());
        let _ = sender.send(());
    });
    let killed = ended.recv_timeout(delay) == Err(RecvTimeoutError::Timeout);
    // SIGKILL; it may have ended meanwhile.
    let _ = child.kill();
    child.wait().expect("it ends");
    reader.join().expect("no panic");
    killed
}

fn head(datadir: &Path) -> u64 {
    let database = Database::open(datadir, Durability::Durable).expect("the database opens");
    let reader = database.reader().expect("it can be read");
    reader.head().expect("it can be read").map_or(0, |head| head.number)
}

/// Xorshift; a new seed for each run, told where a run fails.
fn random(state: &mut u64) -> f64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 11) as f64 / (1_u64 << 53) as f64
}

#[test]
fn an_import_killed_at_random_moments_goes_on_to_the_same_head() {
    let chain = chain();
    let whole = tempfile::tempdir().expect("a directory");
    let started = Instant::now();
    let output = command(&chain, whole.path()).output().expect("the binary runs");
    let mut takes = started.elapsed();
    let expected = figure(&output, "head");

    let mut state = u64::from(std::process::id()) << 32 | u64::from(takes.subsec_nanos()) | 1;
    let seed = state;
    let (mut datadir, mut last) = (tempfile::tempdir().expect("a directory"), 0);
    let mut kills = 0;
    while kills < KILLS {
        let delay = takes.mul_f64(random(&mut state) / 2.0);
        if kill_after(command(&chain, datadir.path()), delay) {
            kills += 1;
            let now = head(datadir.path());
            assert!(now >= last, "seed {seed}: back from block {last} to {now}");
            last = now;
        } else {
            // It was faster than the first one, as on a machine that is less busy by
            // now: the next begins anew, and is killed sooner.
            takes /= 2;
            (datadir, last) = (tempfile::tempdir().expect("a directory"), 0);
        }
    }
    let output = command(&chain, datadir.path()).arg("--check-root").output().expect("it runs");
    assert_eq!(figure(&output, "head"), expected, "seed {seed}");
    assert_eq!(figure(&output, "blocks"), (20 - last).to_string(), "seed {seed}");
}
