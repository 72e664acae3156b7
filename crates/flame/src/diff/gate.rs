//! Whether a run is slower than may be.

use std::io::{self, Write};

use super::{
    compare::{Compared, Frame, Missing, Times},
    state, table,
};

/// The least share of a run's time that a frame has in one of the runs to count.
const LEAST_SHARE: f64 = 0.01;
/// How many frames are named.
const MOST_ROWS: usize = 20;

/// The frames that take longer than may be.
#[derive(Debug)]
pub(crate) struct Gate {
    percent: f64,
    /// Whether a named operation of the earlier run does not occur in the later.
    is_missing: bool,
    /// Places in [`Compared::frames`], the slowest first.
    slower: Vec<usize>,
}

impl Gate {
    /// Finds the frames of at least 1 % of the time whose total for each
    /// operation grew by more than so many per cent. One that is new has grown
    /// by more than any. What threads did in a frame is part of its total, and none that
    /// counts by itself.
    pub(crate) fn new(compared: &Compared, percent: f64) -> Self {
        let counts = |frame: &Frame| {
            let is_large = share(frame.total.before, compared.all.before) >= LEAST_SHARE
                || share(frame.total.after, compared.all.after) >= LEAST_SHARE;
            let is_state = compared.times == Times::ByState && state::is_of_threads(&frame.label);
            is_large && !is_state
        };
        let is_slower = |frame: &Frame| {
            let (before, after) = frame.per.each(frame.total);
            frame.per.is_changed(frame.total) && after > before * (1.0 + percent / 100.0)
        };
        let frames = compared.frames.iter().enumerate();
        let found = frames.filter(|(_, frame)| counts(frame) && is_slower(frame));
        let mut slower: Vec<(usize, f64)> = found
            .map(|(place, frame)| {
                let (before, after) = frame.per.each(frame.total);
                (place, after / before)
            })
            .collect();
        slower.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let is_missing = !compared.missing.is_empty();
        Self { percent, is_missing, slower: slower.into_iter().map(|(place, _)| place).collect() }
    }

    /// A run that took no time for an operation has not become faster.
    pub(crate) fn is_passed(&self) -> bool {
        self.slower.is_empty() && !self.is_missing
    }

    /// Says which frames those are.
    pub(crate) fn write(&self, compared: &Compared, out: &mut dyn Write) -> io::Result<()> {
        let percent = self.percent;
        writeln!(out)?;
        if self.is_passed() {
            return writeln!(
                out,
                "passed: no frame of at least 1% of the time takes over {percent}% longer"
            );
        }
        for Missing { label, before } in &compared.missing {
            writeln!(
                out,
                "failed: operation `{label}` came {before} times before, not once after"
            )?;
        }
        if self.slower.is_empty() {
            return Ok(());
        }
        let frames = table::frames(self.slower.len());
        writeln!(out, "failed: {frames} of at least 1% of the time: over {percent}% longer")?;
        table::heading(out, "total time")?;
        for &place in self.slower.iter().take(MOST_ROWS) {
            let frame = &compared.frames[place];
            table::row(compared, frame, frame.total, out)?;
        }
        if self.slower.len() > MOST_ROWS {
            writeln!(out, "{:>44}and {} more", "", self.slower.len() - MOST_ROWS)?;
        }
        Ok(())
    }
}

#[allow(clippy::cast_precision_loss, reason = "compared with one hundredth")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
