//! Named operations by the power of two of nanoseconds in which they ended.

use std::collections::BTreeMap;

use super::{Alone, Measures, Path};

/// The operations of one root that took from `2^power` nanoseconds on, and less than twice
/// that.
#[derive(Clone, Debug, Default)]
pub struct Class {
    pub operations: u64,
    pub nodes: BTreeMap<Path, Measures>,
    /// How many events touched them, and whether an instant of one was ever shared.
    pub switches: u64,
    pub divided: bool,
}

/// By root and power.
pub fn classes(operations: &[Alone]) -> BTreeMap<(Path, u8), Class> {
    let mut classes: BTreeMap<(Path, u8), Class> = BTreeMap::new();
    for alone in operations {
        let power = power_of(alone.life.1 - alone.life.0);
        let class = classes.entry((alone.root.clone(), power)).or_default();
        class.operations += 1;
        class.switches += alone.switches;
        class.divided |= alone.divided;
        for (path, measures) in &alone.nodes {
            let sum = class.nodes.entry(path.clone()).or_default();
            sum.calls += measures.calls;
            sum.started += measures.started;
            sum.enters += measures.enters;
            sum.wall += measures.wall;
            sum.awaited += measures.awaited;
            sum.entered_nanos += measures.entered_nanos;
            sum.latency_nanos += measures.latency_nanos;
            sum.max_latency_nanos = sum.max_latency_nanos.max(measures.max_latency_nanos);
        }
    }
    classes
}

/// How many operations of a root took about as long, by the longest time that is called so: of
/// each power of two the eighths, and below 16 ns each by itself.
pub fn heat(operations: &[Alone]) -> BTreeMap<(Path, u64), u64> {
    let mut heat = BTreeMap::new();
    for alone in operations {
        let nanos = alone.life.1 - alone.life.0;
        let eighth = (1 << power_of(nanos)) / 8;
        let most = if nanos < 16 { nanos } else { nanos / eighth * eighth + eighth - 1 };
        *heat.entry((alone.root.clone(), most)).or_default() += 1;
    }
    heat
}

/// How often a time can be halved before it is below two.
fn power_of(mut nanos: u64) -> u8 {
    let mut power = 0;
    while nanos >= 2 {
        nanos /= 2;
        power += 1;
    }
    power
}
