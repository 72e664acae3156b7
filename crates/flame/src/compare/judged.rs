//! The change of a row, where that lies, and a verdict.

use super::{measure::Measure, order::Order, row::Row};
use crate::stats::{Contrast, Interval, discoveries};

/// What is too little to matter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Floors {
    /// A part of the row's own time.
    pub(crate) part: f64,
    /// Nanoseconds of one operation; `None`: a thousandth of its time.
    pub(crate) nanos: Option<f64>,
    /// The share of all time that a row must have to be judged.
    pub(crate) least_share: f64,
}

impl Floors {
    /// The part of an operation's time that is too little to matter, where nothing is typed.
    pub(crate) const PART_OF_OPERATION: f64 = 0.001;
}

/// What is known of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// More than the floors, and not by chance.
    Slower,
    /// Less, likewise.
    Faster,
    /// Its interval lies within the floors.
    Unchanged,
    /// Any of these, for all that the runs say.
    NotTold,
}

impl Verdict {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Slower => "slower",
            Self::Faster => "faster",
            Self::Unchanged => "unchanged",
            Self::NotTold => "not told",
        }
    }

    /// Whether it says that something changed.
    pub(crate) fn is_change(self) -> bool {
        matches!(self, Self::Slower | Self::Faster)
    }
}

/// A row and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(super) place: u32,
    pub(super) measure: Measure,
    pub(super) is_only: bool,
    /// Means.
    pub(super) before: f64,
    pub(super) after: f64,
    /// Where the change lies, in nanoseconds; `None` of one run a side.
    pub(super) change: Option<Interval>,
    /// Where after by before lies.
    pub(super) ratio: Option<Interval>,
    /// How likely a change so clear, or clearer, is by chance, beyond the floors.
    pub(super) chance: f64,
    pub(super) verdict: Verdict,
}

impl Judged {
    pub(super) fn difference(&self) -> f64 {
        self.after - self.before
    }

    /// Whether it is about the frame itself, and not about what stands on it.
    pub(super) fn is_own(&self) -> bool {
        self.measure.is_own() || self.is_only
    }
}

/// Judges all rows together: `rate` is the false discovery rate, and what intervals leave out.
pub(super) fn judge(
    rows: &[Row],
    order: &Order,
    floors: &Floors,
    rate: f64,
    least_nanos: impl Fn(u32) -> f64,
) -> Vec<Judged> {
    let each: Vec<_> =
        rows.iter().map(|row| one(row, order, floors, rate, least_nanos(row.place))).collect();
    let chances: Vec<f64> = each.iter().map(|judged| judged.chance).collect();
    let told = discoveries(&chances, rate);
    let judged = each.into_iter().zip(told).map(|(judged, told)| match (told, judged.verdict) {
        (false, Verdict::Slower | Verdict::Faster) => {
            Judged { verdict: Verdict::NotTold, ..judged }
        }
        _ => judged,
    });
    judged.collect()
}

/// One row by itself: what the verdict would be if there were no other.
fn one(row: &Row, order: &Order, floors: &Floors, rate: f64, least_nanos: f64) -> Judged {
    let contrast = contrast(row, order);
    let slower = f64::max(
        contrast.chance_of_more(1.0 + floors.part, 0.0),
        contrast.chance_of_more(1.0, least_nanos),
    );
    let faster = f64::max(
        contrast.chance_of_less(1.0 - floors.part, 0.0),
        contrast.chance_of_less(1.0, -least_nanos),
    );
    // Either could have been found.
    let chance = f64::min(1.0, 2.0 * f64::min(slower, faster));
    let change = contrast.difference_within(1.0 - rate);
    let floor = f64::max(floors.part * contrast.before, least_nanos);
    let verdict = match change {
        None => Verdict::NotTold,
        Some(Interval { low, high }) if -floor <= low && high <= floor => Verdict::Unchanged,
        Some(_) if slower < faster => Verdict::Slower,
        Some(_) => Verdict::Faster,
    };
    Judged {
        place: row.place,
        measure: row.measure,
        is_only: row.is_only,
        before: contrast.before,
        after: contrast.after,
        change,
        ratio: contrast.ratio_within(1.0 - rate),
        chance,
        verdict,
    }
}

fn contrast(row: &Row, order: &Order) -> Contrast {
    let resolution = row.measure.resolution();
    let Order::Pairs(pairs) = order else {
        return Contrast::of_runs(&row.before, &row.after, resolution);
    };
    let (before, after): (Vec<f64>, Vec<f64>) =
        pairs.iter().map(|&(before, after)| (row.before[before], row.after[after])).unzip();
    Contrast::of_pairs(&before, &after, resolution)
}
