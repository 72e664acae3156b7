//! A class of latency, on a line of its own, and its nodes below it.

use std::io::{self, Write};

use super::{
    line::{Line, array},
    pairs, states, switches,
};
use crate::profile::{Class, ClassNode, Measures, Switches};

pub(super) fn write<W: Write>(writer: &mut W, class: &Class) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    line.number("root", class.root.index())?;
    line.number("power", class.power)?;
    line.number("from_nanos", class.from_nanos())?;
    match class.below_nanos() {
        Some(nanos) => line.number("below_nanos", nanos)?,
        None => line.null("below_nanos")?,
    }
    line.number("operations", class.operations)?;
    if class.counted.iter().any(|counted| counted.calls() > 0) {
        line.key("counted")?;
        self::counted(line.writer(), class)?;
    }
    line.key("nodes")?;
    array(line.writer(), "    ", &class.nodes, part)?;
    line.end()
}

/// By how often the system counted what it did count for one operation.
fn counted(writer: &mut impl Write, class: &Class) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    for (name, counted) in Switches::NAMES.into_iter().zip(&class.counted) {
        if counted.calls() > 0 {
            line.key(name)?;
            pairs(line.writer(), counted.buckets())?;
        }
    }
    line.end()
}

/// What was measured at a node, as of all operations, but for what is 0: most is.
fn part(writer: &mut impl Write, part: &ClassNode) -> io::Result<()> {
    let Measures {
        calls,
        started,
        enters,
        wall_nanos,
        await_nanos,
        busy_nanos,
        entered_nanos,
        latency_nanos,
        max_latency_nanos,
        max_latency_is_bound,
        wall_states,
        busy_states,
        switches: counted,
        // An operation counts as it ends, when none of its spans is open.
        open_before: _,
        // It is not known of one operation how long its spans waited to be entered.
        queued_nanos: _,
        max_queued_nanos: _,
    } = part.measures;
    let numbers = [
        ("calls", calls),
        ("started", started),
        ("enters", enters),
        ("wall_nanos", wall_nanos),
        ("await_nanos", await_nanos),
        ("busy_nanos", busy_nanos),
        ("entered_nanos", entered_nanos),
        ("latency_nanos", latency_nanos),
        ("max_latency_nanos", max_latency_nanos),
    ];
    let mut line = Line::begin(writer)?;
    line.number("node", part.node.index())?;
    let mut numbers = numbers.into_iter().filter(|(_, number)| *number > 0);
    numbers.try_for_each(|(key, number)| line.number(key, number))?;
    if max_latency_is_bound {
        line.number("max_latency_is_bound", true)?;
    }
    states(&mut line, "wall_states", wall_states)?;
    states(&mut line, "busy_states", busy_states)?;
    switches(&mut line, counted)?;
    line.end()
}
