//! The columns of a heatmap as operations end: narrow ones for what is latest, and wider ones
//! the longer ago it is.
//!
//! Of more than so many columns of one width the oldest two become one of twice that. So there
//! are so many for each doubling of the time that has passed, which is few in a hundred days, and
//! the latest hour is told apart as finely at the end of a month as at the end of a day.

use crate::{
    room::Room,
    tally::{Bucket, Cell, Column, Heatmap, NodeId},
};

/// The narrowest columns: about a millisecond.
const NARROWEST: u8 = 20;

/// How many columns of a width there are at the most, while there is room for their cells.
const MOST_OF_A_WIDTH: usize = 32;

/// Cells of all columns together, of 16 bytes; vectors of them may take twice as much.
const MOST_CELLS: usize = 65_536;

/// What has ended so far.
#[derive(Debug)]
pub(crate) struct Columns {
    /// In the order of time, the narrowest last.
    all: Vec<Column>,
    most_of_a_width: usize,
    cells: usize,
    /// Operations for which there was no room.
    left_out: u64,
}

impl Default for Columns {
    fn default() -> Self {
        Self { all: Vec::new(), most_of_a_width: MOST_OF_A_WIDTH, cells: 0, left_out: 0 }
    }
}

impl Columns {
    /// Counts an operation that ended at so many nanoseconds and took so many. None ended later
    /// among those before.
    pub(crate) fn add(&mut self, root: NodeId, at: u64, nanos: u64) {
        if self.count(at >> NARROWEST, (root, Bucket::of(nanos))).is_none() {
            self.left_out += 1;
        }
    }

    /// All columns as they are now, which is so many ticks. Takes memory: in no callback.
    pub(crate) fn read(&self, now: u64) -> Heatmap {
        let (columns, left_out) = (self.all.clone(), self.left_out);
        Heatmap { begins: None, until: now, columns, left_out }
    }

    fn count(&mut self, number: u64, (root, bucket): (NodeId, Bucket)) -> Option<()> {
        let is_new = |last: &Column| (last.power, last.number) != (NARROWEST, number);
        if self.all.last().is_none_or(is_new) {
            self.all.try_push(Column { power: NARROWEST, number, cells: Vec::new() })?;
            self.widen()?;
        }
        while self.cells >= MOST_CELLS && self.most_of_a_width > 1 {
            self.most_of_a_width /= 2;
            self.widen()?;
        }
        let cells = &mut self.all.last_mut()?.cells;
        match cells.binary_search_by_key(&(root, bucket), Cell::place) {
            Ok(at) => cells[at].operations += 1,
            Err(_) if self.cells >= MOST_CELLS => return None,
            Err(at) => {
                cells.try_reserve(1).ok()?;
                cells.insert(at, Cell { root, bucket, operations: 1 });
                self.cells += 1;
            }
        }
        Some(())
    }

    /// Has the oldest columns of each width become wider ones, where there are too many.
    fn widen(&mut self) -> Option<()> {
        let (mut power, mut end) = (NARROWEST, self.all.len());
        while end > 0 {
            let mut start = self.all[..end].partition_point(|column| column.power > power);
            while end - start > self.most_of_a_width {
                end -= self.widen_at(start)?;
                start += 1;
            }
            (power, end) = (power + 1, start);
        }
        Some(())
    }

