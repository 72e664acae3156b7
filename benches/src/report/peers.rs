//! Ours beside other tools.

use super::run::LOCAL;
use crate::{
    figures::{CPU, Figures, Part, WALL},
    shape::Shape,
    subject::{
        PEERS,
        Subject::{self, Ours},
    },
    table::{Table, nanos, number},
};

const HEADINGS: [&str; 8] =
    ["nanoseconds in all", "flat", "depth 4", "depth 16", "fan-out", "loop", "a poll", "2 threads"];

pub(super) fn table(figures: &Figures) -> String {
    format!(
        "## Beside other tools\n\nOn the thread that makes the spans, the Registry's part included \
         (and how many times ours):\n\n{}\nCPU time of the whole process, background writers \
         included:\n\n{}",
        one(figures, WALL),
        one(figures, CPU),
    )
}

fn one(figures: &Figures, part: Part) -> String {
    let shapes = [&LOCAL[..], &[Shape::TwoThreads]].concat();
    let mut table = Table::new(&HEADINGS);
    table.row("ours", shapes.iter().map(|&shape| nanos(figures.total(Ours, shape, part))));
    for &peer in PEERS {
        table.row(&peer.to_string(), shapes.iter().map(|&shape| cell(figures, peer, shape, part)));
    }
    table.finish()
}

fn cell(figures: &Figures, peer: Subject, shape: Shape, part: Part) -> String {
    let times = figures.times(peer, Ours, shape, part);
    match times {
        Some(_) => format!("{} ({} ×)", nanos(figures.total(peer, shape, part)), number(times, 1)),
        None => nanos(None),
    }
}
