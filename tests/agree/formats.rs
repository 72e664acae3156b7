use std::collections::BTreeMap;

use serde_json::Value;
use tracing_flame_layer::{Profile, render::Format};

use super::{
    by_name::{Times, of_stacks},
    expected,
    run::recorded,
    written,
};
use flame_oracle::formats::{
    read_folded::labelled, read_pprof, read_speedscope, read_svg, sample, sample::STATES,
};

#[test]
fn every_format_tells_the_same_times_of_the_same_names() {
    let profile = recorded();
    let times = expected(&profile);
    for name in ["import", "chunk of work", "call", "Tx::commit", "[await]"] {
        let [own, total] = times[name];
        assert!(total >= own && total > 0, "{name}: {times:?}");
    }
    agree(&profile);
}

#[test]
fn every_format_tells_the_same_times_of_the_same_states() {
    let profile = sample::busy();
    let times = expected(&profile);
    let occurring = STATES.into_iter().filter(|state| !["[net]", "[timer]"].contains(state));
    for state in occurring.chain(["[await]"]) {
        assert!(times.contains_key(state), "{state}: {times:?}");
    }
    agree(&profile);
    states_of_the_table(&profile);
}

/// The sums of self times, by what threads did in them, are those of the folded stacks.
fn states_of_the_table(profile: &Profile) {
    let table = String::from_utf8(written(profile, Format::Table)).unwrap();
    let (_, part) = table.split_once("self time, by what threads did in it\n").unwrap();
    let sums = part.lines().find(|line| line.ends_with("  all")).unwrap();
    let mut cells = sums.trim_end_matches("all").split_whitespace();
    // A 0 has no unit.
    let mut sums = Vec::new();
    while let Some(number) = cells.next() {
        let nanos = |unit: &str| read_svg::nanos(&format!("{number} {unit}"));
        sums.push(if number == "0" { 0.0 } else { nanos(cells.next().unwrap()) });
    }
    let times = expected(profile);
    let own = |state: &str| times.get(state).map_or(0.0, |[own, _]| *own as f64);
    let [runnable, asleep @ .., off_cpu, unknown] = STATES.map(own);
    // What is known of what was blocked is told elsewhere, but for page faults.
    let [otherwise, faulted, known @ ..] = asleep;
    let blocked = known.into_iter().fold(otherwise, |sum, nanos| sum + nanos);
    let waited = [runnable, blocked, faulted, off_cpu, unknown];
    let all: u64 = times.values().map(|[own, _]| own).sum();
    let on_cpu = all as f64 - own("[await]") - waited.iter().sum::<f64>();
    let expected = [vec![on_cpu], waited.to_vec()].concat();
    assert_eq!(sums.len(), expected.len(), "{part}");
    for (told, nanos) in sums.into_iter().zip(expected) {
        assert!((told - nanos).abs() <= nanos * 0.000_51, "{told} for {nanos}: {part}");
    }
}

fn agree(profile: &Profile) {
    let expected = expected(profile);
    let svg = String::from_utf8(written(profile, Format::Svg)).unwrap();
    assert_eq!(of_svg(&svg), drawn(profile));
    assert_eq!(of_json(&written(profile, Format::Json)), expected);
    let scope = read_speedscope::read(&written(profile, Format::Speedscope));
    assert_eq!(of_stacks(scope.stacks(0)), expected);
    let pprof = read_pprof::read(&written(profile, Format::Pprof)).stacks();
    assert_eq!(of_stacks(pprof.into_iter().map(|(stack, [_, nanos])| (stack, nanos))), expected);
}

/// The keys of [`STATES`], in an object of `wall_states`.
const KEYS: [&str; STATES.len()] = [
    "runnable_nanos",
    "blocked_nanos",
    "fault_nanos",
    "disk_nanos",
    "lock_nanos",
    "net_nanos",
    "timer_nanos",
    "off_cpu_nanos",
    "unknown_nanos",
];
/// Those of parts of what is blocked.
const ASLEEP: [&str; 5] = ["fault_nanos", "disk_nanos", "lock_nanos", "net_nanos", "timer_nanos"];

/// What the picture has to tell: an `[await]` below one in a thousand of what it stands
/// on has no box, nor has another state below one in a thousand of the picture: it is bare
/// width there.
fn drawn(profile: &Profile) -> Times {
    let folded = String::from_utf8(written(profile, Format::Folded)).expect("text");
    let stacks = labelled(&folded);
    let total = |stack: &[String]| -> u64 {
        let above = stacks.iter().filter(|(other, _)| other.starts_with(stack));
        above.map(|(_, nanos)| nanos).sum()
    };
    let all = total(&[]);
    let mut drawn: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    for (stack, nanos) in &stacks {
        let place = match stack.split_last() {
            Some((top, below)) if top == "[await]" && nanos * 1_000 < total(below) => below,
            Some((top, below)) if STATES.contains(&&**top) && nanos * 1_000 < all => below,
            _ => stack,
        };
        *drawn.entry(place.to_vec()).or_default() += nanos;
    }
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
        stack.push(match place(&node["callsite"]) {
            Some(place) => file["callsites"][place]["name"].as_str().unwrap().to_owned(),
            None => "[truncated]".to_owned(),
        });
        let mut on_cpu = node["wall_nanos"].as_u64().unwrap();
        let on_it = |label: &str| [stack.clone(), vec![label.to_owned()]].concat();
        for (state, key) in STATES.into_iter().zip(KEYS) {
            let told = |key| node["wall_states"][key].as_u64().unwrap_or(0);
            let known: u64 = ASLEEP.into_iter().map(told).sum();
            let nanos = told(key) - if key == "blocked_nanos" { known } else { 0 };
            stacks.push((on_it(state), nanos));
            on_cpu -= nanos;
        }
        stacks.push((on_it("[await]"), node["await_nanos"].as_u64().unwrap()));
        stacks.push((stack.clone(), on_cpu));
        names.push(stack);
    }
    of_stacks(stacks.into_iter().filter(|(_, nanos)| *nanos > 0))
}
