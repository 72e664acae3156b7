//! What an import has done, in figures.

use alloy_primitives::B256;
use std::{fmt, time::Duration};

/// The result of an import.
#[derive(Debug, Clone)]
pub struct Report {
    /// Blocks imported by this run.
    pub blocks: u64,
    /// Transactions in them.
    pub transactions: u64,
    /// Gas used by them.
    pub gas: u64,
    /// How long the import took by the clock on the wall, from opening the
    /// files to the last commit.
    pub wall: Duration,
    /// The number of the chain's last block in the database.
    pub head_number: u64,
    /// Its hash.
    pub head_hash: B256,
}

impl Report {
    /// Millions of gas a second of wall time.
    pub fn mgas_per_second(&self) -> f64 {
        let seconds = self.wall.as_secs_f64();
        if seconds > 0.0 { self.gas as f64 / 1e6 / seconds } else { 0.0 }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "blocks        {}", self.blocks)?;
        writeln!(f, "transactions  {}", self.transactions)?;
        writeln!(
            f,
            "gas           {:.1} Mgas, {:.1} Mgas/s",
            self.gas as f64 / 1e6,
            self.mgas_per_second()
        )?;
        writeln!(f, "wall time     {:.3} s", self.wall.as_secs_f64())?;
        write!(f, "head          {} (block {})", self.head_hash, self.head_number)
    }
}
