//! Values of fields in frames' names.

use tracing::{field::Empty, info_span};
use tracing_flame_layer::{
    FlameLayer, Profile, SpanFields,
    profile::{FieldValues, Node},
};

use crate::{semantics::cases::assert_drawn, semantics::scene::Scene};
use flame_oracle::Program;

/// A scene in which these fields are named.
fn naming(list: &str) -> Scene {
    Scene::with(FlameLayer::builder().fields(SpanFields::parse_list(list).expect("a list")))
}

fn others(profile: &Profile) -> Vec<Node> {
    let is_others =
        |node: &Node| node.frame.fields().is_some_and(|values| **values == FieldValues::Others);
    profile.nodes().iter().filter(is_others).collect()
}

#[test]
fn spans_of_one_name_with_different_values_are_different_frames() {
    let scene = naming("stage{name}");
    scene.play(|hands| {
        for (name, millis) in [("Headers", 10), ("Execution", 30), ("Headers", 5)] {
            let _stage = info_span!("stage", name).entered();
            hands.pass(millis);
        }
        let _other = info_span!("other", name = "Headers").entered();
        hands.pass(1);
    });
    scene.assert_wall(
        "
         other 1
         stage{name=Execution} 30
         stage{name=Headers} 15",
    );
    assert_eq!(scene.node("stage{name=Headers}").calls, 2);
}

#[test]
fn a_value_recorded_before_the_first_enter_names_the_frame_that_all_time_goes_to() {
    let program = Program::millis(
        "0 t: new a at root
         5 t: record 7 in a
        10 t: enter a
        30 t: open b, close b, close a",
    )
    .fields(&["a"]);
    let profile = assert_drawn(&program, "a{x=7} 20");
    assert_eq!(profile.nodes().len(), 2, "the frame without a value is not there");
    assert_eq!(profile.anomalies().late_values, 0);
}

#[test]
fn a_value_recorded_after_the_first_enter_is_counted_and_changes_nothing() {
    let program = Program::millis(
        " 0 t: open a
         10 t: record 7 in a
         20 t: close a",
    )
    .fields(&["a"]);
    let profile = assert_drawn(&program, "a 20");
    assert_eq!(profile.anomalies().late_values, 1);
}

#[test]
fn a_span_that_has_a_child_has_the_frame_that_its_child_stands_on() {
    let program = Program::millis(
        " 0 t: new a
          0 t: open b under a
         10 t: record 7 in a
         20 t: close b
         20 t: enter a
         30 t: close a",
    )
    .fields(&["a"]);
    let wall = "
        a 10
          b 20";
    assert_eq!(assert_drawn(&program, wall).anomalies().late_values, 1);
}

#[test]
fn a_value_may_be_recorded_on_another_thread_than_its_spans_own() {
    let program = Program::millis(
        " 0 t: open a
          0 t: new b under a
          5 u: record 1 in b
          5 u: new c at root
          6 t: record 2 in c
         10 u: enter b, enter c
         20 u: close c, close b
         20 t: close a",
    )
    .fields(&["b", "c"]);
    let wall = "
        a 10
          b{x=1} 10
        c{x=2} 10";
    assert_drawn(&program, wall);
}

#[test]
fn a_call_with_a_named_field_counts_where_it_is_entered_first() {
    let program = Program::millis(
        " 0 t: new a, new a#2, record 1 in a
          5 t: snapshot
         10 t: enter a
         20 t: close a",
    )
    .fields(&["a"]);
    let profile = assert_drawn(&program, "a{x=1} 10");
    let calls: Vec<u64> = profile.nodes().iter().map(|node| node.measures.calls).collect();
    assert_eq!(calls, [1], "one that is never entered is no call");
}

