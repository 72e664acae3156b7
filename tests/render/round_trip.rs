//! Whatever spans are called: what was measured is what can be read back.

use std::{path::Path, sync::Arc, time::Duration};

use flame_cli::{Kind, Unit, from_bytes};
use flame_oracle::formats::{
    expected,
    round_trip::{agree, bytes, written},
    sample,
};
use proptest::{collection::vec, prelude::*, sample::Index};
use tracing_flame_layer::{
    Profile,
    profile::{
        Callsite, Class, ClassNode, Frame, HeatCell, HeatColumn, Measures, NodeId, Orphans,
        StateSource, States, Switches, ThreadNode, ThreadProfile,
    },
    render::{Format, Names, Options, Weight},
};

fn name() -> impl Strategy<Value = String> + Clone {
    let pieces = [
        "foo",
        " ",
        ";",
        "42",
        "[await]",
        "[blocked]",
        "[fault]",
        "[unknown]",
        "_[k]",
        "\\u{3b}",
        "# ",
        "\\",
        "\n",
        "(x)",
        "-",
    ];
    prop_oneof![
        4 => proptest::sample::select(sample::NASTY.to_vec()).prop_map(str::to_owned),
        2 => vec(proptest::sample::select(pieces.to_vec()), 0..4).prop_map(|p| p.concat()),
        2 => vec(any::<char>(), 0..6).prop_map(|chars| chars.into_iter().collect()),
        1 => Just("x".repeat(10_000)),
    ]
}

fn time() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 1..2_000_u64, any::<u32>().prop_map(u64::from), 0..1_u64 << 50]
}

/// Parts of a time, in some of the states.
fn states() -> impl Strategy<Value = [u8; 10]> {
    prop_oneof![2 => Just([0; 10]), 1 => any::<[u8; 10]>()]
}

/// As much of a time in each state as numbers say, and the rest on a CPU.
fn divided(nanos: u64, [on_cpu, parts @ ..]: [u8; 10]) -> States {
    let whole = parts.iter().fold(u64::from(on_cpu), |sum, &part| sum + u64::from(part)).max(1);
    sample::of_drawn(parts.map(|part| nanos / whole * u64::from(part)))
}

fn measures() -> impl Strategy<Value = Measures> {
    let times = [(); 6].map(|()| time());
    let states = (states(), states(), any::<[u8; 3]>());
    let all = (0..5_000_u64, times, states);
    all.prop_map(|(calls, [wall, waits, busy, entered, latency, max], states)| {
        made!(Measures {
            wall_states: divided(wall, states.0),
            busy_states: divided(busy, states.1),
            switches: made!(Switches {
                voluntary: states.2[0].into(),
                involuntary: states.2[1].into(),
                major_faults: states.2[2].into(),
                minor_faults: states.2[0].into(),
                blocks_read: states.2[1].into(),
                blocks_written: states.2[2].into(),
                ..Switches::default()
            }),
            calls,
            started: calls / 2,
            enters: calls * 2,
            wall_nanos: wall,
            await_nanos: waits,
            busy_nanos: busy,
            entered_nanos: entered,
            latency_nanos: latency,
            max_latency_nanos: max,
            ..Measures::default()
        })
    })
}

type ClassParts = (Index, u8, Vec<(Index, u64, [u8; 10])>);

/// A class of latency: its root, its power, and what was measured at some nodes.
fn class() -> impl Strategy<Value = ClassParts> {
    (any::<Index>(), 0..=Class::HIGHEST, vec((any::<Index>(), time(), states()), 0..5))
}

prop_compose! {
    /// A node: what it stands on, what it is called and what was measured.
    fn node()(
        below in proptest::option::weighted(0.8, any::<Index>()),
        span in proptest::option::weighted(0.9, (name(), proptest::sample::select(vec!["t", "a::b", "x (y)"]))),
        values in proptest::option::weighted(0.3, sample::field_values(name())),
        line in 1..3_u32,
        measures in measures(),
    ) -> (Option<Index>, Frame, Measures) {
        let frame = match span {
            None => Frame::Truncated,
            Some((name, target)) => {
                let callsite = Arc::new(Callsite::new(name, target).at("src/(odd).rs", line));
                match values {
                    Some(values) => Frame::Fields(callsite, Arc::new(values)),
                    None => Frame::Span(callsite),
                }
            }
        };
        (below, frame, measures)
    }
}

