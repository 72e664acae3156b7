//! The frames that changed by themselves, so that those below them changed, too.

use std::collections::HashMap;

use super::{
    judged::{Judged, Verdict},
    measure::Measure,
    times::Frames,
};

/// A frame of which a time of its own changed.
#[derive(Clone, Debug)]
pub(crate) struct Reason {
    pub(super) place: u32,
    pub(super) verdict: Verdict,
    /// Its times that changed, the one that says most first.
    pub(super) measures: Vec<Measure>,
    /// By how much the first of them did, in nanoseconds.
    pub(super) nanos: f64,
    /// The frame nearest the bottom that changed likewise, and the part of its change that
    /// this is.
    pub(super) of: Option<(u32, f64)>,
}

/// The innermost first, of one depth the largest change.
pub(super) fn reasons(rows: &[Judged], frames: &Frames) -> Vec<Reason> {
    let told: Vec<&Judged> = rows.iter().filter(|row| row.verdict.is_change()).collect();
    let mut own: HashMap<(u32, bool), Vec<&Judged>> = HashMap::new();
    for row in told.iter().filter(|row| row.is_own()) {
        own.entry((row.place, row.verdict == Verdict::Slower)).or_default().push(row);
    }
    let mut reasons: Vec<Reason> =
        own.into_values().filter_map(|rows| reason(&rows, &told, frames)).collect();
    let depth = |reason: &Reason| frames.stack(reason.place).len();
    reasons.sort_by(|a, b| {
        let by_size = || b.nanos.abs().total_cmp(&a.nanos.abs());
        depth(b).cmp(&depth(a)).then_with(by_size).then(a.place.cmp(&b.place))
    });
    reasons
}

fn reason(rows: &[&Judged], told: &[&Judged], frames: &Frames) -> Option<Reason> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| rank(row.measure));
    let first = rows.first()?;
    // Of time on a CPU the whole is time on a CPU.
    let whole = match first.measure {
        Measure::OnCpu | Measure::TotalOnCpu => Measure::TotalOnCpu,
        _ => Measure::Total,
    };
    let below = frames.stack(first.place).into_iter().skip(1).rev();
    let mut changed = below.filter_map(|place| {
        let is = |row: &&&Judged| (row.place, row.measure) == (place, whole);
        told.iter().find(is).filter(|row| row.verdict == first.verdict)
    });
    let of = changed.next().map(|row| (row.place, first.difference() / row.difference()));
    Some(Reason {
        place: first.place,
        verdict: first.verdict,
        measures: rows.iter().map(|row| row.measure).collect(),
        nanos: first.difference(),
        of,
    })
}

/// Which time of a frame says most of why it changed: what it computed, then all its time,
/// which is the program's as far as it waited by itself, then what it waited.
fn rank(measure: Measure) -> (u8, Measure) {
    let rank = match measure {
        Measure::OnCpu | Measure::TotalOnCpu => 0,
        Measure::State(_) => 2,
        _ => 1,
    };
    (rank, measure)
}
