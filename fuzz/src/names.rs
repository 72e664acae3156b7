use std::{sync::Arc, time::Duration};

use tracing_flame_layer::{
    Profile,
    profile::{Callsite, FieldValues, Frame, Measures, NodeId, ThreadNode, ThreadProfile},
    render::{Names, Options, Weight},
};

use crate::{
    choice::Choices,
    render::{round_trip, sample},
};

/// How many nodes a profile has at most.
const MOST: usize = 40;

/// Writes spans of any names in every format, and reads them back.
pub fn names(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let (options, profile) = (options(&mut choices), profile(&mut choices));
    if let Err(why) = round_trip::agree(&profile, &options) {
        panic!("{why}\n{profile:?}");
    }
}

fn options(choices: &mut Choices<'_>) -> Options {
    Options {
        weight: choices.one_of(&[Weight::Wall, Weight::Busy]),
        names: choices.one_of(&[Names::Name, Names::Target]),
        hide_await: choices.flag(),
        threads: choices.below(5) == 1,
        ..Options::default()
    }
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
    Measures {
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
    }
}

fn thread(choices: &mut Choices<'_>, nodes: &[NodeId]) -> ThreadProfile {
    let (name, threads) = (name(choices), 1 + choices.number(3));
    let most = if nodes.is_empty() { 0 } else { choices.below(9) };
    let nodes = (0..most).map(|_| {
        let (node, busy_nanos) = (choices.one_of(nodes), choices.number(50));
        ThreadNode { node, enters: 1, busy_nanos, entered_nanos: busy_nanos }
    });
    ThreadProfile { name: name.into(), threads, nodes: nodes.collect() }
}
