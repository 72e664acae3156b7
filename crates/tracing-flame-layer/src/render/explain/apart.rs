//! Roots that are most likely parts of another operation: their time stands beside it in sums.

use super::{
    finding::{Finding, Rule},
    parts::count,
    share,
};
use crate::render::{
    frames::{Frames, Placed},
    human::Nanos,
    markdown::code,
};

pub(super) fn of(frames: &Frames<'_>) -> Vec<Finding> {
    let bottom = frames.all().iter().filter(|frame| frame.depth == 0);
    bottom.filter_map(|frame| orphans(frames, frame)).collect()
}

fn orphans(frames: &Frames<'_>, frame: &Placed) -> Option<Finding> {
    let (orphans, waiting) = frames.orphans(frame)?;
    let lived = frames.lived(frame)?;
    let (label, nanos, whole) = (frames.label(frame), frame.total_nanos, frames.total_nanos());
    Some(Finding {
        rule: Rule::Orphans,
        what: format!(
            "{} of {} operations of {} are most likely parts of another: {}, {} of all",
            count(orphans),
            count(lived),
            code(label),
            Nanos(nanos),
            share(nanos, whole)
        ),
        frame: Some(label.to_owned()),
        state: None,
        nanos,
        of_nanos: whole,
        stack: vec![label.to_owned()],
        places: frames.sources(frame).into_iter().cloned().collect(),
        figures: vec![format!(
            "while they ran a thread of the other slept in {}; their time stands beside that \
             operation, and not in it",
            code(waiting)
        )],
        numbers: vec![("orphans", orphans), ("operations", lived)],
    })
}
