//! What leads from one thread to another.

use std::collections::HashMap;

use super::tracks::Track;
use crate::profile::{NodeId, Operation, Visit};

/// From a slice to another, by their places: the track, and the slice on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flow {
    pub(super) from: (usize, usize),
    pub(super) to: (usize, usize),
}

/// A span's visit leads to its next one, where that is on another thread; and a visit to the
/// first one of a span right below it that begins on another thread meanwhile. Which span it is
/// below is not kept, so that is told only where one visit alone of that stack was under way.
pub(super) fn of(operation: &Operation, tracks: &[Track<'_>]) -> Vec<Flow> {
    let visits = &operation.chart().visits;
    let places = places(tracks);
    let mut before: HashMap<(u32, NodeId), usize> = HashMap::new();
    let mut of_node: HashMap<NodeId, Vec<usize>> = HashMap::new();
    let mut flows = Vec::new();
    for (at, visit) in visits.iter().enumerate() {
        let from = match before.insert((visit.span, visit.node), at) {
            Some(earlier) => Some(earlier),
            None => parent(operation, visit).and_then(|parent| {
                only_one(visits, of_node.get(&parent).map_or(&[], Vec::as_slice), visit)
            }),
        };
        of_node.entry(visit.node).or_default().push(at);
        let from = from.filter(|from| visits[*from].thread != visit.thread);
        if let (Some(from), Some(to)) = (from.and_then(|from| places.get(&from)), places.get(&at)) {
            flows.push(Flow { from: *from, to: *to });
        }
    }
    flows
}

/// Where each visit stands.
fn places(tracks: &[Track<'_>]) -> HashMap<usize, (usize, usize)> {
    let mut places = HashMap::new();
    for (track, slices) in tracks.iter().map(|track| &track.slices).enumerate() {
        for (place, slice) in slices.iter().enumerate() {
            if let Some(visit) = slice.visit {
                places.insert(visit, (track, place));
            }
        }
    }
    places
}

fn parent(operation: &Operation, visit: &Visit) -> Option<NodeId> {
    operation.profile().tree.parent(visit.node.index())
}

/// The only one of some visits that is under way as another begins.
fn only_one(visits: &[Visit], of: &[usize], visit: &Visit) -> Option<usize> {
    let is_open = |at: &&usize| visits[**at].to_nanos >= visit.from_nanos;
    let mut open = of.iter().filter(is_open);
    let first = open.next()?;
    open.next().is_none().then_some(*first)
}
