//! An operation for viewers of timelines: Perfetto's and Chrome's formats, read by the formats'
//! own schemas, against the chart.

use std::collections::{BTreeMap, HashMap};

use prost::Message;
use serde_json::Value;
use tracing::{debug_span, info_span};
use tracing_flame_layer::{
    profile::{Operation, Visit},
    render::TraceFormat,
};

use super::recorded;

/// As much of `perfetto/trace/trace.proto` as is written here.
#[derive(Clone, PartialEq, Message)]
struct Trace {
    #[prost(message, repeated, tag = "1")]
    packet: Vec<TracePacket>,
}

#[derive(Clone, PartialEq, Message)]
struct TracePacket {
    #[prost(uint64, optional, tag = "8")]
    timestamp: Option<u64>,
    #[prost(uint32, tag = "10")]
    trusted_packet_sequence_id: u32,
    #[prost(uint32, tag = "13")]
    sequence_flags: u32,
    #[prost(message, optional, tag = "11")]
    track_event: Option<TrackEvent>,
    #[prost(message, optional, tag = "60")]
    track_descriptor: Option<TrackDescriptor>,
}

#[derive(Clone, PartialEq, Message)]
struct TrackDescriptor {
    #[prost(uint64, tag = "1")]
    uuid: u64,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, optional, tag = "3")]
    process: Option<ProcessDescriptor>,
    #[prost(uint64, tag = "5")]
    parent_uuid: u64,
}

#[derive(Clone, PartialEq, Message)]
struct ProcessDescriptor {
    #[prost(int32, tag = "1")]
    pid: i32,
    #[prost(string, tag = "6")]
    process_name: String,
}

#[derive(Clone, PartialEq, Message)]
struct TrackEvent {
    #[prost(uint32, tag = "9")]
    r#type: u32,
    #[prost(uint64, tag = "11")]
    track_uuid: u64,
    #[prost(string, tag = "23")]
    name: String,
    #[prost(string, repeated, tag = "22")]
    categories: Vec<String>,
    #[prost(fixed64, repeated, packed = "false", tag = "47")]
    flow_ids: Vec<u64>,
    #[prost(fixed64, repeated, packed = "false", tag = "48")]
    terminating_flow_ids: Vec<u64>,
    #[prost(message, repeated, tag = "4")]
    debug_annotations: Vec<DebugAnnotation>,
}

#[derive(Clone, PartialEq, Message)]
struct DebugAnnotation {
    #[prost(string, tag = "10")]
    name: String,
    #[prost(uint64, optional, tag = "3")]
    uint_value: Option<u64>,
}

/// A slice: its track, its name, its category, from when to when.
pub(crate) type Slice = (String, String, String, u64, u64);

/// What a file has: its process, its slices in order, and flows from a slice's name to another's.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Read {
    process: String,
    pub(crate) slices: Vec<Slice>,
    flows: Vec<(String, String)>,
    /// Of slices of states for how long it was what.
    amounts: BTreeMap<(String, u64), BTreeMap<String, u64>>,
}

fn written(operation: &Operation, format: TraceFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    operation.write_trace(format, &mut bytes).expect("a vector takes everything");
    bytes
}

fn read_perfetto(bytes: &[u8]) -> Read {
    let trace = Trace::decode(bytes).expect("a trace");
    let (mut read, mut tracks) = (Read::default(), HashMap::new());
    let mut open: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut flows: BTreeMap<u64, [Option<String>; 2]> = BTreeMap::new();
    for (at, packet) in trace.packet.into_iter().enumerate() {
        assert_eq!(packet.trusted_packet_sequence_id, 1);
        assert_eq!(packet.sequence_flags, u32::from(at == 0), "the first begins the sequence");
        if let Some(track) = packet.track_descriptor {
            match track.process {
                Some(process) => read.process = process.process_name,
                None => {
                    assert_eq!(track.parent_uuid, 1);
                    assert_eq!(tracks.insert(track.uuid, track.name), None);
                }
            }
            continue;
        }
        let event = packet.track_event.expect("a description or an event");
        let nanos = packet.timestamp.expect("every event has a time");
        let open = open.entry(event.track_uuid).or_default();
        if event.r#type == 2 {
            let slice: &mut Slice = &mut read.slices[open.pop().expect("something to end")];
            slice.4 = nanos;
            continue;
        }
        assert_eq!(event.r#type, 1);
        let track = tracks[&event.track_uuid].clone();
        let amounts = event.debug_annotations.iter();
        let amounts: BTreeMap<String, u64> =
            amounts.map(|amount| (amount.name.clone(), amount.uint_value.expect("one"))).collect();
        if !amounts.is_empty() {
            read.amounts.insert((track.clone(), nanos), amounts);
        }
        for (ids, end) in [(&event.flow_ids, 0), (&event.terminating_flow_ids, 1)] {
            for id in ids {
                flows.entry(*id).or_default()[end] = Some(event.name.clone());
            }
        }
        open.push(read.slices.len());
        read.slices.push((track, event.name, event.categories.concat(), nanos, u64::MAX));
    }
    assert!(open.values().all(Vec::is_empty), "all have ended");
    read.flows = flows
        .into_values()
        .map(|[from, to]| (from.expect("a beginning"), to.expect("an end")))
        .collect();
    read
}

