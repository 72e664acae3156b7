//! A heatmap, from the beginning of its window on.

use super::Unit;
use crate::{
    profile::{HeatCell, HeatColumn, NodeId},
    tally::{Cell, Column, Heatmap},
};

/// Columns by the profile's nodes. One in which the window begins has of it what came after.
pub(super) fn scale(heatmap: &Heatmap, ids: &[Option<NodeId>], unit: &Unit<'_>) -> Vec<HeatColumn> {
    let begins = unit.clock.nanos(heatmap.begins.unwrap_or(0));
    let after = |nanos: u64| nanos.saturating_sub(begins);
    let cell = |cell: &Cell| {
        let root = ids.get(cell.root.index()).copied().flatten()?;
        Some(HeatCell::new(root, cell.bucket.last(), cell.operations))
    };
    let column = |column: &Column| {
        let cells: Vec<HeatCell> = column.cells.iter().filter_map(cell).collect();
        let below = column.last().saturating_add(1);
        (!cells.is_empty()).then(|| HeatColumn::new(after(column.from()), after(below), cells))
    };
    heatmap.columns.iter().filter_map(column).collect()
}
