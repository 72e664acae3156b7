use std::{sync::Arc, time::Duration};

use tracing_flame_layer::{
    Profile,
    profile::{Callsite, Frame, Measures},
    render::{Format, Options},
};

use flame_oracle::formats::{read_folded, read_pprof, read_svg, sample};

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
            made!(Measures { calls: 1, started: 1, enters: 1, wall_nanos, ..Measures::default() });
        ids.push(profile.push(parent, frames[i % 10].clone(), measures));
    }
    profile
}

fn bytes(profile: &Profile, format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    profile.write(format, &mut bytes, &Options::default()).unwrap();
    bytes
}

fn written(profile: &Profile, format: Format) -> String {
    String::from_utf8(bytes(profile, format)).unwrap()
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
fn a_colour_that_is_not_drawn_is_not_explained() {
    for (await_nanos, is_drawn) in [(5, false), (5_000, true)] {
        let mut profile = tree(20_500);
        let waiting = sample::span("waiting", "t", 1);
        profile.push(
            None,
            waiting,
            made!(Measures { await_nanos, enters: 1, ..Measures::default() }),
        );
        let svg = written(&profile, Format::Svg);
        assert!(svg.contains("narrower frames are not drawn"));
        assert_eq!(svg.contains("[await]: open, but entered on no thread"), is_drawn);
    }
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

#[test]
fn of_20_000_stacks_a_pprof_profile_has_16_000_and_says_so() {
    let profile = tree(20_000);
    let all = read_folded::labelled(&written(&profile, Format::Folded));
    let pprof = read_pprof::read(&bytes(&profile, Format::Pprof));
    let stacks = pprof.stacks();
    assert_eq!((all.len(), stacks.len()), (20_000, 16_000));
    let (merged, kept): (Vec<_>, Vec<_>) =
        stacks.iter().partition(|(stack, _)| stack.last().is_some_and(|top| top == "[merged]"));
    assert!(kept.iter().all(|(stack, [calls, nanos])| (*calls, *nanos) == (1, all[*stack])));
    assert!(merged.len() > 1, "on what they stood on: {merged:?}");
    let sum = |amount: usize| stacks.values().map(|amounts| amounts[amount]).sum::<u64>();
    assert_eq!((sum(0), sum(1)), (20_000, all.values().sum::<u64>()));
    let least = kept.iter().map(|(_, [_, nanos])| *nanos).min();
    assert!(all.iter().all(|(stack, nanos)| stacks.contains_key(stack) || Some(*nanos) < least));
    let said = format!("{} stacks merged into [merged], ", group(20_000 - kept.len()));
    assert!(pprof.comments().last().unwrap().starts_with(&said), "{:?}", pprof.comments());
}

fn group(count: usize) -> String {
    format!("{},{:03}", count / 1_000, count % 1_000)
}

#[test]
fn a_pprof_profile_has_no_stack_deeper_than_a_server_takes() {
    let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
    let mut parent = None;
    for _ in 0..1_024 {
        parent =
            Some(profile.push(parent, sample::span("again", "t", 1), sample::worked(1, 1, 1, 1)));
    }
    let stacks = read_pprof::read(&bytes(&profile, Format::Pprof)).stacks();
    let (deepest, amounts) = stacks.iter().max_by_key(|(stack, _)| stack.len()).unwrap();
    assert_eq!((deepest.len(), &*deepest[999]), (1_000, "[merged]"));
    assert_eq!(*amounts, [25, 25_000_000], "what 25 of 1,024 took");
    assert_eq!(stacks.values().map(|[calls, _]| calls).sum::<u64>(), 1_024);
}

#[test]
fn a_pprof_profile_of_very_long_names_is_no_larger_than_a_server_takes() {
    let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
    for i in 0..1_000_u64 {
        let name = format!("{i} {}", "x".repeat(10_000));
        let frame = Frame::Span(Arc::new(Callsite::new(name, "t")));
        profile.push(None, frame, sample::worked(1, 1 + i, 1, 1));
    }
    let stacks = read_pprof::read(&bytes(&profile, Format::Pprof)).stacks();
    assert!((400..420).contains(&stacks.len()), "as many as 4 MiB hold: {}", stacks.len());
    let sum = stacks.values().map(|[_, nanos]| nanos).sum::<u64>();
    assert_eq!(sum, (1..=1_000).sum::<u64>() * 1_000_000);
}
