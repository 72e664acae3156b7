//! Whether everybody can use the page: an audit by axe-core, from its npm package, and a
//! phone's width.

use std::{fs, time::Duration};

use serde_json::Value;
use tracing::{dispatcher::with_default, info_span};
use tracing_flame_layer::{
    Profile,
    render::{Options, Report},
};

use super::{tab::Tab, viewer::Viewer};
use crate::{listen::Listening, tools};
use flame_oracle::formats::sample;

/// Has what axe finds wrong, a line each.
const AUDIT: &str = "axe.run().then(({ violations }) => violations.flatMap(rule =>
    rule.nodes.map(node => rule.id + ': ' + node.target + ': ' + node.failureSummary)))";

/// Audits a page as it is now, in the light and in the dark, on a desk and on a phone.
fn audit(viewer: &mut Viewer, axe: &str, what: &str) {
    viewer.0.evaluate(axe);
    for (width, dark) in [(1280, false), (1280, true), (390, false)] {
        viewer.0.emulate(width, dark);
        let found: Vec<String> =
            serde_json::from_value(viewer.0.evaluate(AUDIT)).expect("a list of lines");
        let theme = if dark { "dark" } else { "light" };
        assert!(found.is_empty(), "{what}, {width} pixels, {theme}:\n{}", found.join("\n"));
        let wide = viewer.look("document.documentElement.scrollWidth - innerWidth");
        assert!(wide.as_i64() <= Some(0), "{what} is {wide} pixels wider than {width}");
        viewer.0.screenshot(&format!("{what}-{width}-{theme}"));
    }
}

fn axe(test: &str) -> Option<String> {
    let directory = tools::npm("axe-core", ".", test)?;
    // What the file says of itself at its end is of no use: the value is not to be returned.
    Some(fs::read_to_string(directory.join("axe.min.js")).unwrap() + "; null")
}

#[test]
fn an_audit_of_a_report_finds_nothing_wrong() {
    let test = "an_audit_of_a_report_finds_nothing_wrong";
    let Some(axe) = axe(test) else { return };
    let Some(mut tab) = Tab::start(test) else { return };
    let path = tab.directory().join("report.html");
    let (profile, operations) = (sample::import(), [super::report::operation()]);
    let before = super::report::blocks(1, 2, 3, 4);
    let report = Report::new(&profile).operations(&operations).before("before", &before);
    report.write(fs::File::create(&path).unwrap(), &Options::default()).unwrap();
    tab.open(&format!("file://{}", path.display()));
    let mut viewer = Viewer(tab);
    viewer.until("typeof viewer === 'object' && viewer.table.ids.length && isStill()");
    audit(&mut viewer, &axe, "flamegraph");
    viewer.search("call");
    viewer.choose("view", "sandwich");
    audit(&mut viewer, &axe, "sandwich");
    viewer.choose("view", "flame");
    viewer.act("at('slowest').querySelector('button').click()");
    viewer.until("!at('course').hidden");
    audit(&mut viewer, &axe, "operation");
    viewer.close();
}

#[test]
fn an_audit_of_a_report_of_nothing_finds_nothing_wrong() {
    let test = "an_audit_of_a_report_of_nothing_finds_nothing_wrong";
    let Some(axe) = axe(test) else { return };
    let profile = Profile::new(sample::window(Duration::from_secs(60)));
    let Some(mut viewer) = Viewer::open(&profile, &Options::default(), test) else { return };
    audit(&mut viewer, &axe, "empty");
    viewer.close();
}

#[test]
fn an_audit_of_the_live_page_finds_nothing_wrong() {
    let test = "an_audit_of_the_live_page_finds_nothing_wrong";
    let Some(axe) = axe(test) else { return };
    let Some(mut tab) = Tab::start(test) else { return };
    let host = Listening::new("");
    with_default(&host.dispatch, || info_span!("work").in_scope(|| ()));
    tab.open(&format!("http://{}/", host.address));
    let mut viewer = Viewer(tab);
    viewer.choose("last", "");
    viewer.until("viewer.table.ids.length && labels().includes('work')");
    viewer.act("at('save').open = true");
    audit(&mut viewer, &axe, "live");
    viewer.close();
}

#[test]
fn a_report_is_printed_without_its_controls() {
    let test = "a_report_is_printed_without_its_controls";
    let Some(mut viewer) = Viewer::open(&sample::import(), &Options::default(), test) else {
        return;
    };
    viewer.0.emulate_print();
    let shown = |viewer: &mut Viewer, id: &str| -> Value {
        viewer.look(&format!("getComputedStyle(at({id:?})).display !== 'none'"))
    };
    assert_eq!(shown(&mut viewer, "controls"), false);
    assert_eq!(shown(&mut viewer, "graph"), true);
    assert_eq!(shown(&mut viewer, "spans"), true);
    viewer.screenshot("print");
    viewer.close();
}
