//! What is open now, and where it is.

use tracing::{debug_span, info_span, subscriber::with_default};
use tracing_flame_layer::{Builder, Flame, FlameLayer, profile::OpenOperation};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::Now;

const MS: u64 = 1_000_000;

fn with_layer(settings: impl FnOnce(Builder) -> Builder, run: impl FnOnce(&Flame, &Now)) {
    let now = Now::default();
    let builder = FlameLayer::builder().clock(now.clock()).operations(["block"]);
    let (layer, flame) = settings(builder).build();
    with_default(registry().with(layer), || run(&flame, &now));
}

fn lines(flame: &Flame) -> Vec<String> {
    flame.open().iter().map(OpenOperation::to_string).collect()
}

/// The thread of a test is called what the test is.
fn this_thread() -> String {
    std::thread::current().name().unwrap_or("<unnamed>").to_owned()
}

#[test]
fn what_is_open_is_told_of_with_where_each_thread_is() {
    with_layer(
        |builder| builder.classes(true),
        |flame, now| {
            assert_eq!(lines(flame), [""; 0]);
            let _block = info_span!("block", number = 7).entered();
            now.pass(10 * MS);
            {
                let _commit = debug_span!("commit").entered();
                now.pass(20 * MS);
                let me = this_thread();
                let unknown = "in a state that is not known in";
                let expected = format!(
                    "block{{number=7}} open for 30.0 ms: {me} {unknown} block > commit (for 20.0 ms)"
                );
                assert_eq!(lines(flame), [expected]);
            }
            let open = flame.open();
            assert!(open[0].is_named);
            assert_eq!(open[0].threads[0].span.stack, ["block"]);
            assert_eq!(open[0].key(), flame.open()[0].key());
        },
    );
}

#[test]
fn what_no_thread_is_in_awaits_in_its_innermost_spans() {
    with_layer(
        |builder| builder,
        |flame, now| {
            let block = info_span!("block");
            block.in_scope(|| now.pass(MS));
            let fetch = debug_span!(parent: &block, "fetch");
            fetch.in_scope(|| now.pass(MS));
            now.pass(5 * MS);
            let expected = "block open for 7.00 ms: awaiting block > fetch (for 6.00 ms)";
            assert_eq!(lines(flame), [expected]);
            drop(fetch);
            assert_eq!(lines(flame), ["block open for 7.00 ms: awaiting block (for 7.00 ms)"]);
            drop(block);
            assert_eq!(lines(flame), [""; 0]);
        },
    );
}

#[test]
fn the_one_that_has_been_open_for_longest_comes_first_named_or_not() {
    with_layer(
        |builder| builder,
        |flame, now| {
            let names = |flame: &Flame| -> Vec<(String, bool)> {
                flame.open().into_iter().map(|open| (open.name, open.is_named)).collect()
            };
            let main = info_span!("main").entered();
            now.pass(MS);
            let block = info_span!("block").entered();
            now.pass(MS);
            let both = [("main".to_owned(), false), ("block".to_owned(), true)];
            assert_eq!(names(flame), both);
            drop(block);
            assert_eq!(names(flame), both[..1]);
            drop(main);
        },
    );
}

#[test]
fn asking_what_is_open_changes_nothing_that_is_measured() {
    let run = |asks: bool| {
        let mut folded = Vec::new();
        with_layer(
            |builder| builder,
            |flame, now| {
                for _ in 0..3 {
                    let _root = info_span!("root").entered();
                    now.pass(3);
                    let _child = debug_span!("child").entered();
                    now.pass(5);
                    if asks {
                        assert_eq!(flame.open().len(), 1);
                    }
                }
                let profile = flame.snapshot();
                profile.write_folded(&mut folded, &Default::default()).expect("memory");
            },
        );
        String::from_utf8(folded).expect("text")
    };
    assert_eq!(run(true), run(false));
}
