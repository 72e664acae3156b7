//! Perfetto's protocol buffers: `Trace` with track events
//! (<https://perfetto.dev/docs/reference/trace-packet-proto>,
//! `protos/perfetto/trace/track_event/track_event.proto`). Numbers of fields stand here.
//!
//! The file is a row of packets. First come descriptions of tracks, one for the process and one
//! below it for each track; then for each slice one packet as it begins and one as it ends, which
//! ends the innermost of its track. A flow is a number that the slices at both its ends have.

use super::{
    Timeline,
    tracks::{Slice, Track},
};
use crate::render::{label::place, wire::Message};

/// The process, of which there is one.
const PID: u64 = 1;
/// The track of the process; those of threads come behind.
const PROCESS: u64 = 1;
/// What all packets come from, and that nothing before them counts.
const SEQUENCE: u64 = 1;
const STATE_CLEARED: u64 = 1;
/// Types of events.
const BEGIN: u64 = 1;
const END: u64 = 2;
/// Children of the process's track stand in the order of their ranks.
const EXPLICIT: u64 = 3;

pub(super) fn write(timeline: &Timeline<'_>) -> Vec<u8> {
    let mut trace = Message::default();
    packet(&mut trace, |packet| {
        packet.number(13, STATE_CLEARED);
        packet.message(60, |track| {
            track.number(1, PROCESS);
            track.number(11, EXPLICIT);
            track.message(3, |process| {
                process.number(1, PID);
                process.text(6, &timeline.name);
            });
        });
    });
    for (at, track) in timeline.tracks.iter().enumerate() {
        packet(&mut trace, |packet| packet.message(60, |message| describe(message, at, track)));
    }
    for (at, track) in timeline.tracks.iter().enumerate() {
        write_slices(&mut trace, timeline, at, track);
    }
    trace.bytes().to_vec()
}

fn uuid(track: usize) -> u64 {
    track as u64 + PROCESS + 1
}

fn packet(trace: &mut Message, write: impl FnOnce(&mut Message)) {
    trace.message(1, |packet| {
        packet.number(10, SEQUENCE);
        write(packet);
    });
}

fn describe(message: &mut Message, at: usize, Track { name, .. }: &Track<'_>) {
    message.number(1, uuid(at));
    message.text(2, name);
    message.number(5, PROCESS);
    message.number(12, at as u64);
}

/// Slices stand in the order of their beginnings, so whatever has ended by then ends first.
fn write_slices(trace: &mut Message, timeline: &Timeline<'_>, at: usize, track: &Track<'_>) {
    let mut open: Vec<u64> = Vec::new();
    for (place, slice) in track.slices.iter().enumerate() {
        while let Some(end) = open.pop_if(|end| *end <= slice.from_nanos) {
            write_end(trace, at, end);
        }
        let flows = timeline.flows.iter().enumerate().map(|(id, flow)| (id as u64 + 1, flow));
        let here = (at, place);
        let leaving = flows.clone().filter(|(_, flow)| flow.from == here).map(|(id, _)| id);
        let arriving = flows.filter(|(_, flow)| flow.to == here).map(|(id, _)| id);
        packet(trace, |packet| {
            // 0 too: a packet without a time is put where the one before was.
            packet.present(8, slice.from_nanos);
            packet.message(11, |event| {
                event.number(9, BEGIN);
                event.number(11, uuid(at));
                describe_slice(event, slice);
                leaving.for_each(|id| event.fixed64(47, id));
                arriving.for_each(|id| event.fixed64(48, id));
            });
        });
        open.push(slice.to_nanos);
    }
    while let Some(end) = open.pop() {
        write_end(trace, at, end);
    }
}

fn describe_slice(event: &mut Message, slice: &Slice<'_>) {
    event.text(22, slice.category);
    event.text(23, &slice.name);
    if let Some(callsite) = slice.place.filter(|callsite| place(callsite).is_some()) {
        event.message(33, |location| {
            location.text(2, callsite.file.as_deref().unwrap_or_default());
            location.text(3, &format!("{}::{}", callsite.target, callsite.name));
            location.number(4, callsite.line.unwrap_or(0).into());
        });
    }
    for (state, nanos) in &slice.amounts {
        event.message(4, |annotation| {
            annotation.text(10, &format!("{state}_nanos"));
            annotation.present(3, *nanos);
        });
    }
}

fn write_end(trace: &mut Message, at: usize, nanos: u64) {
    packet(trace, |packet| {
        packet.present(8, nanos);
        packet.message(11, |event| {
            event.number(9, END);
            event.number(11, uuid(at));
        });
    });
}
