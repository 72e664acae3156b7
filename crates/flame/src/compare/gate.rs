//! Whether what is slower may be.

use super::{
    compared::Compared,
    judged::{Judged, Verdict},
    text,
};
use crate::human::Change;

/// What fails, whatever its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FailOn {
    /// Whatever is told to be slower
    Slower,
}

/// The numbers that fail it.
#[derive(Debug)]
pub(crate) struct Gate {
    /// The per cent above which what is slower fails.
    percent: f64,
    /// Frames that changed by themselves first, the worst of them first: places in [`Compared::rows`].
    failed: Vec<usize>,
}

impl Gate {
    /// Fails what is told to be slower and whose mean grew by more than so many per cent.
    pub(crate) fn new(compared: &Compared, percent: f64) -> Self {
        let fails = |row: &Judged| {
            row.verdict == Verdict::Slower
                && row.measure.counts()
                && row.after > row.before * (1.0 + percent / 100.0)
        };
        let rows = compared.rows.iter().enumerate();
        let mut failed: Vec<usize> =
            rows.filter(|(_, row)| fails(row)).map(|(place, _)| place).collect();
        let change = |place: &usize| compared.rows[*place].difference();
        let is_own = |place: &usize| compared.rows[*place].is_own();
        failed.sort_by(|a, b| is_own(b).cmp(&is_own(a)).then(change(b).total_cmp(&change(a))));
        Self { percent, failed }
    }

    /// An operation that is gone has not become faster.
    pub(crate) fn is_passed(&self, compared: &Compared) -> bool {
        self.failed.is_empty() && compared.missing.is_empty()
    }

    /// Says so, and what fails most.
    pub(crate) fn sentence(&self, compared: &Compared) -> String {
        let bound = text::percent(self.percent / 100.0);
        if let Some(label) = compared.missing.first() {
            return format!(
                "failed: operation {} came before, not once after",
                text::quoted(label)
            );
        }
        let Some(&worst) = self.failed.first() else {
            return match self.percent {
                0.0 => "passed: nothing is told to be slower".to_owned(),
                _ => format!("passed: nothing is told to be slower by over {bound}"),
            };
        };
        let row = &compared.rows[worst];
        let others = match self.failed.len() - 1 {
            0 => String::new(),
            count => format!(", and {count} more"),
        };
        format!(
            "failed: {} is slower ({}): {}, {}, within {}{others}",
            text::quoted(&compared.path(row.place)),
            row.measure.name(),
            Change(row.difference()),
            text::ratio(row),
            text::interval(row),
        )
    }
}
