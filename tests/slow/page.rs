//! The page of one operation.

use tracing::{debug_span, info_span};
use tracing_flame_layer::{SpanFields, profile::Operation, render::Options};

use super::{Now, recorded};

pub(super) fn page(operation: &Operation) -> String {
    let mut page = Vec::new();
    operation.write_svg(&mut page, &Options::default()).expect("it fits into memory");
    String::from_utf8(page).expect("text")
}

/// 10 ms in `block`, 30 in `a`, 60 in `commit`.
fn sample(now: &Now) {
    let _block = info_span!("block", number = 7, hash = "<&\">").entered();
    let work = |name: &str, millis: u64| {
        let span = if name == "a" { debug_span!("a") } else { debug_span!("commit") };
        span.in_scope(|| now.pass(millis * 1_000_000));
    };
    now.pass(10_000_000);
    work("a", 30);
    work("commit", 60);
}

pub(super) fn operation() -> Operation {
    let flame = recorded(|builder| builder.slowest(1), sample);
    flame.slowest().pop().expect("one operation")
}

#[test]
fn a_page_says_what_its_critical_path_means() {
    let page = page(&operation());
    for part in [
        "block{number=7,hash=&lt;&amp;&quot;&gt;}",
        "Without `commit` this `block` could have taken 40.00 ms instead of 100.0 ms at best.",
        "60.00 ms (60.0%) at `commit` itself; without it and all below it 40.00 ms at best",
        "30.00 ms (30.0%) at `a` itself; without it and all below it 70.00 ms at best",
        "In the order of time",
        "60.00 ms of it on the critical path",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn a_page_is_a_valid_picture_with_a_box_for_each_visit() {
    let page = page(&operation());
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(&page, options).expect("valid XML");
    let chart =
        document.descendants().find(|node| node.attribute("id") == Some("chart")).expect("a chart");
    let boxes: Vec<(String, f64, f64)> = chart
        .children()
        .filter(|node| node.has_tag_name("svg"))
        .map(|node| {
            let percent = |name| -> f64 {
                let text = node.attribute(name).unwrap_or_default();
                text.trim_end_matches('%').parse().expect("a number")
            };
            let title = node.descendants().find(|node| node.has_tag_name("title"));
            let title = title.and_then(|title| title.text()).unwrap_or_default();
            let label = title.split(" (").next().unwrap_or_default().to_owned();
            (label, percent("x"), percent("width"))
        })
        .collect();
    let expected = |boxes: &[(&str, f64, f64)]| -> Vec<(String, f64, f64)> {
        boxes.iter().map(|(label, x, width)| ((*label).to_owned(), *x, *width)).collect()
    };
    assert_eq!(
        boxes,
        expected(&[
            ("block", 0.0, 10.0),
            ("a", 10.0, 30.0),
            ("commit", 40.0, 60.0),
            ("block", 0.0, 100.0),
            ("a", 10.0, 30.0),
            ("commit", 40.0, 60.0),
        ]),
        "the critical path, then the visits"
    );
}

#[test]
fn what_is_logged_in_an_operation_stands_beside_its_picture() {
    let flame = recorded(
        |builder| builder.slowest(1).events(tracing::Level::INFO),
        |now| {
            tracing::info!("before");
            let _block = info_span!("block").entered();
            now.pass(5_000_000);
            debug_span!("a").in_scope(|| tracing::warn!(code = 7, "<careful>"));
            tracing::debug!("too fine");
            (0..300).for_each(|i| tracing::info!(i, "often"));
            now.pass(5_000_000);
        },
    );
    let operation = flame.slowest().pop().expect("one operation");
    let log = operation.log();
    assert_eq!((log.lines.len(), log.omitted), (200, 101));
    assert_eq!(
        (log.lines[0].at_nanos, log.lines[0].text.as_str()),
        (5_000_000, "<careful> code=7")
    );
    let page = page(&operation);
    assert!(page.contains("5.000 ms  WARN flame::slow::page: &lt;careful&gt; code=7"), "{page}");
    assert!(page.contains("and 101 more") && !page.contains("too fine"));
}

#[test]
fn a_box_too_narrow_for_a_figure_leaves_the_picture_valid() {
    let flame = recorded(
        |builder| builder.slowest(1),
        |now| {
            let _block = info_span!("block").entered();
            debug_span!("a").in_scope(|| now.pass(1));
            now.pass(1_000_000_000);
        },
    );
    let page = page(&flame.slowest()[0]);
    assert!(page.contains("a (1 ns, &lt;0.001%; from 0 to 1 ns)"), "{page}");
    assert!(page.contains("1 operation, 2 spans, 1 thread,"), "it says what was in it");
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    roxmltree::Document::parse_with_options(&page, options).expect("valid XML");
}

#[test]
fn a_page_is_valid_whatever_values_and_titles_are_made_of() {
    let told = [
        ("\u{1b}[31mred", "\\u{1b}[31mred"),
        ("a\0b", "a\\u{0}b"),
        ("\u{fffe}\u{ffff}", "\\u{fffe}\\u{ffff}"),
        ("<&'\r\n]]>", "<&'\\u{d}\\u{a}]]>"),
    ];
    for (value, written) in told {
        let fields = SpanFields::parse_list("query{sql}").expect("a list");
        let flame = recorded(
            |builder| builder.slowest(1).events(tracing::Level::INFO).fields(fields),
            |now| {
                let _block = info_span!("block", value).entered();
                let _query = info_span!("query", sql = value).entered();
                tracing::info!(value, "said");
                now.pass(1_000_000);
            },
        );
        let mut page = Vec::new();
        let options = Options::default().title(value);
        flame.slowest()[0].write_svg(&mut page, &options).expect("it fits into memory");
        let page = String::from_utf8(page).expect("text");
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
        let document = roxmltree::Document::parse_with_options(&page, options)
            .unwrap_or_else(|e| panic!("{value:?}: {e}"));
        let path = format!("Without `query{{sql={written}}}` this `block` could have");
        let is_told =
            |node: roxmltree::Node<'_, '_>| node.text().is_some_and(|t| t.starts_with(&path));
        assert!(document.descendants().any(is_told), "{path}");
    }
}
