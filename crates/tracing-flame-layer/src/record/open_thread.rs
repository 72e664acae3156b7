//! A running thread's counters, with what is running on its stack added.

use super::{
    cell::Ticks,
    paths::PathId,
    stack::OpenFrame,
    thread::{Cells, Eviction, ThreadRecord},
};

/// What a thread has measured up to `at`, by node in ascending order.
pub(crate) fn read_thread(record: &ThreadRecord, at: u64) -> Vec<(PathId, Ticks)> {
    // Held to the end: the thread applies no eviction while it is read.
    let evictions = record.evictions();
    let cells = &record.cells;
    let frames = record.stack.open_frames(|node| cell(cells, node, |c| c.entered));
    let innermost = frames
        .last()
        .and_then(|top| record.stack.innermost(top.node, |node| cell(cells, node, |c| c.busy)));
    let read = cells.iter().map(|(node, cell)| (node, cell.read()));
    let mut nodes = Nodes(read.filter(|(_, ticks)| !ticks.is_zero()).collect());
    nodes.set_validated(&frames, innermost);
    nodes.add_running(frames, innermost.map(|(since, _)| since), &evictions, at);
    nodes.0
}

fn cell(cells: &Cells, node: PathId, of: impl Fn(&Ticks) -> u64) -> u64 {
    cells.read(node).map_or(0, |cell| of(&cell.read()))
}

struct Nodes(Vec<(PathId, Ticks)>);

impl Nodes {
    fn at(&mut self, node: PathId) -> &mut Ticks {
        let at = match self.0.binary_search_by_key(&node, |(node, _)| *node) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (node, Ticks::default()));
                at
            }
        };
        &mut self.0[at].1
    }

    /// Takes, for nodes on the stack, the amounts that agree with their stamps.
    fn set_validated(&mut self, frames: &[OpenFrame], innermost: Option<(u64, u64)>) {
        // Outermost last: where a node stands twice, its first reading counts.
        for frame in frames.iter().rev() {
            self.at(frame.node).entered = frame.entered;
        }
        if let (Some(top), Some((_, busy))) = (frames.last(), innermost) {
            self.at(top.node).busy = busy;
        }
    }

    /// Adds what has run since the stamps, evictions told but not yet applied
    /// included.
    fn add_running(
        &mut self,
        mut frames: Vec<OpenFrame>,
        since: Option<u64>,
        evictions: &[Eviction],
        at: u64,
    ) {
        let mut since = since;
        for eviction in evictions {
            self.add_busy(&frames, &mut since, eviction.at);
            frames.retain(|frame| {
                let stays = frame.id != eviction.id;
                if !stays {
                    self.at(frame.node).entered += eviction.at.saturating_sub(frame.start);
                }
                stays
            });
        }
        self.add_busy(&frames, &mut since, at);
        for frame in frames {
            self.at(frame.node).entered += at.saturating_sub(frame.start);
        }
    }

    fn add_busy(&mut self, frames: &[OpenFrame], since: &mut Option<u64>, until: u64) {
        if let (Some(top), Some(since)) = (frames.last(), since) {
            self.at(top.node).busy += until.saturating_sub(*since);
            *since = until.max(*since);
        }
    }
}
