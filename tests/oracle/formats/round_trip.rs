//! Whatever spans are called: what was measured is what can be read back.

use std::collections::BTreeMap;

use proptest::{prelude::*, test_runner::TestCaseResult};
use tracing_flame_layer::{
    Profile,
    render::{Format, Options},
};

use super::{
    expected::{self, Box, Stack},
    read_folded, read_pprof, read_speedscope, read_svg,
};

/// A file of a profile.
pub fn bytes(profile: &Profile, format: Format, options: &Options) -> Vec<u8> {
    let mut bytes = Vec::new();
    profile.write(format, &mut bytes, options).unwrap();
    bytes
}

/// A file of a profile, as text.
pub fn written(profile: &Profile, format: Format, options: &Options) -> String {
    String::from_utf8(bytes(profile, format, options)).unwrap()
}

/// Stacks by what their labels stand for.
fn unlabelled<T>(stacks: BTreeMap<Vec<String>, T>) -> BTreeMap<Stack, T> {
    let unlabel = |stack: Vec<String>| stack.iter().map(|label| expected::unlabel(label)).collect();
    stacks.into_iter().map(|(stack, amount)| (unlabel(stack), amount)).collect()
}

/// What pprof is to be told of each stack: its calls, where they are known, and
/// its time.
fn amounts(profile: &Profile, options: &Options) -> BTreeMap<Stack, [u64; 2]> {
    let cells = expected::cells(profile, options);
    let amounts = cells.into_iter().map(|(stack, cell)| (stack, [cell.calls, cell.self_nanos]));
    amounts.filter(|(_, amounts)| *amounts != [0, 0]).collect()
}

/// The stacks of each thread name, by name.
fn thread_times(profile: &Profile, options: &Options) -> BTreeMap<Stack, u64> {
    let threads = options.clone().threads(true);
    expected::self_times(&expected::cells(profile, &threads))
}

/// The stacks of a speedscope file's profiles, but of the first.
fn towers(file: &read_speedscope::File) -> BTreeMap<Stack, u64> {
    let mut towers = BTreeMap::new();
    for (place, profile) in file.profiles.iter().enumerate().skip(1) {
        let name = profile.name.strip_suffix(", thread time").expect("a thread's name");
        for (stack, nanos) in file.stacks(place) {
            let stack = std::iter::once(name.to_owned()).chain(stack).collect();
            assert_eq!(towers.insert(stack, nanos), None, "a name twice: {name}");
        }
    }
    unlabelled(towers)
}

fn tooltips_tell_what_was_measured(
    boxes: &[(Vec<String>, read_svg::Drawn)],
    profile: &Profile,
    options: &Options,
) {
    let cells = expected::cells(profile, options);
    for (labels, drawn) in boxes {
        let facts = &drawn.facts;
        let time = facts.split(',').next().unwrap();
        let off = (read_svg::nanos(time) - drawn.width as f64).abs() / drawn.width as f64;
        assert!(off < 0.000_51, "{facts} for {} ns", drawn.width);
        assert!(!facts.contains("samples"), "{facts}");
        let stack: expected::Stack = labels.iter().map(|l| expected::unlabel(l)).collect();
        let calls = cells.get(&stack).filter(|_| !options.threads).map(|cell| cell.calls);
        if let (Some(calls), Some(Box::Named(_) | Box::Truncated)) = (calls, stack.last()) {
            // None is told of a span from before the window that nobody entered in it.
            // Of a root there is a line before that.
            let mut parts = facts.split(";\n").skip(1);
            let told = parts.find(|part| !part.starts_with("a root: "));
            let told = told.and_then(|part| part.split_once(" call"));
            let told = told.map_or(Ok(0), |(digits, _)| digits.replace(',', "").parse());
            assert_eq!(told, Ok(calls), "{facts}");
        }
    }
}

/// Whether every format, read back by a reader of its own, tells what was measured.
pub fn agree(profile: &Profile, options: &Options) -> TestCaseResult {
    let expected = expected::self_times(&expected::cells(profile, options));
    let folded = read_folded::read(&written(profile, Format::Folded, options));
    prop_assert_eq!(&folded, &expected);

    let boxes = read_svg::boxes(&written(profile, Format::Svg, options));
    let totals = read_svg::totals(&boxes);
    prop_assert_eq!(&totals, &expected::drawn(&expected::totals(&expected)));
    let all = boxes.first().map_or(0, |(_, all)| all.width);
    prop_assert_eq!(all, expected.values().sum::<u64>());
    tooltips_tell_what_was_measured(&boxes, profile, options);

    let scope = read_speedscope::read(&bytes(profile, Format::Speedscope, options));
    prop_assert_eq!(&unlabelled(scope.stacks(0)), &expected);
    prop_assert_eq!(towers(&scope), thread_times(profile, options));

    let pprof = read_pprof::read(&bytes(profile, Format::Pprof, options));
    prop_assert_eq!(unlabelled(pprof.stacks()), amounts(profile, options));
    Ok(())
}
