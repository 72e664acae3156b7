use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use flame_oracle::{
    formats::{read_svg, round_trip, sample},
    made,
};
use tracing_flame_layer::{
    Profile,
    profile::{
        Callsite, Chart, FieldValues, Frame, Measures, NodeId, Operation, Strand, ThreadNode,
        ThreadProfile, Visit,
    },
    render::{Names, Options, Weight},
};

use crate::choice::Choices;

/// How many nodes a profile has at most.
const MOST: usize = 40;

/// Writes spans of any names in every format, and reads them back, and the page of an
/// operation of them.
pub fn names(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let (options, profile) = (options(&mut choices), profile(&mut choices));
    if let Err(why) = round_trip::agree(&profile, &options) {
        panic!("{why}\n{profile:?}");
    }
    let mut page = Vec::new();
    let operation = operation(&mut choices, &profile);
    operation.write_svg(&mut page, &options).expect("it fits into memory");
    read_svg::boxes(str::from_utf8(&page).expect("text"));
    let mut report = Vec::new();
    operation.write_html(&mut report, &options).expect("it fits into memory");
    assert_eq!(tags(&report), *PLAIN, "a name is in the report as it is");
}

/// How many tags a report has in which there is no name.
static PLAIN: LazyLock<usize> = LazyLock::new(|| {
    let mut report = Vec::new();
    let nothing = Profile::new(sample::window(Duration::from_secs(1)));
    nothing.write_html(&mut report, &Options::default()).expect("it fits into memory");
    tags(&report)
});

fn tags(report: &[u8]) -> usize {
    report.iter().filter(|byte| **byte == b'<').count()
}

/// An operation of the same frames, the first one at its root, each worked at for a
/// tenth of a second on a thread of any name.
fn operation(choices: &mut Choices<'_>, profile: &Profile) -> Operation {
    const STEP: u64 = 100_000_000;
    let length = STEP * profile.nodes().len() as u64;
    let mut own = Profile::new(sample::window(Duration::from_nanos(length)));
    let mut chart = made!(Chart { threads: vec![name(choices).into()], ..Chart::default() });
    let mut root = None;
    for (span, node) in (0..).zip(profile.nodes().iter()) {
        let nanos = STEP * u64::from(span)..STEP * (u64::from(span) + 1);
        let measures = made!(Measures { wall_nanos: STEP, enters: 1, ..Measures::default() });
        let node = own.push(root, node.frame.clone(), measures);
        root.get_or_insert(node);
        let depth = u16::from(root != Some(node));
        chart.visits.push(made!(Visit { span, depth, ..Visit::new(node, 0, nanos.clone()) }));
        chart.strands.push(made!(Strand { span, ..Strand::new(node, Some(0), nanos) }));
    }
    Operation::new(1, vec![(name(choices), name(choices))], own, chart)
}

fn options(choices: &mut Choices<'_>) -> Options {
    Options::default()
        .weight(choices.one_of(&[Weight::Wall, Weight::Busy]))
        .names(choices.one_of(&[Names::Name, Names::Target]))
        .hide_await(choices.flag())
        .threads(choices.below(5) == 1)
}

fn profile(choices: &mut Choices<'_>) -> Profile {
    let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
    let mut nodes = Vec::new();
    while !choices.is_empty() && nodes.len() < MOST {
        let below = (choices.below(5) > 0).then(|| nodes.get(choices.below(MOST)).copied());
        nodes.push(profile.push(below.flatten(), frame(choices), measures(choices)));
    }
    for _ in 0..choices.below(4) {
        profile.push_thread(thread(choices, &nodes));
    }
    profile
}

fn frame(choices: &mut Choices<'_>) -> Frame {
    let kind = choices.below(10);
    if kind == 9 {
        return Frame::Truncated;
    }
    let callsite = Callsite::new(name(choices), choices.one_of(&["t", "a::b", "x (y)"]));
    let callsite = Arc::new(callsite.at("src/(odd).rs", 1 + u32::from(choices.flag())));
    match kind {
        8 => Frame::Fields(callsite, Arc::new(FieldValues::Others)),
        6..8 => {
            let values = (5..kind).map(|_| (name(choices).into(), name(choices)));
            Frame::Fields(callsite, Arc::new(FieldValues::Known(values.collect())))
        }
        _ => Frame::Span(callsite),
    }
}

/// One that is known to be odd, or any.
fn name(choices: &mut Choices<'_>) -> String {
    match choices.flag() {
        true => choices.one_of(&sample::NASTY).to_owned(),
        false => choices.text(),
    }
}

fn measures(choices: &mut Choices<'_>) -> Measures {
    let calls = choices.number(12);
    made!(Measures {
        calls,
        started: calls / 2,
        enters: calls * 2,
        wall_nanos: choices.number(50),
        await_nanos: choices.number(50),
        busy_nanos: choices.number(50),
        entered_nanos: choices.number(50),
        latency_nanos: choices.number(50),
        max_latency_nanos: choices.number(50),
        ..Measures::default()
    })
}

fn thread(choices: &mut Choices<'_>, nodes: &[NodeId]) -> ThreadProfile {
    let (name, threads) = (name(choices), 1 + choices.number(3));
    let most = if nodes.is_empty() { 0 } else { choices.below(9) };
    let nodes = (0..most).map(|_| {
        let (node, busy_nanos) = (choices.one_of(nodes), choices.number(50));
        let entered_nanos = busy_nanos;
        made!(ThreadNode { enters: 1, busy_nanos, entered_nanos, ..ThreadNode::new(node) })
    });
    ThreadProfile::new(name, threads, nodes.collect())
}
