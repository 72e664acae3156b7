//! Every number of the viewer against the text table, and its merged views against a count
//! of stacks that is as plain as can be.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use tracing_flame_layer::{
    Profile,
    profile::{Measures, NodeId, States},
    render::{Format, Options, Weight},
};

use super::viewer::Viewer;
use flame_oracle::formats::sample;

/// The rows of a part of the text table: the cells before a name, by that name. A cell ends
/// where its column's title does.
fn part(table: &str, heading: &str) -> BTreeMap<String, Vec<String>> {
    let lines = table.lines().skip_while(|line| !line.contains(heading));
    let mut lines = lines.skip_while(|line| !line.trim_end().ends_with("span"));
    let head: Vec<char> = lines.next().unwrap_or_default().chars().collect();
    let is_end = |at: &usize| head[*at] != ' ' && head.get(at + 1) == Some(&' ');
    let ends: Vec<usize> = (0..head.len()).filter(is_end).map(|at| at + 1).collect();
    let row = |line: &str| {
        let line: Vec<char> = line.chars().collect();
        let text = |from: usize, to: usize| {
            line[from.min(line.len())..to.min(line.len())].iter().collect::<String>()
        };
        let begins = std::iter::once(0).chain(ends.iter().copied());
        let cells = begins.zip(&ends).map(|(from, to)| text(from, *to).trim().to_owned());
        let cells: Vec<String> = cells.collect();
        let name = text(ends.last().copied().unwrap_or(0), line.len());
        (name.trim().to_owned(), cells)
    };
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for (name, cells) in lines.take_while(|line| !line.is_empty()).map(row) {
        match rows.last_mut() {
            // A name that is too long for its column goes on below.
            Some((above, _)) if cells.iter().all(String::is_empty) => above.push_str(&name),
            _ => rows.push((name, cells)),
        }
    }
    rows.into_iter().collect()
}

/// The viewer's cells of some columns, by name.
fn cells(viewer: &mut Viewer, columns: &[&str]) -> BTreeMap<String, Vec<String>> {
    let all: Vec<Vec<String>> = serde_json::from_value(viewer.look("rows()")).unwrap();
    let ids = viewer.strings("viewer.table.ids");
    let place = |column: &&str| ids.iter().position(|id| id == column);
    let places: Vec<_> = columns.iter().map(place).collect();
    let cell = |row: &[String], place: Option<usize>| {
        place.map_or("-".to_owned(), |i| row[i].replace('–', "-").replace('≤', "<="))
    };
    let row = |row: &Vec<String>| {
        (row[0].clone(), places.iter().map(|&place| cell(row, place)).collect())
    };
    all.iter().map(row).collect()
}

fn text_table(profile: &Profile, options: &Options) -> String {
    let mut table = Vec::new();
    profile.write(Format::Table, &mut table, options).unwrap();
    String::from_utf8(table).unwrap()
}

/// Compares every row of the text table with the viewer's.
pub(super) fn compare_with_table(viewer: &mut Viewer, profile: &Profile, options: &Options) {
    let table = text_table(profile, options);
    let times = part(&table, "self%");
    let ours = cells(viewer, &["self", "share", "total", "entered", "await"]);
    // The root's row says beside its name how much of it is too short for rows of its own.
    let is_root = |name: &str| name.split(',').next() == Some("all");
    for (name, expected) in times.iter().filter(|(name, _)| !is_root(name)) {
        match name.strip_suffix(";[await]") {
            Some(parent) => assert_eq!(ours[parent][4], expected[0], "{name}"),
            None => assert_eq!(ours.get(name).map(|row| &row[..4]), Some(&expected[..]), "{name}"),
        }
    }
    for (name, cells) in &ours {
        let has_row = times.contains_key(&format!("{name};[await]"));
        assert!(has_row || matches!(&*cells[4], "0" | "-"), "{name} awaited {}", cells[4]);
    }
    compare_states(viewer, &table);
    let calls = part(&table, "calls, from first enter to close");
    let polled = table.contains("     polls ");
    let columns: &[&str] = match polled {
        true => &["calls", "polls", "mean", "p50", "p90", "p99", "max"],
        false => &["calls", "mean", "p50", "p90", "p99", "max"],
    };
    let ours = cells(viewer, columns);
    for (name, expected) in &calls {
        assert_eq!(ours.get(name), Some(expected), "{name}");
    }
}

