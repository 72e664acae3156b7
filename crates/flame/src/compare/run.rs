//! One recording, as it is compared.

use std::{collections::HashMap, io, time::UNIX_EPOCH};

use tracing_flame_layer::{
    Profile,
    profile::Histogram,
    render::{Options, Weight},
};

use super::measure::Measure;
use crate::diff;

/// Which times of a run are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    /// All of a frame's, whatever threads did in them.
    Whole,
    /// Those, by what threads did, and those on a CPU.
    ByState,
    /// Those on a CPU, and no others.
    OnCpu,
}

/// One of the runs.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(super) name: String,
    /// When it began, in nanoseconds.
    pub(super) start_unix_nanos: i128,
    /// All time, or with [`Times::OnCpu`] only that on a CPU.
    pub(super) all: diff::Run,
    /// Time on a CPU, with [`Times::ByState`].
    pub(super) on_cpu: Option<diff::Run>,
    /// Of each label at the bottom the latencies that so many per cent of the operations do
    /// not exceed, where there are enough to say so.
    pub(super) percentiles: HashMap<String, Vec<(u8, f64)>>,
}

impl Run {
    pub(crate) fn new(
        profile: &Profile,
        options: &Options,
        times: Times,
        name: String,
    ) -> io::Result<Self> {
        let by_thread = options.clone().weight(Weight::Busy).hide_states(false);
        let on_cpu = || diff::Run::new(profile, &by_thread, true, String::new());
        let all = |hide_states| {
            let options = options.clone().hide_states(hide_states);
            diff::Run::new(profile, &options, false, String::new())
        };
        let (all, on_cpu) = match times {
            Times::Whole => (all(true)?, None),
            Times::ByState => (all(false)?, Some(on_cpu()?)),
            Times::OnCpu => (on_cpu()?, None),
        };
        // A latency is not time on a CPU.
        let percentiles = match times {
            Times::OnCpu => HashMap::new(),
            _ => percentiles(profile, options)?,
        };
        let start_unix_nanos = unix_nanos(profile);
        Ok(Self { name, start_unix_nanos, all, on_cpu, percentiles })
    }

    /// Whether it took no time at all.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

#[allow(clippy::cast_possible_wrap, reason = "a system's time is far below 2^127 ns")]
fn unix_nanos(profile: &Profile) -> i128 {
    match profile.window().start.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    }
}

fn percentiles(
    profile: &Profile,
    options: &Options,
) -> io::Result<HashMap<String, Vec<(u8, f64)>>> {
    let all = diff::latencies(profile, options)?;
    let known = |(label, (latencies, longest)): (String, (Histogram, u64))| {
        let percents = Measure::PERCENTILES.into_iter();
        let known = percents
            .filter_map(|percent| Some((percent, percentile(&latencies, longest, percent)?)));
        (label, known.collect())
    };
    Ok(all.into_iter().map(known).collect())
}

/// A percentile of latencies, between the edges of its bucket by its rank in it, so that it
/// moves where the calls do and not from edge to edge. `None` where so few calls are beyond it
/// that it would be the longest call.
#[allow(clippy::cast_precision_loss, reason = "a bucket is wider than what is lost")]
fn percentile(latencies: &Histogram, longest: u64, percent: u8) -> Option<f64> {
    /// A bucket is narrower than this, upper by lower edge.
    const WIDTH: f64 = 1.125;
    let calls = latencies.calls();
    if calls.saturating_mul(u64::from(100 - percent)) < 100 {
        return None;
    }
    let rank = calls as f64 * f64::from(percent) / 100.0;
    let (mut passed, mut edge) = (0.0, 0.0);
    for &(upper, calls) in latencies.buckets() {
        let upper = (upper.min(longest)) as f64;
        if passed + calls as f64 >= rank {
            let lower = f64::max(edge, upper / WIDTH);
            return Some(lower + (upper - lower).max(0.0) * (rank - passed) / calls as f64);
        }
        passed += calls as f64;
        edge = upper;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_lies_between_its_buckets_edges_by_its_rank() {
        let calls: Histogram = [(900, 50), (1_000, 40), (1_125, 10)].into_iter().collect();
        let at = |percent| percentile(&calls, 1_100, percent);
        assert_eq!(at(50), Some(900.0));
        assert_eq!(at(70), Some(950.0));
        assert_eq!(at(99), Some(1_090.0));
        let few: Histogram = [(1_000, 9)].into_iter().collect();
        assert_eq!(percentile(&few, 1_000, 90), None);
        assert!(percentile(&few, 1_000, 50).is_some());
        assert_eq!(percentile(&Histogram::new(), 0, 50), None);
    }
}
