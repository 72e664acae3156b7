//! What is shown of a frame under the pointer: `label (facts)`, no bracket in
//! the facts, because inferno's script finds the label by the last one.

use super::super::{
    compare::{Compared, Frame},
    table::nanos,
};
use crate::human::{Change, Ratio, Share, Time};

pub(super) fn of_all(compared: &Compared) -> String {
    let (before, after) = (compared.all_before_scaled(), nanos(compared.all.after));
    format!("all ({}, 100%;\n{})", Time(after), told(before, after))
}

pub(super) fn of(compared: &Compared, frame: &Frame) -> String {
    let (before, after) = frame.per.each(frame.total);
    let of_all = Share { part: nanos(frame.total.after), whole: nanos(compared.all.after) };
    let unit = if frame.per.is_operations { " per operation" } else { "" };
    let mut lines = vec![format!("{}{unit}, {of_all} of all", Time(after)), told(before, after)];
    if frame.own != frame.total {
        let (before, after) = frame.per.each(frame.own);
        lines.push(format!("self {}, {}", Time(after), told(before, after)));
    }
    format!("{} ({})", frame.label, lines.join(";\n"))
}

fn told(before: f64, after: f64) -> String {
    if before == after {
        return "as before".to_owned();
    }
    let ratio = Ratio { before, after };
    format!("before {}, {}, {ratio}", Time(before), Change(after - before))
}
