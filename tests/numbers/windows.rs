use tracing::info_span;
use tracing_flame_layer::FlameLayer;

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
    let builder = builder.operations(["block".parse().unwrap()]);
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
