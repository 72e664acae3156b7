use proptest::{collection::vec, prelude::*};
use tracing::info_span;
use tracing_flame_layer::FlameLayer;

use super::stopwatch::{Hands, node, watch};

/// From nothing to hours, most of them close together.
fn latencies() -> impl Strategy<Value = Vec<u64>> {
    let latency = prop_oneof![0..20_u64, 900_000..1_100_000_u64, 0..1_u64 << 45];
    vec(latency, 1..200)
}

/// The latency that so many per cent of a sorted list do not exceed.
fn exact(latencies: &[u64], percent: u8) -> u64 {
    let rank = (latencies.len() * usize::from(percent)).div_ceil(100);
    latencies[rank.max(1) - 1]
}

proptest! {
    #[test]
    fn percentiles_are_those_of_the_exact_list_and_less_than_an_eighth_too_long(
        latencies in latencies(),
    ) {
        let hands = Hands::default();
        let builder = FlameLayer::builder().clock(hands.clock());
        let (profile, stopwatch) = watch(builder, |_| {
            for latency in latencies {
                let _call = info_span!("call").entered();
                hands.pass(latency);
            }
        });
        let (node, exactly) = (node(&profile, "call"), stopwatch.of("call"));
        for percent in [50, 90, 99, 100] {
            let (told, exact) = (node.percentile_nanos(percent).unwrap(), exact(&exactly, percent));
            let most = exact + exact / 8;
            prop_assert!((exact..=most).contains(&told), "p{percent} is {told}, not {exact}..={most}");
        }
        prop_assert_eq!(node.latencies.calls(), exactly.len() as u64);
        prop_assert_eq!(node.measures.latency_nanos, exactly.iter().sum::<u64>());
        prop_assert_eq!(Some(&node.measures.max_latency_nanos), exactly.last());
        prop_assert!(!node.measures.max_latency_is_bound);
    }
}

#[test]
fn calls_that_end_on_other_threads_and_threads_that_end_are_all_there() {
    let hands = Hands::default();
    let builder = FlameLayer::builder().clock(hands.clock());
    let (profile, _) = watch(builder, |_| {
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        for latency in [10, 20, 3_000] {
            let call = info_span!("call");
            call.in_scope(|| hands.pass(latency));
            let drop_it = || tracing::dispatcher::with_default(&dispatch, || drop(call));
            std::thread::scope(|threads| threads.spawn(drop_it).join().expect("no panic"));
        }
    });
    let buckets = node(&profile, "call").latencies.buckets().to_vec();
    assert_eq!(buckets, [(10, 1), (21, 1), (3_071, 1)]);
}
