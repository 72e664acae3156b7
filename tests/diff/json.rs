//! JSON holds everything, and can be read back.

use std::path::Path;

use flame_cli::{Kind, Unit, from_bytes};
use proptest::prelude::*;
use tracing_flame_layer::{Profile, profile::StateSource, render::Format};

use super::support::{Desk, expect, profile, written};
use flame_oracle::formats::sample;

fn read(bytes: &[u8]) -> Result<Profile, String> {
    let given = from_bytes(bytes, Kind::Json, Unit::NANOSECOND, Path::new("a.json"));
    given.map(|given| given.profile).map_err(|error| error.to_string())
}

#[test]
fn the_schema_is_as_before() {
    let text = String::from_utf8(written(&sample::import(), Format::Json)).unwrap();
    expect("import.json", &text);
}

#[test]
fn a_profile_with_states_comes_back() {
    let profile = sample::busy();
    assert_eq!(read(&written(&profile, Format::Json)), Ok(profile));
}

/// A later program may know states in another way, of which nobody here knows what it is
/// worth.
#[test]
fn states_that_are_known_in_an_unknown_way_are_told_to_be_none() {
    let text = String::from_utf8(written(&sample::busy(), Format::Json)).unwrap();
    let text = text.replace("{\"source\": \"exact\"}", "{\"source\": \"guessed\"}");
    let read = read(text.as_bytes()).unwrap();
    let Some(StateSource::None(why)) = read.states() else { panic!("{:?}", read.states()) };
    assert_eq!(why, "known in a way that this program does not know");
    assert!(!read.has_states());
}

#[test]
fn names_of_any_characters_come_back() {
    let profile = sample::nasty();
    assert_eq!(read(&written(&profile, Format::Json)), Ok(profile));
}

#[test]
fn an_empty_profile_comes_back() {
    let profile = Profile::new(sample::window(std::time::Duration::ZERO));
    assert_eq!(read(&written(&profile, Format::Json)), Ok(profile));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_written_is_what_is_read_back(profile in profile()) {
        let bytes = written(&profile, Format::Json);
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
        prop_assert_eq!(read(&bytes), Ok(profile));
    }
}

#[test]
fn keys_that_are_not_known_are_passed_over() {
    let profile = sample::import();
    let text = String::from_utf8(written(&profile, Format::Json)).unwrap();
    let text = text
        .replace("\"calls\": 1,", "\"later\": [{}], \"calls\": 1,")
        .replace("\"version\": 1,", "\"version\": 1, \"note\": null,");
    assert_eq!(read(text.as_bytes()), Ok(profile));
}

#[test]
fn a_file_that_makes_no_sense_is_refused_with_line_and_reason() {
    let text = String::from_utf8(written(&sample::import(), Format::Json)).unwrap();
    let cases = [
        (
            text.replace("\"version\": 1", "\"version\": 2"),
            "version 2; this program reads version 1",
        ),
        (text.replace("profile\"", "pro\""), "`format` is not `tracing-flame-layer profile`"),
        ("[1]".to_owned(), "line 1: column "),
        ("{}".to_owned(), "`format` is not"),
        (String::new(), "line 1: column 0: EOF"),
        (
            text.replacen("\"callsite\": 0", "\"callsite\": 99", 1),
            "node 0: its callsite 99 is none of the",
        ),
        (
            text.replacen("\"parent\": 0", "\"parent\": 1", 1),
            "node 1: its parent 1 is not before it",
        ),
        (text.replacen("\"parent\": 0, ", "", 1), "missing field `parent`"),
        (text.replacen("\"node\": 0", "\"node\": 99", 1), "node 99 is none of the"),
        (text.replacen("\"calls\": 1,", "\"calls\": -1,", 1), "expected u64"),
        (
            text.replacen("\"calls\": 1,", "\"calls\": 1, \"calls\": 1,", 1),
            "duplicate field `calls`",
        ),
        (text[..text.len() / 2].to_owned(), "EOF while parsing"),
        (text.clone() + "x", "trailing characters"),
    ];
    for (text, reason) in cases {
        let error = read(text.as_bytes()).expect_err(reason);
        assert!(error.starts_with("cannot read `a.json`: ") && error.contains(reason), "{error}");
    }
}

#[test]
fn a_picture_drawn_from_json_is_the_one_drawn_at_once() {
    let desk = Desk::new();
    desk.put_profile("a.json", &sample::import());
    for format in Format::ALL {
        let name = format!("b{}", format.extension());
        assert_eq!(desk.run(&format!("convert a.json -o {name}")).code, 0);
        let at_once = written(&sample::import(), *format);
        assert_eq!(desk.bytes(&name), at_once, "{name}");
    }
}
