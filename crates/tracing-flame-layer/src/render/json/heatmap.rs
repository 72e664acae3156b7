//! A column of a heatmap, on one line.

use std::io::{self, Write};

use super::line::Line;
use crate::profile::{HeatCell, HeatColumn};

pub(super) fn write<W: Write>(writer: &mut W, column: &HeatColumn) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    line.number("from_nanos", column.from_nanos)?;
    line.number("below_nanos", column.below_nanos)?;
    line.key("cells")?;
    let mut separator = "[";
    for HeatCell { root, most_nanos, operations } in &column.cells {
        let root = root.index();
        write!(line.writer(), "{separator}[{root},{most_nanos},{operations}]")?;
        separator = ",";
    }
    line.writer().write_all(if column.cells.is_empty() { b"[]" } else { b"]" })?;
    line.end()
}
