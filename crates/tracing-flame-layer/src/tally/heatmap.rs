//! When named operations ended, and how long they had taken: how many of them in each column of
//! time and each bucket of latency.
//!
//! A column is a stretch of `2^power` nanoseconds that begins at a multiple of that. As time goes
//! on columns become wider, two becoming one (`kept/heatmap`). So each lies within one column of
//! any later snapshot, and what came between two snapshots is their difference, exactly.

use super::{histogram::Bucket, paths::NodeId};

/// The operations of one root that took about as long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) root: NodeId,
    /// Of nanoseconds.
    pub(crate) bucket: Bucket,
    pub(crate) operations: u64,
}

impl Cell {
    /// What cells stand in the order of.
    pub(crate) fn place(&self) -> (NodeId, Bucket) {
        (self.root, self.bucket)
    }
}

/// A stretch of time, and what ended in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Column {
    /// It is as wide as this power of two of nanoseconds.
    pub(crate) power: u8,
    /// How many of its width lie before it.
    pub(crate) number: u64,
    /// By root and bucket, ascending.
    pub(crate) cells: Vec<Cell>,
}

impl Column {
    /// Where it begins.
    pub(crate) fn from(&self) -> u64 {
        self.number << self.power
    }

    /// Its last nanosecond.
    pub(crate) fn last(&self) -> u64 {
        self.from().saturating_add(u64::MAX >> (u64::BITS - u32::from(self.power)))
    }

    /// Whether all of another lies in it.
    pub(crate) fn has(&self, other: &Self) -> bool {
        self.from() <= other.from() && other.last() <= self.last()
    }

    /// Adds the cells of another column. Takes memory for as many, unless there is room.
    pub(crate) fn add(&mut self, other: &Self) {
        self.cells.extend_from_slice(&other.cells);
        self.cells.sort_unstable_by_key(Cell::place);
        self.cells.dedup_by(|next, kept| {
            let is_one = next.place() == kept.place();
            if is_one {
                kept.operations = kept.operations.saturating_add(next.operations);
            }
            is_one
        });
    }

    /// Leaves out what another column has, of which all is in this one.
    fn subtract(&mut self, other: &Self) {
        for cell in &other.cells {
            if let Ok(at) = self.cells.binary_search_by_key(&cell.place(), Cell::place) {
                let operations = &mut self.cells[at].operations;
                *operations = operations.saturating_sub(cell.operations);
            }
        }
    }
}

/// What ended up to a moment, or between two.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heatmap {
    /// Ticks at which the window begins; `None` of one that nothing is in.
    pub(crate) begins: Option<u64>,
    /// And at which it ends. Pauses are in between, unlike in the length of a snapshot.
    pub(crate) until: u64,
    /// In the order of time.
    pub(crate) columns: Vec<Column>,
    /// Operations that are in a class, and were too many for this.
    pub(crate) left_out: u64,
}

impl Heatmap {
    /// What came after `earlier`.
    #[must_use]
    pub(crate) fn since(mut self, earlier: &Self) -> Self {
        for column in &earlier.columns {
            if let Some(around) = self.around(column) {
                around.subtract(column);
            }
        }
        for column in &mut self.columns {
            column.cells.retain(|cell| cell.operations > 0);
        }
        self.columns.retain(|column| !column.cells.is_empty());
        self.left_out = self.left_out.saturating_sub(earlier.left_out);
        Self { begins: Some(earlier.until), ..self }
    }

    /// Adds a later window of the same recorder.
    pub(crate) fn merge(&mut self, later: Self) {
        let earlier = std::mem::replace(self, later);
        self.begins = earlier.begins.or(self.begins);
        self.left_out = self.left_out.saturating_add(earlier.left_out);
        for column in earlier.columns {
            match self.around(&column) {
                Some(around) => around.add(&column),
                None => {
                    let at = self.columns.partition_point(|known| known.from() < column.from());
                    self.columns.insert(at, column);
                }
            }
        }
    }

    /// The column that another one, of an earlier moment, has become a part of.
    fn around(&mut self, column: &Column) -> Option<&mut Column> {
        let at = self.columns.partition_point(|known| known.last() < column.from());
        self.columns.get_mut(at).filter(|known| known.has(column))
    }
}
