//! Instructions against their limits.

use crate::{
    Result, callgrind,
    limits::Limit,
    subject::Subject::{NoOp, Ours},
    table::{Table, number},
};

/// What was counted for a limit.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// The limit.
    pub limit: Limit,
    /// Instructions a unit under a layer that does nothing.
    pub base: f64,
    /// Instructions that ours adds.
    pub added: f64,
}

impl Counted {
    /// Whether more is added than may be.
    #[must_use]
    pub fn exceeds(&self) -> bool {
        self.added > self.limit.instructions as f64
    }
}

/// Counts the instructions of each shape that has a limit.
///
/// # Errors
///
/// Where there is no valgrind, or it fails.
pub fn count(limits: &[Limit]) -> Result<Vec<Counted>> {
    let one = |&limit: &Limit| {
        eprintln!("instructions of {}", limit.shape);
        let base = callgrind::per_unit(NoOp, limit.shape)?;
        Ok(Counted { limit, base, added: callgrind::per_unit(Ours, limit.shape)? - base })
    };
    limits.iter().map(one).collect()
}

/// The counts as a table.
#[must_use]
pub fn table(counted: &[Counted]) -> String {
    let mut table = Table::new(&["instructions a unit", "Registry alone", "we add", "limit"]);
    for Counted { limit, base, added } in counted {
        let cells =
            [number(Some(*base), 1), number(Some(*added), 1), limit.instructions.to_string()];
        table.row(&limit.shape.to_string(), cells);
    }
    table.finish()
}
