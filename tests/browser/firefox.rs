//! A report and the live page in Firefox: that they work there too.

use std::fs;

use tracing::{dispatcher::with_default, info_span};
use tracing_flame_layer::render::{Options, Report};

use super::{marionette::Firefox, report, viewer::looking};
use crate::listen::Listening;
use flame_oracle::formats::sample;

fn strings(browser: &mut Firefox, expression: &str) -> Vec<String> {
    serde_json::from_value(browser.evaluate(&looking(expression))).unwrap()
}

#[test]
fn a_report_works_in_firefox() {
    let Some(mut browser) = Firefox::start("a_report_works_in_firefox") else { return };
    let path = browser.directory().join("report.html");
    let (profile, operations) = (sample::import(), [report::operation()]);
    let report = Report::new(&profile).operations(&operations);
    report.write(fs::File::create(&path).unwrap(), &Options::default()).unwrap();
    browser.open(&format!("file://{}", path.display()));
    browser.wait_until(&looking("window.viewer && viewer.table.ids.length && isStill()"));
    let labels = strings(&mut browser, "labels()");
    assert_eq!(labels[..3], ["all", "import", "request"]);
    let first = strings(&mut browser, "rows()[0]");
    assert_eq!(first[..4], ["execute tx", "1.200 s", "34.1%", "1.395 s"]);
    let at: (f64, f64) = serde_json::from_value(browser.evaluate(&looking(
        "(({ x, y, width, height }) => [x + width / 2, y + height / 2])
            (element('state_root').getBoundingClientRect())",
    )))
    .unwrap();
    browser.click_at(at.0, at.1);
    browser.wait_until(&looking("isStill() && labels().includes('storage_roots')"));
    let hash = browser.evaluate(&looking("decodeURIComponent(location.hash)"));
    assert_eq!(hash, "#frame=import;state_root");
    let labels = strings(&mut browser, "labels()");
    assert_eq!(labels, ["all", "import", "state_root", "storage_roots"]);
    browser.evaluate(&looking(
        "at('search').value = '^call$', at('search').dispatchEvent(new Event('input'))",
    ));
    assert_eq!(browser.evaluate(&looking("at('matches').textContent")), "2 frames, 5.54%");
    browser.evaluate(&looking("at('slowest').querySelector('button').click()"));
    browser.wait_until(&looking("!at('course').hidden && isStill()"));
    assert_eq!(strings(&mut browser, "labels()"), ["all", "block", "work"]);
}

#[test]
fn the_live_page_works_in_firefox() {
    let Some(mut browser) = Firefox::start("the_live_page_works_in_firefox") else { return };
    let host = Listening::new("");
    with_default(&host.dispatch, || info_span!("work").in_scope(|| ()));
    browser.open(&format!("http://{}/", host.address));
    browser.evaluate(&looking("document.querySelector('[name=last][value=\"\"]').click()"));
    browser.wait_until(&looking("state() === 'recording' && labels().includes('work')"));
}
