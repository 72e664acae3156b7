use std::{sync::Arc, time::Duration};

use tracing_flame_layer::{
    Profile,
    profile::{Callsite, Frame, Measures},
    render::{Format, Options},
};

use super::{read_folded, read_svg, sample};

/// A tree in which every node has ten children of descending time.
fn tree(nodes: usize) -> Profile {
    let mut profile = Profile::new(sample::window(Duration::from_secs(60)));
    let frames: Vec<Frame> = (0..10)
        .map(|i| Frame::Span(Arc::new(Callsite::new(format!("span {}", (b'a' + i) as char), "t"))))
        .collect();
    let mut ids = Vec::with_capacity(nodes);
    for i in 0..nodes {
        let parent = i.checked_sub(1).map(|i| ids[i / 10]);
        let wall_nanos = 1_000 + (nodes - i) as u64;
        let measures =
            Measures { calls: 1, started: 1, enters: 1, wall_nanos, ..Measures::default() };
        ids.push(profile.push(parent, frames[i % 10].clone(), measures));
    }
    profile
}

fn written(profile: &Profile, format: Format) -> String {
    let mut bytes = Vec::new();
    profile.write(format, &mut bytes, &Options::default()).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_large_picture_draws_the_widest_frames_and_counts_the_others() {
    let profile = tree(21_000);
    let svg = written(&profile, Format::Svg);
    assert_eq!(svg.matches("<g>").count(), 20_001);
    assert!(
        svg.contains("1,000 narrower frames are not drawn, none wider than 2.000 µs"),
        "{}",
        &svg[svg.len() - 600..]
    );
    assert_eq!(read_folded::labelled(&written(&profile, Format::Folded)).len(), 21_000);
}

#[test]
fn deep_recursion_is_written_without_recursion() {
    let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
    let mut parent = None;
    for _ in 0..5_000 {
        parent =
            Some(profile.push(parent, sample::span("again", "t", 1), sample::worked(1, 1, 1, 1)));
    }
    let boxes = read_svg::boxes(&written(&profile, Format::Svg));
    assert_eq!(boxes.len(), 1_025);
    let table = written(&profile, Format::Table);
    assert!(table.contains("5.000 s    100%   5.000 s"), "recursion counts once: {table}");
}
