//! The filter takes the spans it is told to, no events, and leaves others alone.

use tracing::{Level, Subscriber, debug_span, info_span, subscriber::with_default, trace_span};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::Flamed;

#[test]
fn spans_are_wanted_and_events_are_not() {
    let mut flamed = Flamed::new("--flame-filter debug");
    with_default(registry().with(flamed.session.layer()), || {
        assert!(tracing::span_enabled!(Level::DEBUG));
        assert!(!tracing::span_enabled!(Level::TRACE));
        assert!(!tracing::event_enabled!(Level::ERROR));
    });
}

#[test]
fn the_level_hint_is_the_filters_and_without_flame_it_is_off() {
    for (filter, hint) in [("debug", "debug"), ("info,a=trace", "trace"), ("trace,warn", "warn")] {
        let mut flamed = Flamed::new(&format!("--flame-filter {filter}"));
        let subscriber = registry().with(flamed.session.layer());
        let found = subscriber.max_level_hint().map(|level| level.to_string());
        assert_eq!(found.as_deref(), Some(hint), "{filter}");
    }
    let mut off = reth_cli_ext::FlameArgs::<reth_cli_ext::Plain>::default()
        .session()
        .expect("nothing to check");
    let subscriber = registry().with(off.layer());
    assert_eq!(subscriber.max_level_hint().map(|level| level.to_string()).as_deref(), Some("off"));
}

#[test]
fn spans_that_the_filter_refuses_are_passed_over_on_the_way_to_the_parent() {
    let mut flamed = Flamed::new("--flame-filter debug");
    with_default(registry().with(flamed.session.layer()), || {
        let _outer = info_span!("outer").entered();
        let _between = trace_span!("between").entered();
        let _inner = debug_span!("inner").entered();
    });
    let (stacks, _) = flamed.finish();
    assert_eq!(stacks, ["outer", "outer;inner"]);
}

#[test]
fn a_directive_may_name_a_span_within_which_more_is_recorded() {
    let mut flamed = Flamed::new("--flame-filter info,[outer]=trace");
    with_default(registry().with(flamed.session.layer()), || {
        trace_span!("alone").in_scope(|| ());
        info_span!("outer").in_scope(|| trace_span!("inner").in_scope(|| ()));
    });
    let (stacks, _) = flamed.finish();
    assert_eq!(stacks, ["outer", "outer;inner"]);
}

#[test]
fn a_directive_may_name_a_field_and_its_value() {
    let mut flamed = Flamed::new("--flame-filter [request{kind=1}]=trace");
    with_default(registry().with(flamed.session.layer()), || {
        for kind in [1, 2] {
            info_span!("request", kind).in_scope(|| match kind {
                1 => trace_span!("one").in_scope(|| ()),
                _ => trace_span!("other").in_scope(|| ()),
            });
        }
    });
    let (stacks, _) = flamed.finish();
    assert!(stacks.contains(&"request;one".to_owned()), "{stacks:?}");
    assert!(!stacks.iter().any(|stack| stack.ends_with("other")), "{stacks:?}");
}

#[test]
fn a_target_that_met_no_span_is_named_in_the_last_line() {
    let filter = "--flame-filter info,my-crate=debug,cli_met=trace,cli_late=info,cli_off=off";
    let mut flamed = Flamed::new(filter);
    with_default(registry().with(flamed.session.layer()), || {
        info_span!(target: "cli_met::within", "span").in_scope(|| ());
        debug_span!(target: "cli_late", "finer").in_scope(|| ());
    });
    let (stacks, end) = flamed.finish();
    assert_eq!(stacks, ["span"]);
    assert_eq!(
        end,
        "no span came by whose target begins with `my-crate` (--flame-filter) or `cli_late` \
         (--flame-filter); a target has `_` where its crate has `-`"
    );
}

#[test]
fn a_span_of_any_name_can_be_named() {
    let names = r#""GET_/users/{id}","a,b"{x=1}"#;
    let mut flamed = Flamed::new(&format!("--flame-filter info --flame-skip {names}"));
    with_default(registry().with(flamed.session.layer()), || {
        let _get = info_span!("GET_/users/{id}").entered();
        let _comma = info_span!("a,b", x = 1).entered();
        info_span!("kept").in_scope(|| ());
    });
    let (stacks, end) = flamed.finish();
    assert_eq!(stacks, ["kept"]);
    assert!(end.starts_with("wrote "), "{end}");
    let flamed = Flamed::new(r#"--flame-operation "none,such""#);
    assert!(flamed.finish().1.contains("no span was recorded"));
}

#[test]
fn targets_that_were_seen_and_refused_are_named() {
    let mut flamed = Flamed::new("--flame-filter elsewhere=trace");
    with_default(registry().with(flamed.session.layer()), || {
        info_span!(target: "cli_refused", "span").in_scope(|| ());
    });
    let (stacks, end) = flamed.finish();
    assert_eq!(stacks, Vec::<String>::new());
    assert!(end.contains("the filter `elsewhere=trace` refused every span that was seen"), "{end}");
}