/// Microseconds as nanoseconds, from the text, so that nothing is rounded.
fn nanos(micros: &Value) -> u64 {
    let text = micros.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
    whole.parse::<u64>().unwrap() * 1_000 + format!("{part:0<3}").parse::<u64>().unwrap()
}

fn read_chrome(bytes: &[u8]) -> Read {
    let trace: Value = serde_json::from_slice(bytes).expect("JSON");
    let (mut read, mut tracks) = (Read::default(), HashMap::new());
    let mut flows: BTreeMap<u64, [Option<String>; 2]> = BTreeMap::new();
    let events = trace["traceEvents"].as_array().expect("events");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    for event in events {
        let tid = event["tid"].as_u64().expect("a track");
        match event["ph"].as_str().expect("a phase") {
            "M" if event["name"] == "process_name" => read.process = text(&event["args"]["name"]),
            "M" if event["name"] == "thread_name" => {
                tracks.insert(tid, text(&event["args"]["name"]));
            }
            "M" => {}
            "X" => {
                let (from, track) = (nanos(&event["ts"]), tracks[&tid].clone());
                if let Some(amounts) = event["args"].as_object() {
                    let amounts =
                        amounts.iter().map(|(name, n)| (name.clone(), n.as_u64().unwrap()));
                    read.amounts.insert((track.clone(), from), amounts.collect());
                }
                let to = from + nanos(&event["dur"]);
                read.slices.push((track, text(&event["name"]), text(&event["cat"]), from, to));
            }
            phase @ ("s" | "f") => {
                let at = nanos(&event["ts"]);
                let track = &tracks[&tid];
                // The innermost slice there is what it binds to.
                let bound = read.slices.iter().rev().find(|slice| {
                    slice.0 == *track && slice.3 <= at && (at < slice.4 || slice.3 == slice.4)
                });
                let id = event["id"].as_u64().expect("an id");
                let end = usize::from(phase == "f");
                flows.entry(id).or_default()[end] = Some(bound.expect("a slice").1.clone());
            }
            phase => panic!("{phase}"),
        }
    }
    read.flows = flows
        .into_values()
        .map(|[from, to]| (from.expect("a beginning"), to.expect("an end")))
        .collect();
    read
}

/// A block with work on another thread, a span that moves there, a wait, and guards that are
/// dropped out of order.
pub(crate) fn block() -> Operation {
    let flame = recorded(
        |builder| builder.slowest(1),
        |now| {
            let block = info_span!("block", number = 7);
            let entered = block.enter();
            now.pass(3);
            let task = debug_span!("task");
            task.in_scope(|| now.pass(1_000_001));
            let dispatch = tracing::dispatcher::get_default(Clone::clone);
            std::thread::scope(|scope| {
                let work = std::thread::Builder::new().name("worker".to_owned());
                let work = work.spawn_scoped(scope, || {
                    tracing::dispatcher::with_default(&dispatch, || {
                        debug_span!(parent: &block, "work").in_scope(|| now.pass(20));
                        task.in_scope(|| now.pass(30));
                    });
                });
                work.expect("a thread").join().expect("done");
            });
            let (one, other) = (debug_span!("one"), debug_span!("other"));
            let first = one.enter();
            now.pass(5);
            let second = other.enter();
            now.pass(5);
            drop(first);
            now.pass(5);
            drop(second);
            drop(entered);
            now.pass(400);
        },
    );
    flame.slowest().pop().expect("one operation")
}

/// The slices that a chart has: visits, waits and absences.
pub(crate) fn expected(operation: &Operation) -> Vec<(String, String, u64, u64)> {
    let chart = operation.chart();
    let name = |node: tracing_flame_layer::profile::NodeId| {
        operation.profile().node(node).frame.callsite().expect("a callsite").name.to_string()
    };
    let visits = chart.visits.iter().map(|visit: &Visit| {
        let thread = chart.threads[visit.thread].to_string();
        (thread, name(visit.node), visit.from_nanos, visit.to_nanos)
    });
    let waits = chart.strands.iter().filter(|strand| strand.thread.is_none());
    let waits =
        waits.map(|wait| ("[await]".to_owned(), name(wait.node), wait.from_nanos, wait.to_nanos));
    let mut all: Vec<_> = visits.chain(waits).collect();
    all.sort();
    all
}

#[test]
fn slices_are_those_of_the_chart_in_both_formats() {
    let operation = block();
    let perfetto = read_perfetto(&written(&operation, TraceFormat::Perfetto));
    let chrome = read_chrome(&written(&operation, TraceFormat::Chrome));
    assert_eq!(perfetto, chrome);
    let spans = perfetto.slices.iter().filter(|slice| slice.2 != "state");
    let mut spans: Vec<_> = spans
        .map(|(track, name, _, from, to)| {
            (track.replace(" (crossing)", ""), name.clone(), *from, *to)
        })
        .collect();
    spans.sort();
    assert_eq!(spans, expected(&operation));
    assert!(spans.len() >= 6, "{spans:?}");
    assert!(perfetto.slices.iter().any(|slice| slice.0.ends_with(" (crossing)")), "{perfetto:?}");
    assert_eq!(perfetto.process, "block{number=7}");
}

