//! The balance.

use std::{fmt, time::Duration};

use tracing_flame_layer::{
    Profile,
    profile::{Anomalies, Frame},
};

use super::{
    books::{Counts, Name},
    memory::{Bytes, Memory},
    scrape::Scrapes,
};

/// By how much memory may grow from its first tenth to its last.
const MOST_GROWTH: f64 = 0.01;

fn is_flat(bytes: &Bytes) -> bool {
    bytes.growth().is_none_or(|growth| growth <= MOST_GROWTH)
}

pub(crate) struct Report {
    pub(crate) length: Duration,
    pub(crate) profile: Profile,
    pub(crate) counted: Counts,
    pub(crate) made: Counts,
    pub(crate) threads: u64,
    pub(crate) snapshots: u64,
    pub(crate) switches: u64,
    pub(crate) scrapes: Scrapes,
    pub(crate) memory: Memory,
}

impl Report {
    pub(crate) fn is_clean(&self) -> bool {
        self.off() == 0
            && self.scrapes.failed == 0
            && self.profile.anomalies() == Anomalies::default()
            && self.memory.all().iter().all(|(_, bytes)| is_flat(bytes))
    }

    /// Spans that the profile has of a name.
    fn recorded(&self, name: &str) -> u64 {
        let named = |frame: &Frame| matches!(frame, Frame::Span(callsite) if callsite.name == name);
        let nodes = self.profile.nodes().iter().filter(|node| named(&node.frame));
        nodes.map(|node| node.measures.calls).sum()
    }

    /// By how many the two counts differ, over all names.
    fn off(&self) -> u64 {
        let counts = Name::ALL.iter().zip(self.counted);
        counts.map(|((_, name), counted)| self.recorded(name).abs_diff(counted)).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let made: u64 = self.made.iter().sum();
        let seconds = self.length.as_secs_f64();
        writeln!(f, "{made} spans in {seconds:.0} s, {:.0} a second", made as f64 / seconds)?;
        writeln!(f, "{} threads came and went", self.threads)?;
        writeln!(f, "{} snapshots, {} starts and stops", self.snapshots, self.switches)?;
        let Scrapes { answered, failed } = self.scrapes;
        writeln!(f, "{answered} scrapes answered, {failed} failed")?;
        writeln!(f, "{} distinct stacks", self.profile.nodes().len())?;
        for ((_, name), counted) in Name::ALL.iter().zip(self.counted) {
            let recorded = self.recorded(name);
            let sign = if recorded == counted { "=" } else { "is not" };
            writeln!(f, "{name:>10}: {recorded:>14} recorded {sign} {counted:>14} counted")?;
        }
        writeln!(f, "{:?}", self.profile.anomalies())?;
        for (what, bytes) in self.memory.all() {
            write_memory(f, what, bytes)?;
        }
        writeln!(f, "{}", if self.is_clean() { "all is well" } else { "NOT ALL IS WELL" })
    }
}

fn write_memory(f: &mut fmt::Formatter<'_>, what: &str, bytes: &Bytes) -> fmt::Result {
    match (bytes.tenths(), bytes.growth()) {
        (Some([first, last]), Some(growth)) => writeln!(
            f,
            "memory, {what}: {:.3} MB in the first tenth, {:.3} MB in the last, {:+.2} %",
            first / 1e6,
            last / 1e6,
            growth * 100.0
        ),
        _ => writeln!(f, "memory, {what}: not judged in so short a run"),
    }
}
