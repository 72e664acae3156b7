//! The moment between a span's last exit and its close is tracing's own work: no box,
//! no row and no legend for it.

use std::{sync::Arc, time::Duration};

use tracing_flame_layer::{
    Profile,
    profile::{Callsite, Frame, Measures, NodeId},
    render::{Format, Options},
};

use flame_oracle::formats::{read_svg, sample};

fn push(
    profile: &mut Profile,
    parent: Option<NodeId>,
    name: &'static str,
    nanos: [u64; 2],
) -> NodeId {
    let frame = Frame::Span(Arc::new(Callsite::new(name, "t")));
    let [wall_nanos, await_nanos] = nanos;
    let measures = made!(Measures {
        calls: 1,
        started: 1,
        enters: 1,
        wall_nanos,
        await_nanos,
        ..<_>::default()
    });
    profile.push(parent, frame, measures)
}

/// A root on which `work` stands, once with an await of a given length.
fn profile(await_nanos: u64) -> Profile {
    let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
    let main = push(&mut profile, None, "main", [1_000_000, 999]);
    push(&mut profile, Some(main), "work", [1_000_000 - await_nanos, await_nanos]);
    profile
}

fn text(profile: &Profile, format: Format) -> String {
    let mut bytes = Vec::new();
    profile.write(format, &mut bytes, &Options::default()).expect("memory takes everything");
    String::from_utf8(bytes).expect("text")
}

#[test]
fn a_program_that_never_awaits_has_no_await_in_its_picture_and_table() {
    let profile = profile(999);
    let svg = text(&profile, Format::Svg);
    assert!(!svg.contains("[await]"), "neither a box nor a legend");
    let widths: Vec<u64> =
        read_svg::boxes(&svg).into_iter().map(|(_, drawn)| drawn.width).collect();
    assert_eq!(widths, [2_000_999, 2_000_999, 1_000_000], "all, main, work");
    let table = text(&profile, Format::Table);
    assert!(!table.contains(";[await]"), "{table}");
    assert!(table.contains("all, 1.998 µs of it [await] too short for rows"), "{table}");
}

#[test]
fn what_other_programs_read_has_each_of_them() {
    let profile = profile(999);
    let folded = "main 1000000\nmain;work 999001\nmain;work;[await] 999\nmain;[await] 999\n";
    assert_eq!(text(&profile, Format::Folded), folded);
    assert!(text(&profile, Format::Json).contains("\"await_nanos\": 999"));
}

#[test]
fn an_await_of_one_in_a_thousand_is_there_to_be_seen() {
    let profile = profile(1_000);
    let svg = text(&profile, Format::Svg);
    assert!(svg.contains("[await]: open, but entered on no thread"));
    let table = text(&profile, Format::Table);
    assert!(table.contains("work;[await]") && !table.contains("main;[await]"), "{table}");
}
