//! Frames added up by label.

use std::collections::HashMap;

use super::super::{
    frames::{Frames, Kind, Placed, Tally, is_moment},
    label::LabelId,
    state::{Parts, State},
};

/// All frames of one label.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: String,
    /// Whether the row is one of spans of which more is known than a width, not
    /// of pending time or of threads.
    pub(super) has_spans: bool,
    pub(super) self_nanos: u64,
    pub(super) total_nanos: u64,
    /// What the self times are made of, without what was awaited.
    pub(super) own: Parts,
    /// What the total is made of, where that was given.
    pub(super) total: Parts,
    pub(super) tally: Tally,
}

/// What makes frames one row: what they stand for, and the label of what they
/// stand for, which is the parent's where that is pending time.
type Key = (Group, LabelId);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Group {
    Spans,
    Await,
    Thread,
}

/// The rows of some towers, in order, without those of awaits that
/// [are no waits](is_moment): these come second. `totals` says what the frames' totals
/// are made of, where that is to be told.
pub(super) fn of(frames: &Frames<'_>, towers: &[Placed], totals: &[Parts]) -> (Vec<Row>, Vec<Row>) {
    let mut rows: Vec<Row> = Vec::new();
    let mut places: HashMap<Key, usize> = HashMap::new();
    // The keys of the frames from the bottom up to the present one, and how
    // often each is among them.
    let mut path: Vec<usize> = Vec::new();
    let mut open: Vec<u32> = Vec::new();
    for (at, frame) in towers.iter().enumerate() {
        for row in path.drain(frame.depth as usize..) {
            open[row] -= 1;
        }
        // What a thread did in a frame is part of that frame's row.
        match (frame.kind, path.last()) {
            (Kind::State(state), Some(&below)) if state.is_of_threads() => {
                rows[below].self_nanos += frame.self_nanos;
                rows[below].own.states[state.index()] += frame.self_nanos;
                continue;
            }
            _ => {}
        }
        let place = *places.entry(key(frames, frame)).or_insert_with(|| {
            rows.push(Row::new(frames, frame));
            open.push(0);
            rows.len() - 1
        });
        let row = &mut rows[place];
        row.self_nanos += frame.self_nanos;
        if !matches!(frame.kind, Kind::State(_)) {
            row.own.on_cpu += frame.self_nanos;
        }
        if open[place] == 0 {
            row.total_nanos += frame.total_nanos;
            row.total.add(totals.get(at).unwrap_or(&Parts::default()));
        }
        row.tally.add(&frames.tally(frame));
        open[place] += 1;
        path.push(place);
    }
    let of_parent =
        |(group, label): &Key| (*group == Group::Await).then_some((Group::Spans, *label));
    let mut shown = vec![true; rows.len()];
    for (key, &place) in &places {
        let awaited = of_parent(key).and_then(|parent| places.get(&parent));
        let total = awaited.map(|&parent| rows[parent].total_nanos);
        shown[place] = !total.is_some_and(|total| is_moment(rows[place].total_nanos, total));
    }
    let mut shown = shown.into_iter();
    let (mut rows, moments): (Vec<Row>, Vec<Row>) =
        rows.into_iter().partition(|_| shown.next().unwrap_or(true));
    rows.sort_by(|a, b| a.rank().cmp(&b.rank()));
    (rows, moments)
}

impl Row {
    fn new(frames: &Frames<'_>, frame: &Placed) -> Self {
        let awaited = frame.kind == Kind::State(State::Await);
        let parent = frames.parent(frame).filter(|_| awaited);
        let name = match parent {
            Some(parent) => format!("{};{}", frames.label(parent), State::Await.label()),
            None => frames.label(frame).to_owned(),
        };
        Self {
            name,
            has_spans: matches!(frame.kind, Kind::Span | Kind::Truncated) && !frames.is_bare(),
            self_nanos: 0,
            total_nanos: 0,
            own: Parts::default(),
            total: Parts::default(),
            tally: Tally::default(),
        }
    }

    fn rank(&self) -> impl Ord + use<'_> {
        use std::cmp::Reverse;
        (Reverse(self.self_nanos), Reverse(self.total_nanos), &self.name)
    }
}

fn key(frames: &Frames<'_>, frame: &Placed) -> Key {
    match (frame.kind, frames.parent(frame)) {
        (Kind::Thread, _) => (Group::Thread, frame.label),
        (Kind::State(_), Some(parent)) => (Group::Await, parent.label),
        _ => (Group::Spans, frame.label),
    }
}
