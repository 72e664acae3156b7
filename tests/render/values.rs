//! Values of fields as programs record them, in every picture.

use proptest::prelude::*;
use tracing::{Dispatch, dispatcher, info_span};
use tracing_flame_layer::{
    Clock, FlameLayer, Profile, SpanFields,
    render::{Format, Options},
};
use tracing_subscriber::{layer::SubscriberExt, registry};

use flame_oracle::formats::{expected::Box, read_folded, read_svg, sample};

/// What is recorded of a span that takes a microsecond, with this value.
fn recorded(value: &str, as_debug: bool) -> Profile {
    let now = std::sync::atomic::AtomicU64::new(0);
    // Each reading is a microsecond after the one before.
    let clock = move || now.fetch_add(1_000, std::sync::atomic::Ordering::Relaxed);
    let fields = SpanFields::parse_list("s{v}").expect("a list");
    let (layer, flame) =
        FlameLayer::builder().clock(Clock::from_nanos(clock)).fields(fields).build();
    dispatcher::with_default(&Dispatch::new(registry().with(layer)), || {
        let span = if as_debug { info_span!("s", v = ?value) } else { info_span!("s", v = value) };
        drop(span.entered());
    });
    flame.snapshot()
}

/// A fault: by `Debug` a string was cut off with its quotes, and one with a quote, a
/// backslash or a tab kept its escapes.
#[test]
fn a_string_is_one_frame_recorded_by_debug_and_by_display() {
    let x = |length| "x".repeat(length);
    for value in [x(79), x(80), x(81), x(200), r"C:\dir".to_owned(), "a \"b\"\tc".to_owned()] {
        let [debug, display] = [true, false].map(|as_debug| recorded(&value, as_debug));
        let frame = |profile: &Profile| profile.nodes().get(0).expect("a node").frame;
        assert_eq!(frame(&debug), frame(&display), "{value}");
    }
}

fn written(profile: &Profile, format: Format) -> String {
    let mut bytes = Vec::new();
    let options = Options::default().hide_await(true);
    profile.write(format, &mut bytes, &options).expect("written to memory");
    String::from_utf8(bytes).expect("UTF-8")
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::sample::select(sample::NASTY.to_vec()).prop_map(str::to_owned),
        3 => any::<String>(),
        2 => proptest::collection::vec(any::<u8>(), 0..40)
            .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        2 => proptest::collection::vec(0..=0x9f_u8, 0..40)
            .prop_map(|bytes| bytes.into_iter().map(char::from).collect()),
        1 => any::<char>().prop_map(|c| c.to_string().repeat(1_000)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_gives_a_valid_picture_in_which_it_can_be_read(
        value in value(),
        as_debug in any::<bool>(),
    ) {
        let profile = recorded(&value, as_debug);
        let frame = &profile.nodes().get(0).unwrap().frame;
        let name = format!("s{}", frame.fields().expect("a value"));
        let stack = vec![Box::Named(name.clone())];
        let boxes = read_svg::boxes(&written(&profile, Format::Svg));
        prop_assert_eq!(read_svg::totals(&boxes).into_keys().collect::<Vec<_>>(), [stack.clone()]);
        let folded = read_folded::read(&written(&profile, Format::Folded));
        prop_assert_eq!(folded.into_keys().collect::<Vec<_>>(), [stack]);
        let table = written(&profile, Format::Table);
        prop_assert!(!table.contains(|c: char| c.is_control() && c != '\n'), "{}", table);
    }
}

#[test]
fn values_past_the_bound_are_counted_in_the_picture_the_table_and_the_json() {
    let fields = SpanFields::parse_list("s{v}").expect("a list");
    let (layer, flame) = FlameLayer::builder().fields(fields).max_field_values(3).build();
    dispatcher::with_default(&Dispatch::new(registry().with(layer)), || {
        for v in 0..2_003 {
            let span = info_span!("s", v).entered();
            span.record("v", v + 10_000);
        }
    });
    let profile = flame.snapshot();
    let told = "drawn as {…} (2,000)";
    let late = "that came after a span was entered, ignored (3)";
    for format in [Format::Svg, Format::Table] {
        // The table breaks lines.
        let text = written(&profile, format).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(told) && text.contains(late), "{text}");
    }
    let json = written(&profile, Format::Json);
    assert!(json.contains("\"merged_values\": 2000, \"late_values\": 3"), "{json}");
    assert!(
        json.contains("\"fields\": [[\"v\", \"2\"]]") && json.contains("\"other_fields\": true")
    );
}
