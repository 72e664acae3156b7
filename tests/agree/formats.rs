use std::collections::BTreeMap;

use serde_json::Value;
use tracing_flame_layer::{Profile, render::Format};

use super::{
    by_name::{Times, of_stacks},
    expected,
    run::recorded,
    written,
};
use crate::render::{read_folded::labelled, read_pprof, read_speedscope, read_svg};

#[test]
fn every_format_tells_the_same_times_of_the_same_names() {
    let profile = recorded();
    let expected = expected(&profile);
    for name in ["import", "chunk of work", "call", "Tx::commit", "[await]"] {
        let [own, total] = expected[name];
        assert!(total >= own && total > 0, "{name}: {expected:?}");
    }
    let svg = String::from_utf8(written(&profile, Format::Svg)).unwrap();
    assert_eq!(of_svg(&svg), drawn(&profile));
    assert_eq!(of_json(&written(&profile, Format::Json)), expected);
    let scope = read_speedscope::read(&written(&profile, Format::Speedscope));
    assert_eq!(of_stacks(scope.stacks(0)), expected);
    let pprof = read_pprof::read(&written(&profile, Format::Pprof)).stacks();
    assert_eq!(of_stacks(pprof.into_iter().map(|(stack, [_, nanos])| (stack, nanos))), expected);
}

/// What the picture has to tell: an `[await]` below one in a thousand of what it stands
/// on has no box, and is bare width there.
fn drawn(profile: &Profile) -> Times {
    let folded = String::from_utf8(written(profile, Format::Folded)).expect("text");
    let stacks = labelled(&folded);
    let total = |stack: &[String]| -> u64 {
        let above = stacks.iter().filter(|(other, _)| other.starts_with(stack));
        above.map(|(_, nanos)| nanos).sum()
    };
    let drawn = stacks.iter().map(|(stack, nanos)| match stack.split_last() {
        Some((top, below)) if top == "[await]" && nanos * 1_000 < total(below) => {
            (below.to_vec(), *nanos)
        }
        _ => (stack.clone(), *nanos),
    });
    of_stacks(drawn)
}

/// A box's own time is what no box above it covers.
fn of_svg(svg: &str) -> Times {
    let boxes = read_svg::boxes(svg).into_iter();
    let widths: BTreeMap<Vec<String>, u64> =
        boxes.map(|(stack, drawn)| (stack, drawn.width)).collect();
    let mut own = widths.clone();
    for (stack, width) in &widths {
        if let Some((_, below)) = stack.split_last() {
            *own.get_mut(below).expect("a box below") -= width;
        }
    }
    of_stacks(own.into_iter().filter(|(stack, nanos)| !stack.is_empty() && *nanos > 0))
}

/// By the document's own words: a node's place, its parent's, its callsite's.
fn of_json(json: &[u8]) -> Times {
    let file: Value = serde_json::from_slice(json).unwrap();
    let place = |value: &Value| value.as_u64().map(|place| place as usize);
    let mut names: Vec<Vec<String>> = Vec::new();
    let mut stacks: Vec<(Vec<String>, u64)> = Vec::new();
    for node in file["nodes"].as_array().unwrap() {
        let mut stack = place(&node["parent"]).map(|p| names[p].clone()).unwrap_or_default();
        let callsite = &file["callsites"][place(&node["callsite"]).unwrap()];
        stack.push(callsite["name"].as_str().unwrap().to_owned());
        let pending = [stack.clone(), vec!["[await]".to_owned()]].concat();
        stacks.push((stack.clone(), node["wall_nanos"].as_u64().unwrap()));
        stacks.push((pending, node["await_nanos"].as_u64().unwrap()));
        names.push(stack);
    }
    of_stacks(stacks.into_iter().filter(|(_, nanos)| *nanos > 0))
}
