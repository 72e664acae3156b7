use std::time::Duration;

use tracing_flame_layer::{
    Profile,
    profile::{Measures, ThreadNode, ThreadProfile},
    render::{Format, Options},
};

use flame_oracle::formats::{read_folded, read_pprof, read_speedscope, read_svg, sample};

fn bytes(profile: &Profile, format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    profile.write(format, &mut bytes, &Options::default()).unwrap();
    bytes
}

fn written(profile: &Profile, format: Format) -> String {
    String::from_utf8(bytes(profile, format)).unwrap()
}

#[test]
fn times_beyond_584_years_are_cut_and_nothing_overflows() {
    let mut profile = Profile::new(sample::window(Duration::MAX));
    let most = made!(Measures {
        calls: u64::MAX,
        started: 1,
        enters: u64::MAX,
        wall_nanos: u64::MAX - 5,
        await_nanos: u64::MAX,
        latency_nanos: u64::MAX,
        max_latency_nanos: u64::MAX,
        ..Measures::default()
    });
    let root = profile.push(None, sample::span("root", "t", 1), most);
    profile.push(None, sample::span("root", "t", 2), most);
    profile.push(Some(root), sample::span("child", "t", 3), most);
    let own = read_folded::labelled(&written(&profile, Format::Folded));
    assert_eq!(own.values().sum::<u64>(), u64::MAX);
    let boxes = read_svg::boxes(&written(&profile, Format::Svg));
    assert!(boxes.iter().all(|(_, drawn)| drawn.width > 0), "{boxes:?}");
    assert!(written(&profile, Format::Table).contains("5124096 h"));
    let scope = read_speedscope::read(&bytes(&profile, Format::Speedscope));
    assert_eq!(scope.stacks(0).values().sum::<u64>(), u64::MAX);
    let pprof = read_pprof::read(&bytes(&profile, Format::Pprof));
    for amount in [0, 1] {
        let sum = pprof.stacks().values().map(|amounts| amounts[amount]).sum::<u64>();
        assert_eq!(sum, i64::MAX as u64, "what a reader can add up");
    }
}

#[test]
fn a_label_of_the_recorder_is_not_that_of_a_span() {
    let boxes = read_svg::boxes(&written(&sample::nasty(), Format::Svg));
    let labels: Vec<&str> = boxes.iter().map(|(_, drawn)| drawn.label.as_str()).collect();
    for label in ["[await]", "\\u{5b}await]", "[truncated]", "\\u{5b}truncated]"] {
        assert_eq!(labels.iter().filter(|l| **l == label).count(), 1, "{label}: {labels:?}");
    }
}

#[test]
#[should_panic(expected = "is not a node of this profile")]
fn a_thread_cannot_have_spent_time_at_a_node_that_is_not_there() {
    let mut other = Profile::new(sample::window(Duration::ZERO));
    let node = other.push(None, sample::span("a", "t", 1), Measures::default());
    let share =
        made!(ThreadNode { enters: 1, busy_nanos: 1, entered_nanos: 1, ..ThreadNode::new(node) });
    let thread = ThreadProfile::new("main", 1, vec![share]);
    Profile::new(sample::window(Duration::ZERO)).push_thread(thread);
}

#[test]
fn spans_without_time_by_a_width_leave_a_picture_that_says_so() {
    let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
    let entered = made!(Measures { calls: 1, started: 1, enters: 1, ..Measures::default() });
    profile.push(None, sample::span("a", "t", 1), entered);
    for format in [Format::Svg, Format::Table] {
        assert!(written(&profile, format).contains("nothing to draw: spans were entered"));
    }
    assert!(written(&profile, Format::Table).contains("  a\n"), "the table lists it all the same");
}

#[test]
fn a_title_of_any_characters_stays_one_line_of_text() {
    let title = "a\0 <b>\n & \"142\" </style> ]]> -- \u{ffff}".to_owned();
    let options = Options::default().title(title);
    for profile in [sample::import(), Profile::new(sample::window(Duration::ZERO))] {
        let mut svg = Vec::new();
        profile.write(Format::Svg, &mut svg, &options).unwrap();
        let svg = String::from_utf8(svg).unwrap();
        let read = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
        let document = roxmltree::Document::parse_with_options(&svg, read).unwrap();
        let title = document.descendants().find(|node| node.attribute("id") == Some("title"));
        let title = title.and_then(|node| node.text());
        assert_eq!(title, Some("a\u{fffd} <b>  & \"142\" </style> ]]> -- \u{fffd}"));
    }
}
