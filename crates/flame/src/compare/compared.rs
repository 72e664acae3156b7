//! Both sides, and everything that is known of how they differ.

use std::collections::{BTreeSet, HashMap};

use tracing_flame_layer::Profile;

use super::{
    judged::{Floors, Judged, Verdict, judge},
    measure::Measure,
    order::Order,
    reason::{Reason, reasons},
    row::{Row, Rows},
    run::{Run, Times},
    times::Frames,
};

/// The runs of both sides.
#[derive(Debug)]
pub(crate) struct Sides {
    pub(crate) before: Vec<Run>,
    pub(crate) after: Vec<Run>,
    /// Which times of them are there.
    pub(crate) times: Times,
    /// Each side as one profile, where a picture is wanted.
    pub(crate) sums: Option<[Profile; 2]>,
}

impl Sides {
    pub(super) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.before.iter().chain(&self.after)
    }
}

/// How they are compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    /// The false discovery rate, and what an interval leaves out.
    pub(crate) rate: f64,
    pub(crate) floors: Floors,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(super) how: How,
    pub(super) times: Times,
    pub(super) befores: usize,
    pub(super) afters: usize,
    pub(super) order: Order,
    frames: Frames,
    pub(super) rows: Vec<Judged>,
    /// Frames of which no time is large enough to be judged.
    pub(super) too_small: usize,
    pub(super) reasons: Vec<Reason>,
    /// Operations that the user named, of which no run after had any.
    pub(super) missing: Vec<String>,
    pub(super) is_per_operation: PerOperation,
}

/// Whether times are those of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PerOperation {
    All,
    /// On some of the frames at the bottom; on others they are those of the whole run.
    Some,
    None,
}

impl Compared {
    pub(crate) fn new(sides: &Sides, how: How) -> Self {
        let frames = Frames::of(sides.runs());
        let Rows { rows, too_small, is_per_operation } =
            Rows::new(&frames, sides, how.floors.least_share);
        let order = Order::of(&sides.before, &sides.after);
        let means = means_of_roots(&rows);
        let least_nanos = |place: u32| {
            let operation = || means(frames.root(place)) * Floors::PART_OF_OPERATION;
            how.floors.nanos.unwrap_or_else(operation)
        };
        let rows = judge(&rows, &order, &how.floors, how.rate, least_nanos);
        let reasons = reasons(&rows, &frames);
        let is_per_operation = match is_per_operation.into_values().fold((0, 0), count) {
            (_, 0) => PerOperation::All,
            (0, _) => PerOperation::None,
            _ => PerOperation::Some,
        };
        Self {
            how,
            times: sides.times,
            befores: sides.before.len(),
            afters: sides.after.len(),
            order,
            frames,
            rows,
            too_small,
            reasons,
            missing: missing(sides),
            is_per_operation,
        }
    }

    /// Whether there are runs enough to say how they vary.
    pub(crate) fn can_judge(&self) -> bool {
        self.befores > 1 && self.afters > 1
    }

    /// What changed, the largest change of time first, slower ones before faster ones.
    pub(super) fn changed(&self) -> Vec<&Judged> {
        let mut changed: Vec<&Judged> =
            self.rows.iter().filter(|row| row.verdict.is_change()).collect();
        changed.sort_by(|a, b| b.difference().total_cmp(&a.difference()));
        let slower = changed.iter().filter(|row| row.verdict == Verdict::Slower).count();
        changed[slower..].reverse();
        changed
    }

    /// What is not told to have changed, the largest change of time first.
    #[cfg(feature = "html")]
    pub(super) fn others(&self) -> impl Iterator<Item = &Judged> {
        self.largest().into_iter().filter(|row| !row.verdict.is_change())
    }

    /// Every number, the largest change of time first.
    pub(super) fn largest(&self) -> Vec<&Judged> {
        let mut all: Vec<&Judged> = self.rows.iter().collect();
        all.sort_by(|a, b| b.difference().abs().total_cmp(&a.difference().abs()));
        all
    }

    /// The times of what is at the bottom.
    pub(super) fn operations(&self) -> impl Iterator<Item = &Judged> {
        let is_operation = |row: &&Judged| {
            self.frames.parent(row.place).is_none()
                && matches!(
                    row.measure,
                    Measure::Total | Measure::TotalOnCpu | Measure::Percentile(_)
                )
        };
        self.rows.iter().filter(is_operation)
    }

    /// Whether the time of every operation has a verdict.
    pub(crate) fn is_decided(&self) -> bool {
        let is_time = |row: &&Judged| !matches!(row.measure, Measure::Percentile(_));
        let mut times = self.operations().filter(is_time).peekable();
        self.can_judge()
            && times.peek().is_some()
            && times.all(|row| row.verdict != Verdict::NotTold)
    }

    /// How many rows have a verdict.
    pub(super) fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }

    /// The labels of a row's frame, from the bottom up.
    pub(super) fn path(&self, place: u32) -> String {
        self.frames.path(place)
    }

    pub(super) fn labels(&self, place: u32) -> Vec<&str> {
        self.frames.stack(place).iter().rev().map(|&place| &**self.frames.label(place)).collect()
    }
}

fn count((all, none): (usize, usize), is_known: bool) -> (usize, usize) {
    if is_known { (all + 1, none) } else { (all, none + 1) }
}

/// The mean time of what is at the bottom, both sides together.
fn means_of_roots(rows: &[Row]) -> impl Fn(u32) -> f64 {
    let totals =
        rows.iter().filter(|row| matches!(row.measure, Measure::Total | Measure::TotalOnCpu));
    let mean = |row: &Row| {
        let all = row.before.iter().chain(&row.after);
        #[allow(clippy::cast_precision_loss, reason = "there are fewer runs than 2^52")]
        let runs = (row.before.len() + row.after.len()) as f64;
        (row.place, all.sum::<f64>() / runs)
    };
    let mut means: HashMap<u32, f64> = HashMap::new();
    for (place, mean) in totals.map(mean) {
        // All time comes before that on a CPU.
        means.entry(place).or_insert(mean);
    }
    move |root| means.get(&root).copied().unwrap_or(0.0)
}

fn missing(sides: &Sides) -> Vec<String> {
    let has = |runs: &[Run], label: &String| {
        runs.iter().any(|run| run.all.operations.get(label).is_some_and(|count| *count > 0))
    };
    let named: BTreeSet<&String> = sides.before.iter().flat_map(|run| &run.all.named).collect();
    named.into_iter().filter(|label| !has(&sides.after, label)).cloned().collect()
}