#[test]
fn several_fields_stand_in_the_order_named_and_those_without_a_value_are_left_out() {
    let scene = naming("job{size,kind},job{kind,missing}");
    scene.play(|hands| {
        let spans = [
            info_span!("job", kind = "a", size = 1, other = true),
            info_span!("job", kind = Empty, size = 2_u8),
            info_span!("job", kind = Empty, size = Empty),
            info_span!("job", kind = Empty, size = 3),
        ];
        spans[3].record("kind", "late, \"quoted\"");
        for span in spans {
            let _job = span.entered();
            hands.pass(1);
        }
    });
    scene.assert_wall(
        "
         job 1
         job{size=1,kind=a} 1
         job{size=2} 1
         job{size=3,kind=\"late, \\\"quoted\\\"\"} 1",
    );
}

#[test]
fn however_a_string_is_recorded_it_is_the_same_value() {
    let scene = naming("s{v}");
    scene.play(|hands| {
        let text = "a b";
        for span in [
            info_span!("s", v = text),
            info_span!("s", v = %text),
            info_span!("s", v = ?text),
            info_span!("s", v = Some(text)),
        ] {
            let _entered = span.entered();
            hands.pass(1);
        }
    });
    scene.assert_wall("s{v=a b} 4");
}

#[test]
fn of_very_many_distinct_values_64_are_told_apart_and_the_rest_are_counted() {
    const SPANS: u64 = 50_000;
    let scene = naming("s{id}");
    scene.play(|_| {
        for id in 0..SPANS {
            let _entered = info_span!("s", id).entered();
        }
    });
    let profile = scene.profile();
    assert_eq!(profile.nodes().len(), 65);
    let [others] = &others(&profile)[..] else { panic!("one node for all others") };
    assert_eq!(others.measures.calls, SPANS - 64);
    assert_eq!(profile.anomalies().merged_values, SPANS - 64);
}

#[test]
fn how_many_values_are_told_apart_is_a_setting_and_holds_for_each_callsite() {
    let fields = SpanFields::parse_list("s{id},t{id}").expect("a list");
    let scene = Scene::with(FlameLayer::builder().fields(fields).max_field_values(2));
    scene.play(|hands| {
        for id in 0..5 {
            let _entered = info_span!("s", id).entered();
            hands.pass(1);
        }
        for id in [7, 8] {
            let _entered = info_span!("t", id).entered();
            hands.pass(1);
        }
    });
    scene.assert_wall(
        "
         s{id=0} 1
         s{id=1} 1
         s{…} 3
         t{id=7} 1
         t{id=8} 1",
    );
    assert_eq!(scene.profile().anomalies().merged_values, 3);
}

#[test]
fn of_a_value_of_a_megabyte_the_start_is_kept() {
    let scene = naming("s{v}");
    scene.play(|hands| {
        let long = "x".repeat(1 << 20);
        let _entered = info_span!("s", v = long).entered();
        hands.pass(1);
    });
    scene.assert_wall(&format!("s{{v={}…}} 1", "x".repeat(80)));
}

#[test]
fn a_value_that_makes_spans_while_it_is_formatted_loses_none_of_them() {
    struct Chatty;
    impl std::fmt::Debug for Chatty {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            let _inner = info_span!("inner", v = 1).entered();
            f.write_str("chatty")
        }
    }
    let scene = naming("outer{v},inner{v}");
    scene.play(|hands| {
        let outer = info_span!("outer", v = Empty);
        outer.record("v", tracing::field::debug(Chatty));
        let _entered = outer.entered();
        hands.pass(1);
    });
    assert_eq!(scene.node("outer{v=chatty}").wall_nanos, 1_000_000);
    assert_eq!(scene.node("inner{v=1}").calls, 1);
    assert_eq!(scene.profile().anomalies().reentered, 0);
}

#[test]
fn a_filtered_layer_takes_values_that_are_recorded_too() {
    use tracing::{Dispatch, dispatcher, level_filters::LevelFilter};
    use tracing_subscriber::{layer::SubscriberExt, registry};

    let fields = || SpanFields::parse_list("s{v}").expect("a list");
    let (one, one_flame) = FlameLayer::builder().fields(fields()).build();
    let (other, other_flame) = FlameLayer::builder().fields(fields()).build();
    let one = registry().with(one.with_filter(LevelFilter::INFO));
    let other = registry().with(other.with_filter(LevelFilter::INFO));
    for (dispatch, flame) in [(Dispatch::new(one), one_flame), (Dispatch::new(other), other_flame)]
    {
        dispatcher::with_default(&dispatch, || {
            let span = info_span!("s", v = Empty);
            span.record("v", 1);
            let _entered = span.entered();
        });
        let profile = flame.snapshot();
        let node = profile.nodes().get(0).expect("a node");
        let fields = node.frame.fields().expect("a value");
        assert_eq!(fields.to_string(), "{v=1}");
    }
}
