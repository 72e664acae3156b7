//! Chrome's JSON: the *Trace Event Format*
//! (<https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>).
//!
//! A track is a thread. Complete events (`X`) that begin at one time nest in the order of the
//! file. A flow begins (`s`) and ends (`f`) at moments, and binds to the innermost slices that its
//! tracks have then. Times are
//! microseconds with three decimals.

use std::io::{self, Write};

use super::{
    Timeline,
    tracks::{Slice, Track},
};
use crate::render::{
    json::{
        escape,
        line::{Line, array},
    },
    summary::AUTHOR,
};

/// The process, of which there is one.
const PID: u32 = 1;

/// One event, before it is written.
enum Event<'t> {
    Name(&'static str, usize, &'t str),
    Order(usize),
    Slice(usize, &'t Slice<'t>),
    Flow(&'static str, usize, usize, u64),
}

pub(super) fn write(timeline: &Timeline<'_>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let writer = &mut bytes;
    writer.write_all(b"{\"displayTimeUnit\": \"ns\", \"otherData\": {\"generator\": ")?;
    escape::string(writer, AUTHOR)?;
    writer.write_all(b"}, \"traceEvents\": ")?;
    array(writer, "", events(timeline), |writer, event| write_event(writer, &event))?;
    writer.write_all(b"}\n")?;
    Ok(bytes)
}

fn events<'t>(timeline: &'t Timeline<'t>) -> Vec<Event<'t>> {
    let mut events = vec![Event::Name("process_name", 0, &timeline.name)];
    for (track, Track { name, slices }) in timeline.tracks.iter().enumerate() {
        events.push(Event::Name("thread_name", track + 1, name));
        events.push(Event::Order(track + 1));
        events.extend(slices.iter().map(|slice| Event::Slice(track + 1, slice)));
    }
    for (id, flow) in timeline.flows.iter().enumerate() {
        let slice = |(track, place): (usize, usize)| &timeline.tracks[track].slices[place];
        let (from, to) = (slice(flow.from), slice(flow.to));
        // Within the first slice, whose end is no part of it.
        let last = from.to_nanos.saturating_sub(1).max(from.from_nanos);
        let leaves = to.from_nanos.clamp(from.from_nanos, last);
        events.push(Event::Flow("s", id + 1, flow.from.0 + 1, leaves));
        events.push(Event::Flow("f", id + 1, flow.to.0 + 1, to.from_nanos));
    }
    events
}

fn write_event(writer: &mut Vec<u8>, event: &Event<'_>) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    match event {
        Event::Name(what, tid, name) => {
            meta(&mut line, what, *tid)?;
            let mut args = Line::begin(line.writer())?;
            args.string("name", name)?;
            args.end()?;
        }
        Event::Order(tid) => {
            meta(&mut line, "thread_sort_index", *tid)?;
            let mut args = Line::begin(line.writer())?;
            args.number("sort_index", tid)?;
            args.end()?;
        }
        Event::Slice(tid, slice) => write_slice(&mut line, *tid, slice)?,
        Event::Flow(phase, id, tid, nanos) => {
            line.string("ph", phase)?;
            line.number("id", id)?;
            line.string("bp", "e")?;
            line.string("name", "flow")?;
            line.string("cat", "flow")?;
            line.number("pid", PID)?;
            line.number("tid", tid)?;
            line.number("ts", micros(*nanos))?;
        }
    }
    line.end()
}

fn meta<W: Write>(line: &mut Line<'_, W>, what: &str, tid: usize) -> io::Result<()> {
    line.string("ph", "M")?;
    line.string("name", what)?;
    line.number("pid", PID)?;
    line.number("tid", tid)?;
    line.number("ts", 0)?;
    line.key("args")
}

fn write_slice<W: Write>(line: &mut Line<'_, W>, tid: usize, slice: &Slice<'_>) -> io::Result<()> {
    let Slice { name, category, from_nanos, to_nanos, amounts, .. } = slice;
    line.string("ph", "X")?;
    line.string("name", name)?;
    line.string("cat", category)?;
    line.number("pid", PID)?;
    line.number("tid", tid)?;
    line.number("ts", micros(*from_nanos))?;
    line.number("dur", micros(to_nanos.saturating_sub(*from_nanos)))?;
    if !amounts.is_empty() {
        line.key("args")?;
        let mut args = Line::begin(line.writer())?;
        for (state, nanos) in amounts {
            args.number(&format!("{state}_nanos"), nanos)?;
        }
        args.end()?;
    }
    Ok(())
}

/// Microseconds, to the nanosecond.
fn micros(nanos: u64) -> String {
    format!("{}.{:03}", nanos / 1_000, nanos % 1_000)
}
