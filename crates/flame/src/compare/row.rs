//! One frame's time of one kind, a number a run.

use std::collections::HashMap;

use super::{
    compared::Sides,
    measure::Measure,
    run::{Run, Times as RunTimes},
    times::{Frames, Times},
};

/// Times of one operation in each run, or of the whole run where operations are not known.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) place: u32,
    pub(super) measure: Measure,
    /// Nothing else of the frame's differs from it: a total that is its own time.
    pub(super) is_only: bool,
    pub(super) before: Vec<f64>,
    pub(super) after: Vec<f64>,
}

/// All rows that are large enough to be judged, and how many frames are not.
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    pub(super) too_small: usize,
    /// Of each frame at the bottom whether times on it are those of one operation.
    pub(super) is_per_operation: HashMap<u32, bool>,
}

impl Rows {
    /// Of frames that have at least `least_share` of all time, in the mean of both sides: so the
    /// choice knows nothing of the difference.
    pub(super) fn new(frames: &Frames, sides: &Sides, least_share: f64) -> Self {
        let [totals, on_cpu] = [&frames.all, &frames.on_cpu].map(|times| times.totals(frames));
        let maker = Maker::new(frames, sides, &totals, least_share);
        let is_known =
            |(root, operations): (&u32, &Option<Vec<u64>>)| (*root, operations.is_some());
        let is_per_operation = maker.divisors.iter().map(is_known).collect();
        let mut made = Self { rows: Vec::new(), too_small: 0, is_per_operation };
        for place in frames.places() {
            let of_frame = match frames.state(place) {
                Some(_) => Vec::new(),
                None => maker.of_frame(place, [&totals, &on_cpu]),
            };
            let (large, small): (Vec<_>, Vec<_>) =
                of_frame.into_iter().partition(|(_, raw)| maker.is_large(raw));
            made.too_small += usize::from(!small.is_empty() && large.is_empty());
            if large.is_empty() {
                continue;
            }
            made.rows.extend(without_repeats(large.into_iter().map(|(row, _)| row)));
            made.rows.extend(maker.percentiles(place));
        }
        made
    }
}

/// Leaves out what says nothing more than the row before it says.
fn without_repeats(rows: impl Iterator<Item = Row>) -> Vec<Row> {
    let mut kept: Vec<Row> = Vec::new();
    for row in rows {
        let of_all = |row: &Row| matches!(row.measure, Measure::Total | Measure::Own);
        let same = kept.iter_mut().find(|other| {
            (of_all(other) == of_all(&row) && !matches!(row.measure, Measure::State(_)))
                && (&other.before, &other.after) == (&row.before, &row.after)
        });
        match same {
            Some(other) => other.is_only = true,
            None => kept.push(row),
        }
    }
    kept
}

struct Maker<'f> {
    frames: &'f Frames,
    runs: Vec<&'f Run>,
    /// By what times on each frame at the bottom are divided, a number a run: see [`divisors`].
    divisors: HashMap<u32, Option<Vec<u64>>>,
    befores: usize,
    /// All time of each run.
    all: Vec<u64>,
    least_share: f64,
    is_on_cpu: bool,
}

impl<'f> Maker<'f> {
    fn new(frames: &'f Frames, sides: &'f Sides, totals: &Times, least_share: f64) -> Self {
        let runs: Vec<&Run> = sides.runs().collect();
        let divisors = divisors(frames, &runs, totals);
        let all = frames.all.sums();
        let (befores, is_on_cpu) = (sides.before.len(), sides.times == RunTimes::OnCpu);
        Self { frames, runs, divisors, befores, all, least_share, is_on_cpu }
    }