/// Compares what threads did in self times, where the table says it.
fn compare_states(viewer: &mut Viewer, table: &str) {
    let counted = ["slept", "preempted", "faults"];
    let told = part(table, "self time, by what threads did in it");
    let width = told.values().next().map_or(0, Vec::len);
    // Those that are 0 everywhere have no column in the viewer.
    let columns: Vec<&str> = match width {
        0 => return,
        _ => {
            let has = |title: &str| table.lines().any(|line| line.contains(&format!(" {title} ")));
            let off = [("faulted", "fault"), ("off-CPU", "off-cpu"), ("unknown", "unknown")];
            let off = off.into_iter().filter(|(title, _)| has(title)).map(|(_, id)| id);
            let counts = counted.into_iter().filter(|_| has("preempted"));
            ["cpu", "runnable", "blocked"].into_iter().chain(off).chain(counts).collect()
        }
    };
    assert_eq!(columns.len(), width, "{table}");
    let labels = viewer.labels();
    let is_known_for = ["[disk]", "[lock]", "[net]", "[timer]"]
        .iter()
        .any(|kind| labels.iter().any(|l| l == kind));
    let ours = cells(viewer, &columns);
    for (name, expected) in told.iter().filter(|(name, _)| *name != "all") {
        let is_none = |cell: &str| matches!(cell, "0" | "-");
        let cells = columns.iter().zip(ours[name].iter().zip(expected));
        // There it is without what is known of it, which has columns of its own.
        let is_split = |column: &str| column == "blocked" && is_known_for;
        for (_, (cell, expected)) in cells.filter(|(column, _)| !is_split(column)) {
            assert!(cell == expected || (is_none(cell) && is_none(expected)), "{name}: {cell}");
        }
    }
}

/// A profile's stacks and their own time, as folded text has them.
fn stacks(profile: &Profile, options: &Options) -> Vec<(Vec<String>, u64)> {
    let mut folded = Vec::new();
    profile.write(Format::Folded, &mut folded, options).unwrap();
    let folded = String::from_utf8(folded).unwrap();
    let line = |line: &str| {
        let (stack, nanos) = line.rsplit_once(' ').expect("a weight");
        (stack.split(';').map(str::to_owned).collect(), nanos.parse().expect("a number"))
    };
    folded.lines().map(line).collect()
}

/// Times by stack.
type Counted = BTreeMap<String, u64>;

/// Adds a stack's time to it and to what it stands on, up to a depth.
fn count(into: &mut Counted, stack: &[String], nanos: u64, deepest: usize) {
    for depth in 1..=stack.len().min(deepest) {
        *into.entry(stack[..depth].join(";")).or_default() += nanos;
    }
}

/// What a merged tree of the viewer has, by stack, up to a depth.
fn walked(viewer: &mut Viewer, tree: &str, begin: &str, deepest: usize) -> Counted {
    let script = format!(
        "(() => {{
            const all = {{}};
            const walk = (box, path, depth) => {{
                const here = path === null ? '' : path === '' ? box.label : path + ';' + box.label;
                if (here !== '') all[here] = box.total;
                if (depth >= {deepest}) return;
                for (const child of box.children) walk(child, here, depth + 1);
            }};
            walk({tree}, {begin});
            return all;
        }})()"
    );
    let counted: Counted = serde_json::from_value(viewer.look(&script)).unwrap();
    counted.into_iter().filter(|(_, nanos)| *nanos > 0).collect()
}

/// Compares the bottom-up view and every name's callers and callees with plain counts.
fn compare_with_stacks(viewer: &mut Viewer, profile: &Profile) {
    let stacks = stacks(profile, &Options::default());
    // Of very many stacks a few names and the ends of stacks are enough.
    let is_large = stacks.len() > 10_000;
    let deepest = if is_large { 3 } else { 1_000 };
    let mut bottom_up = Counted::new();
    for (stack, nanos) in &stacks {
        let reversed: Vec<String> = stack.iter().rev().cloned().collect();
        count(&mut bottom_up, &reversed, *nanos, deepest);
    }
    assert_eq!(walked(viewer, "bottomUp(viewer.frames)", "null, 0", deepest), bottom_up);
    let labels: BTreeSet<&String> = stacks.iter().flat_map(|(stack, _)| stack).collect();
    let step = if is_large { labels.len() / 8 + 1 } else { 1 };
    for label in labels.into_iter().step_by(step) {
        let (mut callers, mut callees) = (Counted::new(), Counted::new());
        for (stack, nanos) in &stacks {
            // The outermost is what counts: nested ones are within it.
            let Some(at) = stack.iter().position(|each| each == label) else { continue };
            let down: Vec<String> = stack[..=at].iter().rev().cloned().collect();
            count(&mut callers, &down, *nanos, deepest);
            count(&mut callees, &stack[at..], *nanos, deepest);
        }
        let kind = if label.starts_with('[') { "state" } else { "span" };
        let halves = format!("sandwich(viewer.frames, {label:?}, {kind:?})");
        assert_eq!(
            walked(viewer, &format!("{halves}.callers"), "'', 1", deepest),
            callers,
            "{label}"
        );
        assert_eq!(
            walked(viewer, &format!("{halves}.callees"), "'', 1", deepest),
            callees,
            "{label}"
        );
    }
}

