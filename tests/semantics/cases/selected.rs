//! Spans that are named by values of their fields.

use tracing::{field::Empty, info_span};
use tracing_flame_layer::{FlameLayer, SpanFields, SpanSelector};

use crate::semantics::scene::Scene;

fn selectors(list: &str) -> Vec<SpanSelector> {
    SpanSelector::parse_list(list).expect("a list")
}

#[test]
fn an_operation_is_an_instance_that_has_the_value() {
    let fields = SpanFields::parse_list("block{number}").expect("a list");
    let builder = FlameLayer::builder().operations(selectors("block{number=2}")).fields(fields);
    let scene = Scene::with(builder);
    scene.play(|hands| {
        let _import = info_span!("import").entered();
        for number in 1..=3_u64 {
            let _block = info_span!("block", number).entered();
            hands.pass(number);
        }
    });
    scene.assert_wall(
        "
         block{number=2} 2
         import 2
           block{number=1} 1
           block{number=3} 3",
    );
    let profile = scene.profile();
    let [operation] = profile.named_operations() else { panic!("one root is named") };
    let frame = &profile.node(*operation).frame;
    assert_eq!(frame.fields().expect("a value").to_string(), "{number=2}");
}

#[test]
fn a_root_of_which_no_span_had_the_value_is_not_named_an_operation() {
    let scene = Scene::with(FlameLayer::builder().operations(selectors("block{number=2},other")));
    scene.play(|hands| {
        let _block = info_span!("block", number = 1).entered();
        hands.pass(1);
    });
    assert_eq!(scene.profile().named_operations(), []);
}

#[test]
fn of_several_values_all_have_to_fit() {
    let scene = Scene::with(FlameLayer::builder().skip(selectors(r#"s{a=1,b="x, y"}"#)));
    scene.play(|hands| {
        for (a, b) in [(1, "x, y"), (1, "x"), (2, "x, y")] {
            let _root = info_span!("root").entered();
            let _s = info_span!("s", a, b).entered();
            hands.pass(1);
        }
        let _without = info_span!("s", a = 1).entered();
        hands.pass(1);
    });
    assert_eq!(scene.node("root").wall_nanos, 1_000_000);
    assert_eq!(scene.node("root;s").calls, 2);
    assert_eq!(scene.node("s").calls, 1, "another callsite, which lacks a field");
}

#[test]
fn a_value_fits_however_it_is_recorded() {
    let scene = Scene::with(FlameLayer::builder().skip(selectors("s{v=it is}")));
    scene.play(|_| {
        let text = "it is";
        for span in [
            info_span!("s", v = text),
            info_span!("s", v = %text),
            info_span!("s", v = ?text),
            info_span!("s", v = format_args!("it {}", "is")),
            info_span!("s", v = "it isn't"),
            info_span!("s", v = Empty),
        ] {
            let _entered = span.entered();
        }
    });
    assert_eq!(scene.node("s").calls, 2);
}

#[test]
fn a_field_without_a_value_asked_for_fits_any() {
    let scene = Scene::with(FlameLayer::builder().skip(selectors("s{v}")));
    scene.play(|_| {
        for span in [info_span!("s", v = 1), info_span!("s", v = ""), info_span!("s", v = Empty)] {
            let _entered = span.entered();
        }
    });
    assert_eq!(scene.node("s").calls, 1);
}

#[test]
fn numbers_and_truths_fit_as_they_are_written() {
    let selectors = selectors("s{v=-3},s{v=true},s{v=18446744073709551615},s{v=1.5}");
    let scene = Scene::with(FlameLayer::builder().skip(selectors));
    scene.play(|_| {
        for span in [
            info_span!("s", v = -3),
            info_span!("s", v = true),
            info_span!("s", v = u64::MAX),
            info_span!("s", v = 1.5),
            info_span!("s", v = 3),
        ] {
            let _entered = span.entered();
        }
    });
    assert_eq!(scene.node("s").calls, 1);
}

#[test]
fn a_value_recorded_later_makes_no_operation_of_a_span() {
    let scene = Scene::with(FlameLayer::builder().operations(selectors("s{v=1}")));
    scene.play(|hands| {
        let _root = info_span!("root").entered();
        let s = info_span!("s", v = Empty);
        s.record("v", 1);
        let _entered = s.entered();
        hands.pass(1);
    });
    scene.assert_wall("root 0\n  s 1");
}

#[test]
fn an_instance_may_be_idle_and_another_not() {
    let scene = Scene::with(FlameLayer::builder().idle(selectors("worker{of=pool}")));
    scene.play(|hands| {
        let root = info_span!("root").entered();
        scene.elsewhere(|_| {
            let pool = info_span!(parent: &root, "worker", of = "pool").entered();
            hands.pass(10);
            drop(pool);
            let _own = info_span!(parent: &root, "worker", of = "own").entered();
            hands.pass(10);
        });
    });
    scene.assert_wall("root 10\n  worker 10");
}
