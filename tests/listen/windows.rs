//! Windows of a program that runs.

use std::thread;

use serde_json::Value;
use tracing::{dispatcher::with_default, info_span};

use super::{
    Listening,
    client::{Answer, get, wait_for},
};

/// From when, how long, and how much of it the span `open` had.
fn figures(answer: &Answer) -> (u64, u64, u64) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let profile = answer.json();
    let number = |value: &Value| value.as_u64().expect("a number");
    let nodes = profile["nodes"].as_array().expect("nodes");
    let wall = nodes.iter().map(|node| number(&node["wall_nanos"])).sum();
    let window = &profile["window"];
    (number(&window["start_unix_nanos"]), number(&window["length_nanos"]), wall)
}

#[test]
fn an_open_span_fills_consecutive_windows_and_the_whole() {
    let host = Listening::new("");
    let open = with_default(&host.dispatch, || info_span!("open"));
    let _open = open.enter();
    let mut sum = 0;
    let mut before = 0;
    for _ in 0..3 {
        let (start, length, wall) = figures(&get(host.address, "/flame.json?seconds=2"));
        assert!(wall.abs_diff(length) <= 1, "{wall} of {length}");
        assert!(length >= 2_000_000_000, "{length}");
        // The time of day is read beside the moment that it is of, and how long after that
        // nobody knows; that windows have nothing in common their sum says.
        assert!(start > before, "{start} after {before}");
        before = start;
        sum += wall;
    }
    let (_, length, whole) = figures(&get(host.address, "/flame.json"));
    assert!(sum <= whole && whole <= length, "{sum} of {whole} in {length}");
}

#[test]
fn two_scrapers_at_once_each_get_a_full_window() {
    let host = Listening::new("");
    let open = with_default(&host.dispatch, || info_span!("open"));
    let _open = open.enter();
    let scrapers: Vec<_> = ["1", "0.5"]
        .map(|seconds| {
            let mut stream = wait_for(host.address, &format!("/flame.json?seconds={seconds}"));
            thread::spawn(move || figures(&Answer::read(&mut stream)))
        })
        .into();
    for (scraper, least) in scrapers.into_iter().zip([1_000_000_000, 500_000_000]) {
        let (_, length, wall) = scraper.join().expect("a window");
        assert!(length >= least && wall.abs_diff(length) <= 1, "{wall} of {length}");
    }
}

#[test]
fn a_window_in_which_nothing_happens_is_a_valid_profile() {
    let host = Listening::new("");
    let (_, length, wall) = figures(&get(host.address, "/flame.json?seconds=0.1"));
    assert!(length >= 100_000_000 && wall == 0);
    let svg = get(host.address, "/flame.svg?seconds=0.1");
    assert_eq!(svg.status, 200);
    assert!(svg.text().contains("nothing was recorded"), "{}", svg.text());
}

#[test]
fn a_window_that_makes_no_sense_is_refused_with_the_reason() {
    let host = Listening::new("");
    for value in ["-1", "0", "1e9", "NaN", "soon", "3601", ""] {
        let answer = get(host.address, &format!("/flame.json?seconds={value}"));
        assert_eq!(answer.status, 400, "{value}");
        assert_eq!(
            answer.text(),
            format!("`seconds={value}`: not a number of seconds above 0 and up to 3600\n")
        );
    }
}
