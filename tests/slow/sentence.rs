//! What is slow about an operation, in a sentence.

use std::time::Duration;

use tracing::{debug_span, info_span};
use tracing_flame_layer::{
    Builder, Flame, SlowerThan,
    profile::Operation,
    render::{Explanation, Options},
};

use super::{Now, recorded};

const MS: u64 = 1_000_000;

fn slowest(builder: Builder) -> Builder {
    builder.slowest(1).classes(true)
}

fn step(now: &Now, name: &str, millis: u64) {
    let span = match name {
        "execution" => debug_span!("execution"),
        "commit" => debug_span!("commit"),
        _ => debug_span!("extra_load"),
    };
    span.in_scope(|| now.pass(millis * MS));
}

/// Nine blocks of 40 ms, and one in which some steps take so many milliseconds.
fn blocks(now: &Now, slow: &[(&str, u64)]) {
    for number in 0..10 {
        let _block = info_span!("block", number).entered();
        let usual = [("execution", 30), ("commit", 10)];
        let steps = if number == 7 { slow } else { &usual };
        steps.iter().for_each(|(name, millis)| step(now, name, *millis));
    }
}

fn sentence(flame: &Flame) -> Option<String> {
    flame.slowest().first().and_then(Operation::sentence)
}

#[track_caller]
fn assert_sentence(slow: &[(&str, u64)], expected: &str) {
    let flame = recorded(slowest, |now| blocks(now, slow));
    assert_eq!(sentence(&flame).as_deref(), Some(expected));
}

#[test]
fn what_is_there_besides_is_told_of_with_its_share() {
    assert_sentence(
        &[("execution", 30), ("commit", 10), ("extra_load", 150)],
        "+150 ms over the typical 40.0 ms: `extra_load` 150 ms (typical 0, 100% of it); the rest \
         is as always; on the critical path",
    );
}

#[test]
fn several_parts_are_told_of_by_what_they_take_more() {
    assert_sentence(
        &[("execution", 70), ("commit", 170)],
        "+200 ms over the typical 40.0 ms: `commit` 170 ms (typical 10.0 ms, 80.0% of it), \
         `execution` 70.0 ms (typical 30.0 ms, 20.0% of it); the rest is as always; on the \
         critical path",
    );
}

#[test]
fn what_takes_less_is_told_of_as_the_rest() {
    assert_sentence(
        &[("execution", 5), ("commit", 135)],
        "+100 ms over the typical 40.0 ms: `commit` 135 ms (typical 10.0 ms, more than all of \
         it); all the rest \u{2212}25.0 ms; on the critical path",
    );
}

#[test]
fn one_of_many_is_said_to_be_one() {
    assert_sentence(
        &[("execution", 31), ("commit", 10)],
        "41.0 ms: no longer than usual, typical are 40.1 ms",
    );
}

#[test]
fn where_nothing_is_typical_nothing_is_said() {
    let once = |now: &Now| {
        let _block = info_span!("block").entered();
        now.pass(MS);
    };
    assert_eq!(sentence(&recorded(slowest, once)), None);
    let flame = recorded(|builder| builder.slowest(1), |now| blocks(now, &[("commit", 90)]));
    assert_eq!(sentence(&flame), None, "classes were not asked for");
}

#[test]
fn a_wait_that_another_outlasts_is_not_on_the_critical_path() {
    let flame = recorded(slowest, |now| {
        for number in 0..10 {
            let block = info_span!("block");
            block.in_scope(|| now.pass(10 * MS));
            if number == 3 {
                let [read, write] =
                    [debug_span!(parent: &block, "read"), debug_span!(parent: &block, "write")];
                read.in_scope(|| ());
                write.in_scope(|| ());
                now.pass(50 * MS);
                drop(read);
                now.pass(40 * MS);
            }
        }
    });
    assert_eq!(
        sentence(&flame).as_deref(),
        Some(
            "+90.0 ms over the typical 10.0 ms: `write` awaiting 65.0 ms (typical 0, 72.2% of \
             it), `read` awaiting 25.0 ms (typical 0, 27.8% of it); the rest is as always; 65.0 \
             ms of 90.0 ms in these frames on the critical path"
        )
    );
}

#[test]
fn slow_ones_that_are_taken_are_told_against_those_before() {
    let settings = |builder: Builder| {
        let least = SlowerThan::Duration(Duration::from_millis(100));
        builder.slower_than(least).classes(true)
    };
    let flame = recorded(settings, |now| blocks(now, &[("commit", 140)]));
    let slow = flame.take_slow();
    let [slow] = &slow[..] else { panic!("{slow:?}") };
    let typical = slow.typical().expect("something is typical");
    assert_eq!((typical.selected.operations, typical.selected.of), (9, 10));
    assert!(
        slow.sentence().is_some_and(|text| text.starts_with("+100 ms over the typical 40.0 ms"))
    );
}

#[test]
fn an_explanation_tells_first_of_the_operation_that_took_far_longer() {
    let flame = recorded(slowest, |now| {
        blocks(now, &[("execution", 30), ("commit", 10), ("extra_load", 150)]);
    });
    let explanation = Explanation::new(&flame.snapshot(), &flame.slowest(), &Options::default());
    let mut page = Vec::new();
    explanation.write_markdown(&mut page, Explanation::WORDS).expect("a vector takes everything");
    let page = String::from_utf8(page).expect("text");
    for part in [
        "1. **`block{number=7}` took 190.0 ms, where 40.00 ms are typical**\n",
        "   - +150 ms over the typical 40.0 ms: `extra_load` 150 ms",
        "   - Without `extra_load` this `block` could have taken 40.00 ms instead of 190.0 ms",
        "- 1: its time less the mean of the class",
        "2. **`execution`: 300.0 ms",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let usual = recorded(slowest, |now| blocks(now, &[("execution", 30), ("commit", 10)]));
    let explanation = Explanation::new(&usual.snapshot(), &usual.slowest(), &Options::default());
    let mut data = Vec::new();
    explanation.write_json(&mut data).expect("a vector takes everything");
    let data: serde_json::Value = serde_json::from_slice(&data).expect("JSON");
    assert_eq!(data["findings"][0]["rule"], "part", "{data}");
}
