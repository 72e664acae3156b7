//! What cannot be compared, with the reason.

use tracing_flame_layer::{Profile, render::Format};

use super::runs::{USUAL, compare, run};
use crate::diff::support::{Desk, written};

/// Compares two usual runs a side, of which the last is another.
fn with(other: &Profile) -> crate::diff::support::Ran {
    desk(&written(other, Format::Json), "")
}

fn desk(other: &[u8], flags: &str) -> crate::diff::support::Ran {
    let desk = Desk::new();
    for (place, name) in (0_u64..).zip(["b0.json", "a0.json", "b1.json"]) {
        desk.put_profile(name, &run(place, USUAL));
    }
    desk.put("a1.json", other);
    compare(&desk, 2, flags)
}

#[track_caller]
fn refused(ran: &crate::diff::support::Ran, why: &[&str]) {
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    for part in why {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
}

#[test]
fn runs_that_are_alike_are_compared() {
    let ran = with(&run(3, USUAL));
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_class_that_a_run_does_not_have_is_refused() {
    let ran = desk(&written(&run(3, USUAL), Format::Json), "--class 1ms..");
    refused(&ran, &["`b0.json` knows no classes of latency", "--flame-operation"]);
}

#[test]
fn a_checkpoint_is_no_run() {
    let mut so_far = run(3, USUAL);
    so_far.set_so_far(true);
    refused(&with(&so_far), &["`a1.json`", "it is a checkpoint", "leave it out"]);
}

#[test]
fn a_run_without_time_says_nothing() {
    refused(&with(&Profile::new(run(3, USUAL).window())), &["`a1.json` has no time in it"]);
}

#[test]
fn a_run_that_is_given_twice_is_one() {
    refused(&with(&run(0, USUAL)), &["`b0.json` and `a1.json` are the same recording"]);
}

#[test]
fn folded_stacks_do_not_say_what_they_are() {
    let desk = Desk::new();
    desk.put("a.folded", "a;b 5\n").put_profile("b.json", &run(1, USUAL));
    let ran = desk.run("compare --before b.json --after a.folded");
    refused(&ran, &["`a.folded` is folded stacks", "give a `.json`"]);
}

#[test]
fn runs_with_other_flags_measured_something_else() {
    let flags = |filter: &str, skip: Option<&str>| {
        let mut flags = vec![("filter".to_owned(), filter.to_owned())];
        flags.extend(skip.map(|skip| ("skip".to_owned(), skip.to_owned())));
        flags
    };
    let profile = |start, filter, skip| {
        let mut profile = run(start, USUAL);
        profile.set_recorded_with(flags(filter, skip));
        profile
    };
    let desk = Desk::new();
    desk.put_profile("a.json", &profile(1, "debug", None));
    desk.put_profile("b.json", &profile(2, "debug", None));
    desk.put_profile("c.json", &profile(3, "info", None));
    desk.put_profile("d.json", &profile(4, "debug", Some("poll")));
    desk.put_profile("e.json", &run(5, USUAL));
    let against = |other: &str| desk.run(&format!("compare --before a.json --after {other}"));
    assert_eq!((against("b.json").code, against("b.json").err.as_str()), (0, ""));
    refused(
        &against("c.json"),
        &["`a.json` was recorded with filter `debug`", "`c.json` with filter `info`", "same flags"],
    );
    refused(&against("d.json"), &["`a.json` was recorded with no skip, `d.json` with skip `poll`"]);
    let ran = against("e.json");
    assert!(ran.code == 0 && ran.err.contains("`e.json` does not say with which flags"), "{ran:?}");
}

#[test]
fn another_version_may_mean_something_else_by_its_numbers() {
    let text = String::from_utf8(written(&run(3, USUAL), Format::Json)).expect("text");
    let version = env!("CARGO_PKG_VERSION");
    let of = |version: &str| {
        text.replace(
            &format!("tracing-flame-layer {}\"", env!("CARGO_PKG_VERSION")),
            &format!("tracing-flame-layer {version}\""),
        )
    };
    refused(
        &desk(of("0.77.0").as_bytes(), ""),
        &["`b0.json`", version.rsplit_once('.').unwrap().0, "0.77", "one version"],
    );
    let patched = format!("{}.99", version.rsplit_once('.').unwrap().0);
    assert_eq!(desk(of(&patched).as_bytes(), "").code, 0);
    let schema = text.replace("\"version\": 1", "\"version\": 2");
    refused(&desk(schema.as_bytes(), ""), &["this program reads version 1"]);
}

#[test]
fn without_states_there_is_no_time_on_a_cpu() {
    let mut silent = run(3, USUAL);
    silent.set_states(tracing_flame_layer::profile::StateSource::None("musl".into()));
    let ran = with(&silent);
    assert!(
        ran.code == 0 && ran.err.contains("(states: none, musl); the runs are compared without it"),
        "{ran:?}"
    );
    let ran = desk(&written(&silent, Format::Json), "--on-cpu");
    refused(
        &ran,
        &["`a1.json` does not say what threads did", "`--on-cpu` has nothing to compare"],
    );
}

#[test]
fn an_output_that_cannot_be_written_is_refused_before_any_work() {
    let ran = desk(b"no profile", "-o x.svg");
    refused(&ran, &["cannot write `x.svg`", "`.json`"]);
    for flags in ["--error-rate 0%", "--error-rate 60%", "--fail-above -1%"] {
        assert_eq!(desk(&written(&run(3, USUAL), Format::Json), flags).code, 2, "{flags}");
    }
}
