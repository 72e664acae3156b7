//! With the processor's own counter, under which a thread takes the fewest steps through
//! an operation that is followed; a clock that a test sets takes another.

use std::collections::BTreeMap;

use tracing::{info_span, subscriber::with_default};
use tracing_flame_layer::{
    Flame, FlameLayer,
    profile::{Measures, Node, Profile},
};
use tracing_subscriber::{layer::SubscriberExt, registry};

fn recorded(run: impl FnOnce()) -> Flame {
    let (layer, flame) = FlameLayer::builder().operations(["block"]).slowest(1).build();
    with_default(registry().with(layer), run);
    flame
}

/// Numbers in no order.
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        self.0 >> 33
    }
}

/// Spans below one another, entered once, several times or never.
fn spans(dice: &mut Dice, depth: u32) {
    for _ in 0..dice.throw() % 7 {
        let span = match dice.throw() % 3 {
            0 => info_span!("read"),
            1 => info_span!("write"),
            _ => info_span!("hash"),
        };
        for _ in 0..dice.throw() % 3 {
            span.in_scope(|| {
                if depth > 0 {
                    spans(dice, depth - 1);
                }
            });
        }
    }
}

/// What was measured at each stack, but for what an operation alone has not.
fn measures(profile: &Profile) -> BTreeMap<Vec<String>, Measures> {
    let name = |node: &Node| node.frame.callsite().map_or(String::new(), |c| c.name.to_string());
    let mut stacks: Vec<Vec<String>> = Vec::new();
    let each = profile.nodes().iter().map(|node| {
        let mut stack = node.parent.map_or(Vec::new(), |parent| stacks[parent.index()].clone());
        stack.push(name(&node));
        stacks.push(stack.clone());
        (stack, node.measures)
    });
    each.collect()
}

#[test]
fn an_operation_by_itself_is_measured_as_it_is_among_all() {
    // There are notes for a thousand spans: room is left over, is used up, and is used up
    // many times.
    for (seed, times, spans_made) in
        [(1, 1, 0..1_000), (2, 10, 1_000..2_000), (3, 300, 9_000..99_000)]
    {
        let flame = recorded(|| {
            let _block = info_span!("block").entered();
            let mut dice = Dice(seed);
            (0..times).for_each(|_| spans(&mut dice, 3));
        });
        let all = measures(&flame.snapshot());
        let operation = flame.slowest().pop().expect("one operation");
        assert_eq!(measures(operation.profile()), all, "seed {seed}");
        let made: u64 = all.values().map(|m| m.calls).sum();
        assert!(spans_made.contains(&made), "{made} spans by seed {seed}");
    }
}