#[test]
fn every_number_is_that_of_the_text_table() {
    let test = "every_number_is_that_of_the_text_table";
    let [wall, threads] = [false, true].map(|threads| Options::default().threads(threads));
    let busy = Options::default().weight(Weight::Busy);
    let hidden = Options::default().hide_states(true);
    for profile in [sample::import(), sample::busy()] {
        for options in [&wall, &busy, &threads, &hidden] {
            let Some(mut viewer) = Viewer::open(&profile, options, test) else { return };
            compare_with_table(&mut viewer, &profile, options);
            viewer.close();
        }
    }
}

/// Names of which few are a stack many times over.
fn grown(steps: &[(usize, usize, u64, u64, [u64; 2])]) -> Profile {
    const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
    let mut nodes: Vec<NodeId> = Vec::new();
    for &(parent, name, wall, pending, [runnable, unknown]) in steps {
        let parent = nodes.len().checked_sub(1).map(|last| nodes[last - parent.min(last)]);
        let measures = sample::waited(sample::worked(1, wall, wall, wall), pending);
        let wall_states = made!(States {
            runnable_nanos: measures.wall_nanos / 100 * runnable,
            unknown_nanos: measures.wall_nanos / 100 * unknown,
            ..States::default()
        });
        let measures = made!(Measures { wall_states, ..measures });
        let parent = parent.filter(|_| name != 0);
        nodes.push(profile.push(parent, sample::span(NAMES[name], "m", 1), measures));
    }
    profile
}

#[test]
fn merged_views_are_what_a_plain_count_of_stacks_says() {
    let test = "merged_views_are_what_a_plain_count_of_stacks_says";
    let states = prop_oneof![3 => Just([0, 0]), 1 => [0..50_u64, 0..51_u64]];
    let pending = prop_oneof![3 => Just(0_u64), 1 => 1..9_u64];
    let step = (0..4_usize, 0..6_usize, 0..50_u64, pending, states);
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for _ in 0..4 {
        let tree = prop::collection::vec(step.clone(), 1..120).new_tree(&mut runner).unwrap();
        let profile = grown(&tree.current());
        let options = Options::default();
        let Some(mut viewer) = Viewer::open(&profile, &options, test) else { return };
        compare_with_table(&mut viewer, &profile, &options);
        compare_with_stacks(&mut viewer, &profile);
        viewer.close();
    }
}

/// A recording by hand: `REPORT_OF=recording.json cargo test -p flame-tests figures --
/// --ignored`, with `SCREENSHOTS=<directory>` for the pictures that the documents show.
#[test]
#[ignore = "takes a recording"]
fn a_recording_that_is_named_has_the_table_s_numbers() {
    let path = std::env::var_os("REPORT_OF").expect("the path of a recording");
    let given = flame_cli::from_path(
        Path::new(&path),
        flame_cli::How { kind: None, unit: flame_cli::Unit::NANOSECOND, strict: false },
    );
    let profile = given.expect("a recording").profile;
    let test = "a_recording_that_is_named_has_the_table_s_numbers";
    let options = Options::default();
    let Some(mut viewer) = Viewer::open(&profile, &options, test) else { return };
    viewer.act("viewer.table.shown = Infinity; viewer.table.draw()");
    compare_with_table(&mut viewer, &profile, &options);
    compare_with_stacks(&mut viewer, &profile);
    let json = fs::read_to_string(path).expect("a recording");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let nodes = json["nodes"].as_array().expect("nodes");
    let sum = |key: &str| -> u64 { nodes.iter().filter_map(|node| node[key].as_u64()).sum() };
    let total = viewer.look("viewer.frames.root.total").as_u64();
    assert_eq!(total, Some(sum("wall_nanos") + sum("await_nanos")));
    viewer.act("viewer.table.shown = 100; viewer.table.draw()");
    for (width, dark, name) in [(1100, false, "light"), (390, false, "phone")] {
        viewer.0.emulate(width, dark);
        viewer.screenshot(name);
    }
    viewer.0.emulate(1100, true);
    viewer.choose("view", "sandwich");
    viewer.until("!at('sandwich').hidden && viewer.callees.laidOut");
    viewer.0.screenshot("dark");
    viewer.close();
}
