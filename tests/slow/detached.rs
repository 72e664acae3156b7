//! Spans that are operations, but have no picture by themselves.

use tracing::{debug_span, info_span};
use tracing_flame_layer::{Builder, SpanSelector, profile::Operation};

use super::{Now, recorded};

/// A block of 10 ns that starts what goes on for 50 ns, with a step of 20, when it
/// has been answered.
fn block_and_after(now: &Now) {
    let block = info_span!("block", number = 1).entered();
    now.pass(10);
    let after = debug_span!("after");
    drop(block);
    let _after = after.entered();
    now.pass(30);
    debug_span!("step").in_scope(|| now.pass(20));
}

fn detached(builder: Builder) -> Builder {
    builder.detached(["after"]).slowest(5)
}

fn names(operations: &[Operation]) -> Vec<&str> {
    operations.iter().map(Operation::name).collect()
}

#[test]
fn what_a_detached_span_does_is_no_part_of_what_started_it() {
    let flame = recorded(detached, block_and_after);
    let mut folded = Vec::new();
    flame.snapshot().write_folded(&mut folded, &Default::default()).expect("it fits into memory");
    let folded = String::from_utf8(folded).expect("text");
    // The block stays open for its child's sake, but that is no wait of its own.
    assert_eq!(folded, "after 30\nafter;step 20\nblock 10\n");
    let took: Vec<_> = flame.slowest().iter().map(Operation::nanos).collect();
    assert_eq!(took, [10]);
}

#[test]
fn a_detached_operation_has_no_picture_unless_it_is_named_an_operation_too() {
    let flame = recorded(detached, block_and_after);
    assert_eq!(names(&flame.slowest()), ["block"]);
    let both = |builder: Builder| detached(builder).operations(["after"]);
    let flame = recorded(both, block_and_after);
    assert_eq!(names(&flame.slowest()), ["after", "block"]);
}

#[test]
fn spans_can_be_detached_by_a_value_of_theirs() {
    let second = |builder: Builder| {
        builder
            .detached(["after{of=2}".parse::<SpanSelector>().expect("a span and a value")])
            .slowest(5)
    };
    let flame = recorded(second, |now| {
        for of in [1, 2] {
            let _block = info_span!("block").entered();
            debug_span!("after", of).in_scope(|| now.pass(40));
        }
    });
    let nodes = flame.snapshot();
    let total: u64 = nodes
        .nodes()
        .iter()
        .filter(|node| node.frame.callsite().is_some_and(|callsite| callsite.name == "after"))
        .filter(|node| node.parent.is_none())
        .map(|node| node.measures.busy_nanos)
        .sum();
    assert_eq!(total, 40);
    assert_eq!(names(&flame.slowest()), ["block", "block"]);
}
