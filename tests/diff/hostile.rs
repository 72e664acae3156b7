//! No file makes the program panic, or need more memory than its bounds allow.

use std::path::Path;

use flame_cli::{Kind, Unit, from_bytes};
use proptest::{collection::vec, prelude::*, sample::Index};
use roxmltree::{Document, ParsingOptions};
use tracing_flame_layer::{
    Profile,
    render::{Format, Options},
};

use super::support::{Desk, profile, written};

fn read(bytes: &[u8], kind: Kind) -> Result<Profile, String> {
    let given = from_bytes(bytes, kind, Unit::NANOSECOND, Path::new("a"));
    given.map(|given| given.profile).map_err(|error| error.to_string())
}

/// Reads and, where that works, writes in every format.
fn use_up(bytes: &[u8]) {
    for kind in [Kind::Json, Kind::Folded] {
        if let Ok(profile) = read(bytes, kind) {
            for &format in Format::ALL {
                profile.write(format, std::io::sink(), &Options::default()).unwrap();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        use_up(&bytes);
    }

    #[test]
    fn random_lines_are_read_or_refused(text in "([a;\\[\\]{}u3b\\\\ #\t]{0,12}( [0-9]{1,21})?\r?\n){0,8}") {
        use_up(text.as_bytes());
    }

    #[test]
    fn files_cut_off_or_changed_are_read_or_refused(
        profile in profile(),
        cut in any::<Index>(),
        changes in vec((any::<Index>(), any::<u8>()), 0..4),
    ) {
        for format in [Format::Json, Format::Folded] {
            let whole = written(&profile, format);
            let mut bytes = whole.clone();
            for (at, byte) in changes.iter().filter(|_| !whole.is_empty()) {
                *at.get_mut(&mut bytes) = *byte;
            }
            use_up(&bytes);
            bytes.truncate(cut.index(whole.len() + 1));
            use_up(&bytes);
            if format == Format::Json && cut.index(whole.len() + 1) + 2 < whole.len() {
                prop_assert!(read(&whole[..cut.index(whole.len() + 1)], Kind::Json).is_err());
            }
        }
    }

    #[test]
    fn any_two_profiles_can_be_compared(before in profile(), after in profile()) {
        let desk = Desk::new();
        desk.put_profile("a.json", &before).put_profile("b.json", &after);
        let ran = desk.run("diff a.json b.json -o d.svg");
        prop_assert_eq!(ran.code, 0, "{}", ran.err);
        let judged = desk.run("diff a.json b.json --fail-above 5%");
        prop_assert!(judged.code <= 1 || judged.err.contains("no time in it"), "{}", judged.err);
        let allowed = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
        let picture = desk.text("d.svg");
        let parsed = Document::parse_with_options(&picture, allowed);
        prop_assert!(parsed.is_ok(), "{:?}", parsed);
    }
}

#[test]
fn a_line_a_name_or_a_stack_beyond_bounds_is_refused() {
    let cases = [
        (format!("{} 1\n", "a".repeat(20_000)), "a name longer than 16384 bytes"),
        (format!("{} 1\n", "a;".repeat(600_000)), "line 1: longer than 1048576 bytes"),
        (format!("a 1\n{}a 1\n", "a;".repeat(4_096)), "line 2: more than 4096 frames"),
        ("x".repeat(5 << 20), "line 1: longer than"),
    ];
    for (text, reason) in cases {
        let error = read(text.as_bytes(), Kind::Folded).expect_err(reason);
        assert!(error.contains(reason) && error.len() < 300, "{error}");
    }
}

#[test]
fn a_tower_of_nodes_beyond_bounds_is_refused() {
    let zeroes = "\"calls\":0,\"started\":0,\"enters\":0,\"wall_nanos\":1,\"await_nanos\":0,\
                  \"busy_nanos\":0,\"entered_nanos\":0,\"latency_nanos\":0,\"max_latency_nanos\":0,\
                  \"max_latency_is_bound\":false,\"open_before\":0,\"queued_nanos\":0,\
                  \"max_queued_nanos\":0,\"latencies\":[]";
    let tower = |height: usize, name: &str| {
        let node = |i: usize| match i {
            0 => format!("{{\"parent\":null,\"callsite\":0,{zeroes}}}"),
            _ => format!("{{\"parent\":{},\"callsite\":0,{zeroes}}}", i - 1),
        };
        let nodes: Vec<String> = (0..height).map(node).collect();
        format!(
            "{{\"format\":\"tracing-flame-layer profile\",\"version\":1,\"operations\":0,\
             \"window\":{{\"start_unix_nanos\":0,\"length_nanos\":0}},\"troubles\":{{}},\
             \"callsites\":[{{\"name\":\"{name}\",\"target\":\"t\"}}],\"nodes\":[{}],\"named_operations\":[],\
             \"threads\":[],\"live_threads\":[]}}",
            nodes.join(",")
        )
    };
    assert_eq!(read(tower(4_096, "a").as_bytes(), Kind::Json).map(|p| p.nodes().len()), Ok(4_096));
    let error = read(tower(4_097, "a").as_bytes(), Kind::Json).unwrap_err();
    assert!(error.contains("node 4096: its stack has more than 4096 frames"), "{error}");
    let error = read(tower(100, &"a".repeat(16_000)).as_bytes(), Kind::Json).unwrap_err();
    assert!(error.contains("or 1048576 bytes of names"), "{error}");
    let error = read(tower(1, &"a".repeat(17_000)).as_bytes(), Kind::Json).unwrap_err();
    assert!(
        error.contains("callsite 0: a name, target or file longer than 16384 bytes"),
        "{error}"
    );
}

#[test]
fn lists_within_lists_without_end_are_refused() {
    let text = format!("{{\"format\": {}", "[".repeat(100_000));
    assert!(read(text.as_bytes(), Kind::Json).is_err());
}
