//! What is said of slow operations as they end.

use super::*;

const FLAGS: &str =
    "--flame-operation block --flame-slower-than 0 --flame-slowest 0 --flame-duration 0";

fn blocks(number: usize) {
    (0..number).for_each(|_| drop(info_span!("block").entered()));
}

/// The session's lines about slow operations.
fn said(lines: &Receiver<String>) -> Vec<String> {
    lines.try_iter().filter(|line| line.starts_with("slow: ")).collect()
}

#[test]
fn each_slow_operation_has_a_line_that_says_what_was_slow() {
    let mut fixture = Fixture::writing(FLAGS, &["spans.json"]);
    with_default(fixture.subscriber(), || blocks(3));
    fixture.session.finish().expect("a picture");
    let lines = said(&fixture.lines);
    assert_eq!(lines.len(), 3, "{lines:?}");
    for line in lines {
        assert!(line.starts_with("slow: block took ") && line.contains(" typical "), "{line}");
    }
}

#[test]
fn of_many_at_once_a_few_have_a_line_and_the_rest_is_counted() {
    let mut fixture = Fixture::writing(FLAGS, &["spans.json"]);
    with_default(fixture.subscriber(), || blocks(25));
    fixture.session.finish().expect("a picture");
    let lines = said(&fixture.lines);
    assert_eq!(lines.len(), 11, "{lines:?}");
    assert!(lines.last().is_some_and(|last| last.contains("15 operations more")), "{lines:?}");
}

#[test]
fn an_operation_that_is_open_for_too_long_is_told_of_once_with_where_it_is() {
    let flags = "--flame-operation block --flame-stuck 1ms --flame-slowest 0";
    let mut fixture = Fixture::writing(flags, &["spans.json"]);
    let gate = fixture.run();
    with_default(fixture.subscriber(), || {
        let _block = info_span!("block").entered();
        let _commit = debug_span!("commit").entered();
        // Its own clock goes on until it has been open for a millisecond.
        let line = loop {
            gate.gate.advance(Duration::from_millis(100));
            if let Ok(line) = fixture.lines.try_recv()
                && line.starts_with("stuck: ")
            {
                break line;
            }
            thread::yield_now();
        };
        assert!(line.starts_with("stuck: block open for "), "{line}");
        assert!(line.contains(" in block > commit (for "), "{line}");
        assert!(gate.flame.open().iter().all(|open| open.is_named));
    });
    fixture.session.finish().expect("a picture");
    let more: Vec<String> =
        fixture.lines.try_iter().filter(|line| line.starts_with("stuck: ")).collect();
    assert!(more.is_empty(), "{more:?}");
}
