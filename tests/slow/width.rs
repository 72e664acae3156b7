//! A page in a browser: how wide it is.

use std::fs;

use super::page::{operation, page};
use crate::browser::tab::Tab;

#[test]
fn the_chart_of_a_page_is_as_wide_as_its_flamegraph() {
    let Some(mut tab) = Tab::start("the_chart_of_a_page_is_as_wide_as_its_flamegraph") else {
        return;
    };
    let path = tab.directory().join("page.svg");
    fs::write(&path, page(&operation())).expect("a page on the disk");
    tab.open(&format!("file://{}", path.display()));
    // As long as the page's scripts have not run, both are as wide as the file says.
    tab.wait_until("document.getElementById('chart').getAttribute('width') !== '1180'");
    tab.wait_until("document.getElementById('frames').getAttribute('width') !== '1180'");
    let both = tab.evaluate(
        "['#chart > svg', '#frames > g > rect'].map(boxes => Math.max(
            ...[...document.querySelectorAll(boxes)].map(box => box.getBoundingClientRect().right)
        ))",
    );
    let both: [f64; 2] = serde_json::from_value(both).expect("two numbers");
    assert!((both[0] - both[1]).abs() < 2.0, "{both:?}");
    tab.close();
}
