//! Gives a dev node something to do: transfers, storage-heavy calls and reads,
//! at a given rate.
//!
//! ```text
//! drive --rate 200 --duration 60
//! ```
//!
//! Sent from the accounts that `reth node --dev` funds, so never to a node that
//! knows real money.

mod account;
mod node;
mod work;

use std::time::{Duration, Instant};

use clap::Parser;
use tokio::time;

use crate::{
    account::Accounts,
    node::Node,
    work::{Work, scratch},
};

/// Gives a dev node something to do.
#[derive(Debug, Parser)]
struct Args {
    /// The node's HTTP endpoint
    #[arg(long, default_value = "http://127.0.0.1:8545")]
    url: String,

    /// Transactions a second
    #[arg(long, default_value_t = 200)]
    rate: u32,

    /// How long, in seconds
    #[arg(long, default_value_t = 60)]
    duration: u64,

    /// One in so many transactions writes to storage; 0: none
    #[arg(long, default_value_t = 5)]
    storage_every: u64,

    /// How many slots such a transaction writes
    #[arg(long, default_value_t = 20)]
    slots: u64,
}

#[tokio::main]
async fn main() -> eyre::Result<()> {
    let args = Args::parse();
    let node = Node::connect(&args.url).await?;
    let mut accounts = Accounts::dev(&node).await?;
    let contract = scratch::deploy(&node, accounts.next()).await?;

    let work = Work { contract, storage_every: args.storage_every, slots: args.slots };
    let mut tick = time::interval(Duration::from_secs(1) / args.rate.max(1));
    let end = Instant::now() + Duration::from_secs(args.duration);
    let (mut sent, mut failed) = (0_u64, 0_u64);
    while Instant::now() < end {
        tick.tick().await;
        match work.step(sent, &node, accounts.next()).await {
            Ok(()) => sent += 1,
            Err(err) => {
                failed += 1;
                eprintln!("drive: {err}");
                accounts.resync(&node).await?;
            }
        }
    }
    println!("drive: sent {sent} transactions, {failed} were refused");
    Ok(())
}