    /// Every time of a frame, and what it is of all runs together.
    fn of_frame(&self, place: u32, [totals, on_cpu]: [&Times; 2]) -> Vec<(Row, Vec<u64>)> {
        let Frames { all, on_cpu: own_on_cpu, .. } = self.frames;
        let whole = match self.is_on_cpu {
            true => [Measure::TotalOnCpu, Measure::OnCpu],
            false => [Measure::Total, Measure::Own],
        };
        let mut found =
            vec![(whole[0], totals.bare(place)), (whole[1], self.frames.own(all, place))];
        // What is at the bottom is called by its total where it has nothing else.
        if self.frames.parent(place).is_some() {
            found.reverse();
        }
        if !own_on_cpu.is_empty() {
            found.push((Measure::OnCpu, own_on_cpu.bare(place)));
            found.push((Measure::TotalOnCpu, on_cpu.bare(place)));
        }
        for &child in self.frames.children(place) {
            if let Some(state) = self.frames.state(child) {
                found.push((Measure::State(state), all.bare(child)));
            }
        }
        let root = self.frames.root(place);
        let row = |(measure, raw): (Measure, Vec<u64>)| {
            let each = match self.divisors.get(&root) {
                Some(Some(operations)) => {
                    raw.iter().zip(operations.iter().copied()).map(divided).collect()
                }
                _ => raw.iter().map(|nanos| divided((nanos, 1))).collect(),
            };
            (self.row(place, measure, each), raw)
        };
        found.into_iter().map(row).collect()
    }

    fn row(&self, place: u32, measure: Measure, each: Vec<f64>) -> Row {
        let mut before = each;
        let after = before.split_off(self.befores);
        Row { place, measure, is_only: false, before, after }
    }

    fn is_large(&self, raw: &[u64]) -> bool {
        let shares: Vec<f64> = raw.iter().zip(&self.all).map(share).collect();
        let (before, after) = shares.split_at(self.befores);
        let sides = [before, after].into_iter().filter(|side| !side.is_empty());
        let means: Vec<f64> = sides.map(mean).collect();
        mean(&means) >= self.least_share
    }

    /// Those that every run has.
    fn percentiles(&self, place: u32) -> Vec<Row> {
        if self.frames.parent(place).is_some() {
            return Vec::new();
        }
        let label = &**self.frames.label(place);
        let of = |run: &Run, percent: u8| {
            let all = run.percentiles.get(label)?;
            all.iter().find(|(known, _)| *known == percent).map(|(_, nanos)| *nanos)
        };
        let row = |percent: u8| {
            let each: Option<Vec<f64>> = self.runs.iter().map(|run| of(run, percent)).collect();
            Some(self.row(place, Measure::Percentile(percent), each?))
        };
        Measure::PERCENTILES.into_iter().filter_map(row).collect()
    }
}

/// By what times on each frame at the bottom are divided: operations, a number a run, where
/// every run that has time there has operations, too.
fn divisors(frames: &Frames, runs: &[&Run], totals: &Times) -> HashMap<u32, Option<Vec<u64>>> {
    let roots = frames.places().filter(|&place| frames.parent(place).is_none());
    let of = |root: u32| {
        let label = &**frames.label(root);
        let operations = runs.iter().map(|run| run.all.operations.get(label).copied());
        let operations: Vec<u64> = operations.map(Option::unwrap_or_default).collect();
        let mut each = operations.iter().zip(totals.bare(root));
        let is_known = each.all(|(&operations, nanos)| operations > 0 || nanos == 0)
            && operations.iter().any(|&operations| operations > 0);
        (root, is_known.then_some(operations))
    };
    roots.map(of).collect()
}

#[allow(clippy::cast_precision_loss, reason = "four digits are shown")]
fn divided((nanos, operations): (&u64, u64)) -> f64 {
    *nanos as f64 / operations.max(1) as f64
}

/// The part that a time is of all.
#[allow(clippy::cast_precision_loss, reason = "compared with a share")]
fn share((nanos, all): (&u64, &u64)) -> f64 {
    *nanos as f64 / (*all).max(1) as f64
}

#[allow(clippy::cast_precision_loss, reason = "there are fewer runs than 2^52")]
fn mean(shares: &[f64]) -> f64 {
    shares.iter().sum::<f64>() / shares.len() as f64
}
