//! What threads did in a frame adds up to the frame, whatever was given.

use std::{collections::BTreeMap, time::Duration};

use proptest::{collection::vec, prelude::*};
use tracing_flame_layer::{
    Profile,
    profile::{Chart, LeftOut, Measures, Operation, States, ThreadNode, ThreadProfile},
    render::{Options, Weight},
};

use super::{read_folded::labelled, sample};

fn states() -> impl Strategy<Value = States> {
    let nanos = || prop_oneof![2 => Just(0), 2 => 0..1_000_u64, 1 => any::<u64>()];
    [nanos(), nanos(), nanos(), nanos(), nanos()].prop_map(
        |[runnable_nanos, blocked_nanos, fault_nanos, off_cpu_nanos, unknown_nanos]| States {
            runnable_nanos,
            blocked_nanos,
            fault_nanos,
            off_cpu_nanos,
            unknown_nanos,
        },
    )
}

prop_compose! {
    /// Spans on one another, of one name or of another, with more in states than can be.
    fn profile()(nodes in vec((0..2_usize, 0..2_000_u64, 0..9_u64, states(), states()), 1..9)) -> Profile {
        let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
        let (mut parent, mut shares) = (None, Vec::new());
        for (name, nanos, await_nanos, wall_states, busy_states) in nodes {
            let measures = Measures {
                enters: 1,
                wall_nanos: nanos,
                await_nanos,
                busy_nanos: nanos / 2,
                wall_states,
                busy_states,
                ..Measures::default()
            };
            let node = profile.push(parent, sample::span(["a", "b"][name], "t", 1), measures);
            let (enters, busy_nanos, entered_nanos) = (1, nanos, nanos);
            shares.push(ThreadNode { node, enters, busy_nanos, busy_states, entered_nanos });
            parent = parent.filter(|_| name == 0).or(Some(node));
        }
        profile.push_thread(ThreadProfile { name: "t".into(), threads: 1, nodes: shares });
        profile
    }
}

fn folded(profile: &Profile, options: &Options) -> BTreeMap<Vec<String>, u64> {
    let mut text = Vec::new();
    profile.write_folded(&mut text, options).unwrap();
    labelled(&String::from_utf8(text).unwrap())
}

/// The time of each stack, with what its threads did in it.
fn whole(stacks: BTreeMap<Vec<String>, u64>) -> BTreeMap<Vec<String>, u64> {
    let mut whole = BTreeMap::new();
    for (mut stack, nanos) in stacks {
        let top = stack.last().unwrap();
        if ["[runnable]", "[blocked]", "[fault]", "[off-cpu]", "[unknown]"].contains(&&**top) {
            stack.pop();
        }
        *whole.entry(stack).or_default() += nanos;
    }
    whole
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn states_and_time_on_a_cpu_are_the_time_of_every_frame(
        profile in profile(), is_busy in any::<bool>(), threads in any::<bool>(),
    ) {
        let weight = if is_busy { Weight::Busy } else { Weight::Wall };
        let split = Options { weight, threads, ..Options::default() };
        let hidden = Options { hide_states: true, ..split.clone() };
        prop_assert_eq!(whole(folded(&profile, &split)), folded(&profile, &hidden));
    }
}

#[test]
fn the_page_of_one_operation_tells_what_its_threads_did() {
    let none = LeftOut { count: 0, longest_nanos: 0 };
    let chart = Chart {
        threads: Vec::new(),
        visits: Vec::new(),
        strands: Vec::new(),
        visits_left_out: none,
        strands_left_out: none,
    };
    let operation = Operation::new(1, Vec::new(), sample::busy(), chart);
    let (mut page, mut json) = (Vec::new(), Vec::new());
    operation.write_svg(&mut page, &Options::default()).unwrap();
    operation.write_json(&mut json).unwrap();
    let [page, json] = [page, json].map(|bytes| String::from_utf8(bytes).unwrap());
    for part in [
        "[blocked]: asleep: for a disk",
        "the machine was busy: 18.4% of this time",
        "on CPU 520.0 ms, runnable 150.0 ms, blocked 610.0 ms, fault 90.00 ms, off-cpu 30.00 ms;",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(json.contains("\"wall_states\": {\"runnable_nanos\": 110000000}"), "{json}");
}
