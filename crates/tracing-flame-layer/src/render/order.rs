//! Trees in flat vectors: rows of children, and the order to draw them in.

use super::merge::Group;

/// Items sorted into rows, in two vectors: what a vector of vectors would hold,
/// without a million allocations.
#[derive(Debug)]
pub(super) struct Rows {
    /// Row `i` is `items[ends[i - 1]..ends[i]]`.
    ends: Vec<u32>,
    items: Vec<u32>,
}

impl Rows {
    /// Puts item `i` into the row that stands at place `i` of `row_of`; items of
    /// one row keep their order.
    pub(super) fn new(rows: usize, row_of: impl Iterator<Item = u32> + Clone) -> Self {
        Self::of_items(rows, (0..).zip(row_of))
    }

    fn of_items(rows: usize, items: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut ends = vec![0_u32; rows];
        let mut count = 0;
        for (_, row) in items.clone() {
            ends[row as usize] += 1;
            count += 1;
        }
        let mut start = 0;
        for end in &mut ends {
            (*end, start) = (start, start + *end);
        }
        let mut sorted = vec![0; count];
        for (item, row) in items {
            let end = &mut ends[row as usize];
            sorted[*end as usize] = item;
            *end += 1;
        }
        Self { ends, items: sorted }
    }

    pub(super) fn of(&self, row: u32) -> &[u32] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.items[start as usize..self.ends[row as usize] as usize]
    }
}

/// Every group and its depth, each before its children, siblings by the rank of
/// their label.
pub(super) fn preorder(groups: &[Group], ranks: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    let by_rank = Rows::new(ranks.len(), groups.iter().map(|g| ranks[g.label.index()]));
    // The last row holds the groups at the bottom.
    let bottom = u32::try_from(groups.len()).unwrap_or(u32::MAX);
    let parent = |&id: &u32| (id, groups[id as usize].parent.unwrap_or(bottom));
    let children = Rows::of_items(groups.len() + 1, by_rank.items.iter().map(parent));

    let mut todo: Vec<(u32, u32)> = Vec::new();
    todo.extend(children.of(bottom).iter().rev().map(|&id| (id, 0)));
    std::iter::from_fn(move || {
        let (id, depth) = todo.pop()?;
        todo.extend(children.of(id).iter().rev().map(|&child| (child, depth + 1)));
        Some((id, depth))
    })
}