prop_compose! {
    fn profile()(
        nodes in vec(node(), 0..40),
        threads in vec((name(), 1..9_u64, vec((any::<Index>(), time(), states()), 0..9)), 0..4),
        is_exact in any::<bool>(),
        covered in proptest::option::of(time()),
        orphans in vec((any::<Index>(), any::<Index>(), 1..9_u64), 0..4),
        classes in vec(class(), 0..3),
    ) -> Profile {
        let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
        let mut ids: Vec<NodeId> = Vec::new();
        for (below, frame, measures) in nodes {
            let below = below.filter(|_| !ids.is_empty()).map(|index| *index.get(&ids));
            ids.push(profile.push(below, frame, measures));
        }
        for (name, threads, shares) in threads {
            let shares = shares.into_iter().filter(|_| !ids.is_empty());
            let nodes = shares.map(|(index, busy_nanos, states)| made!(ThreadNode { busy_states: divided(busy_nanos, states), enters: 1, busy_nanos, entered_nanos: busy_nanos, ..ThreadNode::new(*index.get(&ids)) }));
            let nodes = nodes.collect();
            profile.push_thread(ThreadProfile::new(name, threads, nodes));
        }
        if is_exact {
            profile.set_states(StateSource::Exact);
        }
        if let Some(covered) = covered {
            profile.set_covered(covered);
        }
        let roots: Vec<NodeId> =
            ids.iter().copied().filter(|id| profile.node(*id).parent.is_none()).collect();
        for (root, waiting, count) in orphans.into_iter().filter(|_| !ids.is_empty()) {
            let (root, waiting) = (*root.get(&roots), *waiting.get(&ids));
            profile.push_orphans(Orphans::new(root, waiting, count));
        }
        profile.set_unclassified_operations(classes.len() as u64 / 2);
        profile.set_left_out_of_heatmap(classes.len() as u64 / 3);
        for (root, power, nodes) in classes.into_iter().filter(|_| !ids.is_empty()) {
            let part = |(node, nanos, states): (Index, u64, [u8; 10])| ClassNode::new(*node.get(&ids), made!(Measures { busy_nanos: nanos, busy_states: divided(nanos, states), max_latency_nanos: nanos, max_latency_is_bound: nanos % 2 > 0, ..Measures::default() }));
            let nodes: Vec<ClassNode> = nodes.into_iter().map(part).collect();
            let (root, operations) = (*root.get(&roots), nodes.len() as u64);
            // A column of its own, and of its first nodes as many operations as they have calls.
            let cell = |part: &ClassNode| HeatCell::new(root, part.measures.wall_nanos, part.measures.calls);
            let (from, cells) = (u64::from(power), nodes.iter().take(2).map(cell).collect());
            profile.push_heat_column(HeatColumn::new(from, 2 * from, cells));
            // Of some kinds nothing is known.
            let known = |kind: u64| (kind < 4).then_some((kind, operations));
            let counted = [0, 1, 2, 3, 4, 5].map(|kind| known(kind).into_iter().collect());
            let class = Class::new(root, power);
            profile.push_class(made!(Class { operations, nodes, counted, ..class }));
        }
        profile
    }
}

fn options() -> impl Strategy<Value = Options> {
    let weight = proptest::sample::select(vec![Weight::Wall, Weight::Busy]);
    let names = proptest::sample::select(vec![Names::Name, Names::Target]);
    let threads = proptest::bool::weighted(0.2);
    let hide = (any::<bool>(), proptest::bool::weighted(0.2));
    (weight, hide, names, threads).prop_map(
        |(weight, (hide_await, hide_states), names, threads)| {
            Options::default()
                .weight(weight)
                .hide_await(hide_await)
                .hide_states(hide_states)
                .names(names)
                .threads(threads)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_format_can_be_read_back_and_they_agree(profile in profile(), options in options()) {
        agree(&profile, &options)?;
    }

    #[test]
    fn the_table_keeps_its_columns_and_adds_up(profile in profile(), options in options()) {
        let table = written(&profile, Format::Table, &options);
        for line in table.lines() {
            prop_assert!(line.chars().count() <= 100, "{}", line);
        }
        let expected = expected::self_times(&expected::cells(&profile, &options));
        let total = expected.values().sum::<u64>();
        let is_sum = |line: &str| line.ends_with(" all") || line.contains(" all, ");
        let sum = table.lines().any(|line| line.contains(" 100% ") && is_sum(line));
        prop_assert_eq!(sum, total > 0, "{}", table);
    }

    #[test]
    fn the_order_in_which_nodes_were_recorded_does_not_show(profile in profile(), options in options()) {
        // The same tree, its later branches first.
        let mut turned = Profile::new(profile.window());
        turn(&profile, None, None, &mut turned);
        for format in [Format::Folded, Format::Svg, Format::Table, Format::Speedscope] {
            let options = options.clone().threads(false);
            let mut profile = Profile::new(profile.window());
            turn(&turned, None, None, &mut profile);
            prop_assert_eq!(written(&turned, format, &options), written(&profile, format, &options));
        }
    }
}

proptest! {
    // Every format twice a case.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn what_was_read_back_from_json_draws_the_same_pictures(profile in profile(), options in options()) {
        let json = bytes(&profile, Format::Json, &options);
        let read = from_bytes(&json, Kind::Json, Unit::NANOSECOND, Path::new("a.json"));
        let read = read.expect("what was written").profile;
        for &format in Format::ALL {
            prop_assert_eq!(bytes(&read, format, &options), bytes(&profile, format, &options));
        }
    }
}

/// Copies the children of a node, the last one first.
fn turn(from: &Profile, parent: Option<NodeId>, onto: Option<NodeId>, to: &mut Profile) {
    let children = from.nodes().iter().enumerate().filter(|(_, node)| node.parent == parent);
    for (place, node) in children.collect::<Vec<_>>().into_iter().rev() {
        let copy = to.push(onto, node.frame.clone(), node.measures);
        let later = from.nodes().iter().skip(place + 1);
        let id = later.filter_map(|node| node.parent).find(|parent| parent.index() == place);
        if let Some(id) = id {
            turn(from, Some(id), Some(copy), to);
        }
    }
}