#[test]
fn a_page_has_the_trace_that_its_link_saves() {
    let operation = block();
    let page = super::page::page(&operation);
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(&page, options).expect("valid XML");
    let element = |id| {
        let found = document.descendants().find(|node| node.attribute("id") == Some(id));
        found.unwrap_or_else(|| panic!("no {id}"))
    };
    let trace = element("trace").text().expect("a trace");
    assert_eq!(trace.as_bytes(), written(&operation, TraceFormat::Chrome));
    let name = element("save").attribute("data-name").expect("a name");
    assert!(name.starts_with("block-7-") && name.ends_with(".trace.json"), "{name}");
}

#[test]
fn flows_lead_to_other_threads_from_the_span_itself_or_from_the_one_below() {
    let read = read_perfetto(&written(&block(), TraceFormat::Perfetto));
    let flows: Vec<(&str, &str)> =
        read.flows.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    assert_eq!(flows, [("block", "work"), ("task", "task")]);
}

#[test]
fn states_are_slices_of_a_track_of_their_own() {
    let operation = crate::browser::report::operation();
    let perfetto = read_perfetto(&written(&operation, TraceFormat::Perfetto));
    assert_eq!(perfetto, read_chrome(&written(&operation, TraceFormat::Chrome)));
    let states: Vec<&Slice> = perfetto.slices.iter().filter(|slice| slice.2 == "state").collect();
    let chart = operation.chart();
    assert_eq!(states.len(), chart.absences.len());
    let absence = &chart.absences[0];
    let (track, name) = ("<worker>: states".to_owned(), "blocked + fault + runnable".to_owned());
    let slice = (track, name, "state".to_owned(), absence.from_nanos, absence.to_nanos);
    assert_eq!(states, [&slice]);
    let amounts = &perfetto.amounts[&(slice.0, slice.3)];
    let told = ["on-cpu_nanos", "runnable_nanos", "blocked_nanos", "fault_nanos"];
    let told = told.map(|name| amounts.get(name).copied().unwrap_or(0) / 1_000_000);
    assert_eq!(told, [25, 5, 20, 10], "on a CPU, runnable, asleep, and of that for pages");
    assert!(perfetto.process.contains("without 3 shorter visits, 2 shorter absences"));
}

#[test]
fn what_the_program_reads_back_is_the_same_trace() {
    use crate::diff::support::Desk;
    let desk = Desk::new();
    for operation in [block(), crate::browser::report::operation()] {
        let mut data = Vec::new();
        operation.write_json(&mut data).expect("a vector takes everything");
        desk.put("operation.json", &data);
        let given = desk.path("operation.json").into_os_string();
        let printed = ["convert".into(), given, "-o".into(), "-".into(), "--to".into()];
        let printed = desk.run_words(printed.into_iter().chain(["trace.json".into()]));
        assert_eq!((printed.code, &*printed.err), (0, ""));
        assert_eq!(printed.out.as_bytes(), written(&operation, TraceFormat::Chrome));
        for &format in TraceFormat::ALL {
            let name = format!("block{format}");
            let ran = desk.run_words([
                "convert".into(),
                desk.path("operation.json").into_os_string(),
                "-o".into(),
                desk.path(&name).into_os_string(),
            ]);
            assert_eq!((ran.code, &*ran.err), (0, ""));
            assert!(desk.bytes(&name) == written(&operation, format), "{name}");
        }
    }
}

#[test]
fn what_is_no_operation_is_refused() {
    use crate::diff::support::Desk;
    let desk = Desk::new();
    let mut data = Vec::new();
    block().write_json(&mut data).expect("a vector takes everything");
    let data = String::from_utf8(data).expect("text");
    desk.put("good.json", &data);
    desk.put("stacks.folded", "a;b 1\n");
    desk.put_profile("run.json", &flame_oracle::formats::sample::busy());
    desk.put("thread.json", data.replace("\"visits\": [[0,0,", "\"visits\": [[0,9,"));
    desk.put("node.json", data.replace("\"visits\": [[0,0,", "\"visits\": [[77,0,"));
    desk.put("gap.json", data.replacen(",\"working\",0,0,", ",\"working\",0,1,", 1));
    desk.put("cut.json", &data[..data.len() / 2]);
    for (line, why) in [
        ("convert run.json -o x.perfetto-trace", "not of one operation"),
        ("convert thread.json -o x.trace.json", "thread 9 is none of the 2"),
        ("convert node.json -o x.trace.json", "node 77 is none"),
        ("explain gap.json", "the steps of `path` leave a gap"),
        ("convert cut.json -o x.trace.json", "line "),
        ("convert stacks.folded -o x.trace.json", "line 1"),
        ("convert good.json -o x.svg", "`format` is not"),
    ] {
        let ran = desk.run(line);
        assert_eq!(ran.code, 2, "{line}");
        assert!(ran.err.contains(why), "{line}: {}", ran.err);
    }
}