    /// Has a column become twice as wide, with the one behind it where that lies in it then.
    /// Returns how many columns are gone; `None` where there is no memory for both in one.
    fn widen_at(&mut self, at: usize) -> Option<usize> {
        let [column, next, ..] = &mut self.all[at..] else { return None };
        let wider =
            Column { power: column.power + 1, number: column.number >> 1, cells: Vec::new() };
        let has_next = wider.has(next);
        if has_next {
            column.cells.try_reserve(next.cells.len()).ok()?;
            let both = column.cells.len() + next.cells.len();
            column.add(next);
            self.cells -= both - column.cells.len();
        }
        (column.power, column.number) = (wider.power, wider.number);
        if has_next {
            self.all.remove(at + 1);
        }
        Some(usize::from(has_next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ends, each with its root and what it took, at moments ever further apart.
    fn ends() -> Vec<(u64, NodeId, u64)> {
        let mut state = 7_u64;
        let mut any = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        let mut at = 0;
        let one = |_| {
            // From nothing up to some hours later, so that there are all widths, and gaps.
            let (most, slow) = (8 + any(38), any(40));
            at += any(1 << most);
            (at, NodeId(any(3) as u32), any(1 << slow))
        };
        (0..5_000).map(one).collect()
    }

    /// How many of some ends are in a cell, by its column's edges.
    fn expected(ends: &[(u64, NodeId, u64)], column: &Column, cell: &Cell) -> u64 {
        let is_in = |(at, root, nanos): &&(u64, NodeId, u64)| {
            at >> column.power == column.number && (*root, Bucket::of(*nanos)) == cell.place()
        };
        ends.iter().filter(is_in).count() as u64
    }

    fn check(heatmap: &Heatmap, ends: &[(u64, NodeId, u64)]) {
        let cells = heatmap
            .columns
            .iter()
            .flat_map(|column| column.cells.iter().map(move |cell| (column, cell)));
        let mut all = 0;
        for (column, cell) in cells {
            assert_eq!(cell.operations, expected(ends, column, cell), "{column:?}");
            all += cell.operations;
        }
        assert_eq!(all, ends.len() as u64);
        let edges = heatmap.columns.windows(2);
        edges.for_each(|pair| assert!(!pair[0].has(&pair[1]) && pair[0].from() < pair[1].from()));
    }

    fn added(columns: &mut Columns, ends: &[(u64, NodeId, u64)]) {
        ends.iter().for_each(|(at, root, nanos)| columns.add(*root, *at, *nanos));
    }

    #[test]
    fn every_end_is_in_one_cell_and_the_latest_columns_are_narrow() {
        let (ends, mut columns) = (ends(), Columns::default());
        added(&mut columns, &ends);
        check(&columns.read(0), &ends);
        let mut of_a_width = [0; 64];
        columns.all.iter().for_each(|column| of_a_width[usize::from(column.power)] += 1);
        assert!(of_a_width.iter().all(|count| *count <= MOST_OF_A_WIDTH), "{of_a_width:?}");
        assert_eq!(columns.all.last().map(|column| column.power), Some(NARROWEST));
        let cells: usize = columns.all.iter().map(|column| column.cells.len()).sum();
        assert_eq!(columns.cells, cells);
    }

    #[test]
    fn windows_have_what_ended_in_them_and_add_up() {
        let (ends, mut columns) = (ends(), Columns::default());
        let (mut before, mut sum) = (Heatmap::default(), Heatmap::default());
        for part in ends.chunks(700) {
            added(&mut columns, part);
            let now = columns.read(part.last().map_or(0, |(at, ..)| *at));
            let window = now.clone().since(&before);
            check(&window, part);
            sum.merge(window);
            before = now;
        }
        check(&sum, &ends);
        assert_eq!((sum.begins, sum.until), (Some(0), before.until));
    }

    #[test]
    fn cells_are_bounded_and_what_has_no_room_is_counted() {
        let mut columns = Columns::default();
        let most = MOST_CELLS as u64;
        for at in 0..3 * most {
            // Each in a cell of its own, until there are too many roots for that.
            columns.add(NodeId((at % (most + 9)) as u32), at << NARROWEST, 1);
        }
        assert!(columns.cells <= MOST_CELLS);
        assert!(columns.left_out > 0);
        let counted: u64 = columns.all.iter().flat_map(|c| &c.cells).map(|c| c.operations).sum();
        assert_eq!(counted + columns.left_out, 3 * most);
    }
}
