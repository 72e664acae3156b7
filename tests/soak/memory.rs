//! The memory that the program has asked for, and what the process has for it, second
//! by second.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use super::allocator;

/// Until allocators and tables have got what they need for so many threads.
const WARM_UP: Duration = Duration::from_secs(90);

/// Bytes, once a second, after the process has got going.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Asked for and not given back.
    live: Bytes,
    /// What the system has lent for it, with stacks, and with what the allocator keeps
    /// for later. Where it does not tell, there is none.
    resident: Bytes,
}

#[derive(Debug, Default)]
pub(crate) struct Bytes(Vec<u64>);

impl Memory {
    /// Looks each second, after a tenth of the time or the warm-up. A run that is
    /// shorter says nothing of memory.
    pub(crate) fn watch(until: Instant) -> Self {
        let length = until.saturating_duration_since(Instant::now());
        thread::sleep((length / 10).max(WARM_UP).min(length));
        let mut memory = Self::default();
        while Instant::now() < until {
            memory.live.0.push(allocator::live());
            memory.resident.0.extend(resident());
            thread::sleep(Duration::from_secs(1));
        }
        memory
    }

    /// Each with what it is called.
    pub(crate) fn all(&self) -> [(&'static str, &Bytes); 2] {
        [("live", &self.live), ("resident", &self.resident)]
    }
}

impl Bytes {
    /// The mean of the first tenth, and of the last.
    pub(crate) fn tenths(&self) -> Option<[f64; 2]> {
        let tenth = self.0.len() / 10;
        let mean = |bytes: &[u64]| bytes.iter().sum::<u64>() as f64 / bytes.len() as f64;
        let last = self.0.len().checked_sub(tenth)?;
        (tenth > 0).then(|| [mean(&self.0[..tenth]), mean(&self.0[last..])])
    }

    /// By how much the last tenth has more than the first, as a fraction.
    pub(crate) fn growth(&self) -> Option<f64> {
        self.tenths().map(|[first, last]| last / first - 1.0)
    }
}

/// `None` where the system does not tell.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
