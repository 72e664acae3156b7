//! The picture opens, tells, zooms and searches.

use std::time::Duration;

use tracing_flame_layer::{
    Profile,
    profile::{Measures, NodeId},
    render::Options,
};

use super::picture::Picture;
use flame_oracle::formats::sample::{self, span, worked};

/// `root` with `a` (30 ms), which has `x` (10 ms), and `b` (70 ms).
fn small() -> Profile {
    let mut profile = Profile::new(sample::window(Duration::from_millis(100)));
    let mut push = |parent: Option<NodeId>, name, wall| {
        let measures =
            made!(Measures { wall_nanos: wall * 1_000_000, ..worked(1, wall, wall, wall) });
        profile.push(parent, span(name, "root::x", 1), measures)
    };
    let root = push(None, "root", 0);
    let a = push(Some(root), "a", 20);
    push(Some(a), "x", 10);
    push(Some(root), "b", 70);
    profile
}

macro_rules! open {
    ($profile:expr, $options:expr, $name:literal) => {
        match Picture::open($profile, $options, $name) {
            Some(page) => page,
            None => return,
        }
    };
}

#[test]
fn a_click_zooms_into_a_frame_and_another_resets() {
    let mut page =
        open!(&small(), &Options::default(), "a_click_zooms_into_a_frame_and_another_resets");
    let before = page.shown();
    assert_eq!(page.labels(), ["all", "root", "a", "b", "x"]);
    page.click_frame("a");
    assert_eq!(page.labels(), ["all", "root", "a", "x"], "a sibling is hidden");
    assert_eq!(page.width_of("a"), 100.0);
    assert!((page.width_of("x") - 100.0 / 3.0).abs() < 0.01, "a third of its parent");
    page.screenshot("zoomed");
    page.click("#unzoom");
    assert_eq!(page.shown(), before);
    page.close();
}

#[test]
fn a_search_finds_labels_and_tells_their_share() {
    let mut page =
        open!(&small(), &Options::default(), "a_search_finds_labels_and_tells_their_share");
    page.search("^[ax]$");
    assert_eq!(page.highlighted(), ["a", "x"]);
    assert_eq!(page.text("#matched"), "Matched: 30.0%", "nested matches count once");
    page.screenshot("searched");
    page.click("#search");
    assert_eq!(page.highlighted(), [""; 0]);
    page.search("root");
    assert_eq!(page.highlighted(), ["root"], "not the others, whose target is `root`");
    assert_eq!(page.text("#matched"), "Matched: 100%");
    page.click("#search");
    page.search("ms");
    assert_eq!(page.highlighted(), [""; 0], "a unit is no label");
    page.close();
}

#[test]
fn a_frame_under_the_pointer_tells_about_itself() {
    let mut page = open!(
        &sample::import(),
        &Options::default(),
        "a_frame_under_the_pointer_tells_about_itself"
    );
    page.hover_frame("execute tx");
    let told = page.text("#details");
    for part in ["Frame: execute tx (1.395 s, 39.6% of all, 93.0% of parent", "45,000 calls"] {
        assert!(told.contains(part), "{told}");
    }
    assert!(told.contains("node::exec src/exec.rs:31"), "{told}");
    page.screenshot("hovered");
    page.close();
}

#[test]
fn every_kind_of_picture_opens_without_an_error() {
    let threads = Options::default().threads(true);
    let empty = Profile::new(sample::window(Duration::from_secs(60)));
    let mut page =
        open!(&sample::import(), &threads, "every_kind_of_picture_opens_without_an_error");
    page.screenshot("threads");
    page.close();
    let mut page = open!(
        &sample::nasty(),
        &Options::default(),
        "every_kind_of_picture_opens_without_an_error"
    );
    page.screenshot("nasty");
    assert!(page.labels().contains(&"\\u{5b}await]".to_owned()));
    page.close();
    let mut page =
        open!(&empty, &Options::default(), "every_kind_of_picture_opens_without_an_error");
    page.screenshot("empty");
    page.close();
}
