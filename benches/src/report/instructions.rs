//! Instructions against their limits.

use crate::{
    Result, allocations, callgrind,
    limits::Limit,
    shape::Shape,
    subject::Subject,
    table::{Table, number},
};

/// What was counted for a limit.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// The limit.
    pub limit: Limit,
    /// Instructions a unit without: under a layer that does nothing, or ours.
    pub base: f64,
    /// Instructions that are added.
    pub added: f64,
    /// Allocations that are added.
    pub allocations: f64,
}

impl Counted {
    /// Whether more instructions are added or allocations than may be.
    #[must_use]
    pub fn exceeds(&self) -> bool {
        self.added > self.limit.instructions as f64 || self.allocations > self.limit.allocations
    }

    /// A limit that leaves a fiftieth, since another compiler lays code out
    /// otherwise; of allocations a hundredth, unless there are none.
    #[must_use]
    pub fn as_limit(&self) -> Limit {
        Limit {
            instructions: (self.added * 1.02).ceil() as u64,
            allocations: if self.allocations > 0.0 {
                hundredth_above(self.allocations)
            } else {
                0.0
            },
            ..self.limit
        }
    }
}

fn hundredth_above(number: f64) -> f64 {
    ((number * 100.0).round() + 1.0) / 100.0
}

/// Counts the instructions of each subject and shape that has a limit.
///
/// # Errors
///
/// Where there is no valgrind, or it fails.
pub fn count(limits: &[Limit]) -> Result<Vec<Counted>> {
    let one = |&limit: &Limit| {
        eprintln!("instructions of {}, {}", limit.subject, limit.shape);
        let added = |per_unit: fn(Subject, Shape) -> Result<f64>| {
            let base = per_unit(limit.subject.base(), limit.shape)?;
            Ok::<_, crate::Error>((base, per_unit(limit.subject, limit.shape)? - base))
        };
        let (base, instructions) = added(callgrind::per_unit)?;
        let (_, allocations) = added(allocations::per_unit)?;
        Ok(Counted { limit, base, added: instructions, allocations })
    };
    limits.iter().map(one).collect()
}

/// The shape, and by what where that is not ours alone.
fn named(limit: &Limit) -> String {
    match limit.subject {
        Subject::Ours => limit.shape.to_string(),
        Subject::Session => format!("{}, by `--flame`", limit.shape),
        Subject::SessionListening => {
            format!("{}, by `--flame --flame-listen` that nobody asks", limit.shape)
        }
        Subject::Elsewhere => {
            format!("{}, over ours, if operations of another name are followed", limit.shape)
        }
        Subject::Followed => format!("{}, over ours, if the operation is followed", limit.shape),
        other => format!("{}, {other}", limit.shape),
    }
}

/// The counts as a table.
#[must_use]
pub fn table(counted: &[Counted]) -> String {
    let mut table =
        Table::new(&["instructions a unit", "without", "we add", "limit", "allocations", "limit"]);
    for Counted { limit, base, added, allocations } in counted {
        let cells = [
            number(Some(*base), 1),
            number(Some(*added), 1),
            limit.instructions.to_string(),
            number(Some(*allocations), 3),
            limit.allocations.to_string(),
        ];
        table.row(&named(limit), cells);
    }
    table.finish()
}
