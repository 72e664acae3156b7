use std::thread;

use tracing::{dispatcher, info_span};
use tracing_flame_layer::{FlameLayer, profile::Measures, render::Options};

use super::stopwatch::{Hands, node, watch};

#[test]
fn percentiles_are_of_the_calls_that_ended_while_time_was_taken() {
    let hands = Hands::default();
    let call = |latency| info_span!("call").in_scope(|| hands.pass(latency));
    let builder = FlameLayer::builder().clock(hands.clock()).paused(true);
    let (profile, _) = watch(builder, |flame| {
        call(1_000_000);
        flame.start();
        [10, 100].into_iter().for_each(call);
        flame.stop();
        call(2_000_000);
        flame.start();
        [10, 11].into_iter().for_each(call);
        flame.stop();
        call(4_000_000);
    });
    let node = node(&profile, "call");
    assert_eq!(node.latencies.buckets(), [(10, 2), (11, 1), (103, 1)]);
    assert_eq!(node.measures.max_latency_nanos, 100);
}

#[test]
fn a_call_that_is_still_open_counts_with_what_it_took_so_far() {
    let hands = Hands::default();
    let builder = FlameLayer::builder().clock(hands.clock());
    let (mut profiles, mut open) = (Vec::new(), None);
    watch(builder, |flame| {
        open = Some(info_span!("call").entered());
        for _ in 0..2 {
            hands.pass(8);
            profiles.push(flame.snapshot());
        }
        drop(open.take());
        profiles.push(flame.snapshot());
    });
    let buckets = profiles.iter().map(|profile| node(profile, "call").latencies.buckets().to_vec());
    assert_eq!(buckets.collect::<Vec<_>>(), [[(8, 1)], [(17, 1)], [(17, 1)]]);
}

#[test]
fn an_operation_open_before_the_window_lived_in_it() {
    let hands = Hands::default();
    let builder = FlameLayer::builder().clock(hands.clock()).paused(true);
    let builder = builder.operations(["block"]);
    let block = || info_span!("block").entered();
    let (profile, _) = watch(builder, |flame| {
        let first = block();
        flame.start();
        hands.pass(10);
        drop(first);
        let _second = block();
        hands.pass(20);
    });
    let node = node(&profile, "block");
    assert_eq!((node.measures.started, node.lived()), (1, 2));
    assert_eq!(profile.named_operations().len(), 1);
}

#[test]
fn windows_that_share_a_mark_add_up_with_open_spans_in_both() {
    let hands = Hands::default();
    let mut windows = Vec::new();
    let (profile, _) = watch(FlameLayer::builder().clock(hands.clock()), |flame| {
        let marks: Vec<_> = (0..4)
            .map(|_| {
                let call = info_span!("call").entered();
                hands.pass(10);
                let mark = flame.mark();
                hands.pass(20);
                drop(call);
                mark
            })
            .collect();
        windows.extend(marks.windows(2).map(|pair| flame.between(&pair[0], &pair[1]).unwrap()));
        windows.push(flame.since(&marks[3]).unwrap());
    });
    let figures = windows.iter().map(|window| {
        let node = node(window, "call");
        let Measures { calls, wall_nanos, open_before, .. } = node.measures;
        (calls, wall_nanos, open_before, window.operations(), window.window().length.as_nanos())
    });
    let figures: Vec<_> = figures.collect();
    assert_eq!(figures[..3], [(1, 30, 1, 2, 30); 3]);
    assert_eq!(figures[3], (0, 20, 1, 1, 20));
    assert_eq!(node(&profile, "call").measures.wall_nanos, 120);
}

