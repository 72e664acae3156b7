//! What threads did in a frame adds up to the frame, whatever was given.

use std::{collections::BTreeMap, time::Duration};

use proptest::{collection::vec, prelude::*};
use tracing_flame_layer::{
    Profile,
    profile::{
        Absence, Chart, Measures, Omitted, Operation, StateSource, States, Strand, ThreadNode,
        ThreadProfile, Visit,
    },
    render::{Options, Weight},
};

use flame_oracle::formats::{read_folded::labelled, sample};

fn states() -> impl Strategy<Value = States> {
    let nanos = || prop_oneof![2 => Just(0), 2 => 0..1_000_u64, 1 => any::<u64>()];
    let few = [nanos(), nanos(), nanos(), nanos()];
    (few, [nanos(), nanos(), nanos(), nanos(), nanos()]).prop_map(|(few, asleep)| {
        let [runnable_nanos, blocked_nanos, off_cpu_nanos, unknown_nanos] = few;
        let [fault_nanos, disk_nanos, lock_nanos, net_nanos, timer_nanos] = asleep;
        made!(States {
            runnable_nanos,
            blocked_nanos,
            fault_nanos,
            disk_nanos,
            lock_nanos,
            net_nanos,
            timer_nanos,
            off_cpu_nanos,
            unknown_nanos,
            ..States::default()
        })
    })
}

prop_compose! {
    /// Spans on one another, of one name or of another, with more in states than can be.
    fn profile()(nodes in vec((0..2_usize, 0..2_000_u64, 0..9_u64, states(), states()), 1..9)) -> Profile {
        let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
        let (mut parent, mut shares) = (None, Vec::new());
        for (name, nanos, await_nanos, wall_states, busy_states) in nodes {
            let measures = made!(Measures { enters: 1, wall_nanos: nanos, await_nanos, busy_nanos: nanos / 2, wall_states, busy_states, ..Measures::default() });
            let node = profile.push(parent, sample::span(["a", "b"][name], "t", 1), measures);
            let (enters, busy_nanos, entered_nanos) = (1, nanos, nanos);
            shares.push(made!(ThreadNode { enters, busy_nanos, busy_states, entered_nanos, ..ThreadNode::new(node) }));
            parent = parent.filter(|_| name == 0).or(Some(node));
        }
        profile.push_thread(ThreadProfile::new("t", 1, shares));
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
        if sample::STATES.contains(&&**top) {
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
        let split = Options::default().weight(weight).threads(threads);
        let hidden = split.clone().hide_states(true);
        prop_assert_eq!(whole(folded(&profile, &split)), folded(&profile, &hidden));
    }
}

/// Its page and its JSON.
fn written(operation: &Operation, options: &Options) -> [String; 2] {
    let (mut page, mut json) = (Vec::new(), Vec::new());
    operation.write_svg(&mut page, options).unwrap();
    operation.write_json(&mut json).unwrap();
    [page, json].map(|bytes| String::from_utf8(bytes).unwrap())
}

/// A thread is in `root` for 100 ns, and off its CPU for 60 of the last 80.
fn operation(source: StateSource) -> Operation {
    let mut profile = Profile::new(sample::window(Duration::from_nanos(100)));
    let measures = made!(Measures { calls: 1, enters: 1, wall_nanos: 100, ..Measures::default() });
    let node = profile.push(None, sample::span("root", "t", 1), measures);
    profile.set_states(source);
    let (span, from_nanos, to_nanos) = (0, 0, 100);
    let states = made!(States { runnable_nanos: 20, blocked_nanos: 40, ..States::default() });
    let chart = made!(Chart {
        threads: vec!["main".into()],
        visits: vec![made!(Visit { span, ..Visit::new(node, 0, from_nanos..to_nanos) })],
        strands: vec![made!(Strand { span, ..Strand::new(node, Some(0), from_nanos..to_nanos) })],
        absences: vec![Absence::new(0, 20..to_nanos, states)],
        omitted_absences: Omitted::new(3, 1),
        ..Chart::default()
    });
    Operation::new(1, Vec::new(), profile, chart)
}

#[test]
fn what_a_thread_did_stands_over_its_lane() {
    let [page, json] = written(&operation(StateSource::Exact), &Options::default());
    for part in [
        // The thread was there all the while; a quarter of the last 80 ns it waited for a CPU,
        // half of them it slept.
        "<title>on CPU 100 ns (100 ns, 100%; from 0 to 100 ns)</title>",
        "<svg class=\"strip\" x=\"20.0000%\"",
        "<title>on CPU 20 ns, runnable 20 ns, blocked 40 ns (80 ns, 80.0%; from 20 ns to 100 ns)",
        "<rect y=\"0.00%\" width=\"100%\" height=\"25.00%\" fill=\"rgb(184,160,224)\"/>\
         <rect y=\"25.00%\" width=\"100%\" height=\"50.00%\" fill=\"rgb(104,160,200)\"/>\
         <rect y=\"75.00%\" width=\"100%\" height=\"25.00%\" fill=\"rgb(244,186,124)\"/>",
        "cut: 3 shorter times off a CPU are drawn as time on it, none longer than 1 ns",
        "20 ns (20.0%) ready to run, and waiting for a CPU; with one free at once 80 ns at best",
        "40 ns (40.0%) asleep; without that 60 ns at best",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    let strips = page.matches("<title>on CPU 20 ns, runnable 20 ns, blocked 40 ns").count();
    assert_eq!(strips, 2, "the thread's, and the critical path's");
    for part in [
        "\"absences\": [[0,20,100,[20,40,0,0,0,0,0,0,0]]]",
        "\"path\": [[0,\"working\",0,0,100,[20,40,0,0,0,0,0,0,0]]]",
        "\"absences_left_out\": {\"count\": 3, \"longest_nanos\": 1}",
    ] {
        assert!(json.contains(part), "{part}\n{json}");
    }
}

#[test]
fn nothing_stands_over_lanes_where_states_are_hidden_or_not_known() {
    let hidden = Options::default().hide_states(true);
    let [page, _] = written(&operation(StateSource::Exact), &hidden);
    assert!(!page.contains("class=\"strip\""), "{page}");
    let unknown = operation(StateSource::None("as nobody knows".into()));
    let [page, _] = written(&unknown, &Options::default());
    assert!(!page.contains("class=\"strip\"") && !page.contains("of the path on a CPU"), "{page}");
}

#[test]
fn the_page_of_one_operation_tells_what_its_threads_did() {
    let operation = Operation::new(1, Vec::new(), sample::busy(), Chart::default());
    let [page, json] = written(&operation, &Options::default());
    for part in [
        "[disk]: asleep in a system call on a file",
        "the machine was busy: 18.4% of this time",
        "on CPU 520.0 ms, runnable 150.0 ms, blocked 340.0 ms, fault 90.00 ms, disk 210.0 ms, lock 60.00 ms, off-cpu 30.00 ms;",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(json.contains("\"wall_states\": {\"runnable_nanos\": 110000000}"), "{json}");
}
