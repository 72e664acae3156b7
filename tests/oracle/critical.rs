//! The critical path by brute force: wherever anything changes, going back, every
//! strand is looked at.

use std::{cmp::Reverse, collections::BTreeSet};

use super::{Alone, Path, alone::Strand};

/// What the operation did on a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Going {
    Working,
    Awaited,
}

/// A step of the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathStep {
    pub path: Path,
    pub going: Going,
    pub from: u64,
    pub to: u64,
}

/// The path from an operation's beginning to its end, steps at one place in a row
/// taken together. Times are since its beginning.
pub fn critical_path(alone: &Alone) -> Vec<PathStep> {
    let (begun, ended) = alone.life;
    let mut steps: Vec<PathStep> = Vec::new();
    let mut current: Option<&Strand> = None;
    // Stretch by stretch in which no strand begins or ends, each named by its end.
    let ends = alone.strands.iter().flat_map(|strand| [strand.from, strand.to]);
    let ends: BTreeSet<u64> = ends.chain([begun, ended]).collect();
    for (from, at) in ends.iter().zip(ends.iter().skip(1)).rev() {
        let (from, at) = (*from, *at);
        let goes_on = |strand: &&Strand| strand.from < at && at <= strand.to;
        if !current.as_ref().is_some_and(goes_on) {
            let under_way = alone.strands.iter().filter(goes_on);
            let next = under_way.min_by_key(|strand| preference(strand, current, at));
            // Across a time when nobody goes on the path keeps whence it came.
            if next.is_none() {
                push(&mut steps, alone.root.clone(), Going::Awaited, (from - begun, at - begun));
                continue;
            }
            current = next;
        }
        let Some(strand) = current else { continue };
        let going = if strand.thread.is_some() { Going::Working } else { Going::Awaited };
        push(&mut steps, strand.path.clone(), going, (from - begun, at - begun));
    }
    steps.reverse();
    steps
}

/// The smaller, the better the strand fits before `later`.
fn preference(
    strand: &Strand,
    later: Option<&Strand>,
    at: u64,
) -> (u8, Reverse<u64>, bool, Reverse<usize>) {
    let rank = later.map_or(0, |later| {
        let below = strand.path.len() > later.path.len() && strand.path.starts_with(&later.path);
        match (strand.to == at, below) {
            (true, _) if strand.span == later.span => 1,
            (true, _) if strand.thread.is_some() && strand.thread == later.thread => 2,
            (true, true) => 3,
            (true, false) => 4,
            (false, true) => 5,
            (false, false) => 6,
        }
    });
    (rank, Reverse(strand.from), strand.thread.is_none(), Reverse(strand.span))
}

/// Adds a stretch before those that are there.
fn push(steps: &mut Vec<PathStep>, path: Path, going: Going, (from, to): (u64, u64)) {
    match steps.last_mut() {
        Some(step) if step.path == path && step.going == going => step.from = from,
        _ => steps.push(PathStep { path, going, from, to }),
    }
}