#[test]
fn a_window_leaves_out_what_was_not_taken_whichever_way_round_its_marks_are() {
    let hands = Hands::default();
    let call = |latency| info_span!("call").in_scope(|| hands.pass(latency));
    watch(FlameLayer::builder().clock(hands.clock()), |flame| {
        let first = flame.mark();
        call(100);
        let open = info_span!("open").entered();
        flame.stop();
        let stopped = flame.mark();
        call(1_000);
        drop(open);
        let still_stopped = flame.mark();
        flame.start();
        call(10);
        let last = flame.mark();

        let whole = flame.between(&last, &first).unwrap();
        let calls = node(&whole, "call");
        assert_eq!((calls.measures.calls, calls.measures.wall_nanos), (2, 110));
        assert_eq!(whole.window().length.as_nanos(), 110);
        assert_eq!((calls.measures.max_latency_nanos, whole.operations()), (100, 3));

        let pause = flame.between(&stopped, &still_stopped).unwrap();
        assert_eq!((pause.nodes().len(), pause.operations()), (0, 0), "{pause:?}");

        let end = flame.between(&stopped, &last).unwrap();
        assert_eq!((end.nodes().len(), end.operations()), (1, 1), "{end:?}");
        let end = node(&end, "call");
        assert_eq!((end.lived(), end.latencies.buckets()), (1, &[(10, 1)][..]));
        assert_eq!(end.measures.max_latency_nanos, 10);
    });
}

#[test]
fn a_mark_of_another_handle_begins_no_window() {
    let (_layer, flame) = FlameLayer::new();
    let (_other_layer, other) = FlameLayer::new();
    let own = flame.clone().mark();
    assert!(flame.since(&own).is_ok() && flame.between(&own, &flame.mark()).is_ok());
    for foreign in [other.mark(), flame.independent().mark()] {
        let error = flame.since(&foreign).unwrap_err();
        assert!(error.to_string().contains("another handle"), "{error}");
        assert_eq!(flame.between(&own, &foreign).unwrap_err(), error);
        assert_eq!(flame.between(&foreign, &own).unwrap_err(), error);
    }
}

#[test]
fn an_independent_handle_takes_time_while_the_other_does_not() {
    let hands = Hands::default();
    let call = |latency| info_span!("call").in_scope(|| hands.pass(latency));
    let builder = FlameLayer::builder().clock(hands.clock()).paused(true);
    let (profile, _) = watch(builder, |flame| {
        call(1_000);
        let independent = flame.independent();
        call(100);
        flame.start();
        call(10);
        flame.stop();
        call(1);
        independent.stop();
        call(1);

        let seen = independent.snapshot();
        let node = node(&seen, "call");
        assert_eq!((node.measures.calls, node.measures.wall_nanos), (3, 111));
        let longest = (node.measures.max_latency_nanos, node.measures.max_latency_is_bound);
        assert_eq!(longest, (103, true), "what the other's start forgot is known by its bucket");
    });
    assert_eq!(node(&profile, "call").measures.wall_nanos, 10);
    assert_eq!(node(&profile, "call").measures.max_latency_nanos, 10);
}

#[test]
fn a_window_in_which_a_span_is_only_open_tells_of_it_like_any_other() {
    let hands = Hands::default();
    let mut table = Vec::new();
    watch(FlameLayer::builder().clock(hands.clock()), |flame| {
        let _open = info_span!("open").entered();
        let mark = flame.mark();
        hands.pass(30);
        let window = flame.since(&mark).unwrap();
        assert!(!window.is_empty());
        window.write_table(&mut table, &Options::default()).unwrap();
    });
    let table = String::from_utf8(table).unwrap();
    assert!(table.contains("width = wall-clock time"), "{table}");
    assert!(table.contains("30 ns    100%") && table.contains("1 operation"), "{table}");
}

#[test]
fn a_window_counts_the_threads_that_lived_in_it() {
    let hands = Hands::default();
    let call = || info_span!("call").in_scope(|| hands.pass(10));
    let call_elsewhere = || {
        let dispatch = dispatcher::get_default(Clone::clone);
        let call = || dispatcher::with_default(&dispatch, call);
        thread::scope(|scope| scope.spawn(call).join().expect("no panic"));
    };
    watch(FlameLayer::builder().clock(hands.clock()), |flame| {
        let mut marks = vec![flame.mark()];
        for threads in 1..4 {
            call();
            (1..threads).for_each(|_| call_elsewhere());
            marks.push(flame.mark());
        }
        call();
        marks.push(flame.mark());
        let threads = marks.windows(2).map(|pair| {
            let window = flame.between(&pair[0], &pair[1]).unwrap();
            window.threads().iter().map(|thread| thread.threads).sum::<u64>()
        });
        assert_eq!(threads.collect::<Vec<_>>(), [1, 2, 3, 1]);
    });
}
