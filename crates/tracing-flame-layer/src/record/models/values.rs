//! A span gets a value while something else happens to it.

use loom::thread;

use super::*;
use crate::record::{Named, PathId, Step, Values};

const ROOT: u64 = id(0, 1);
const NAMED: u64 = id(0, 2);
/// Of a later thread; the second stands where a table had the span above.
const LATER: [u64; 2] = [id(2, 5), id(2, 6)];

fn world() -> World {
    let fields = vec!["named{x}".parse().unwrap()];
    let values = Values::new(Named { fields, ..Named::default() });
    World::with(Roles { values, ..Roles::default() }, Wanted::default())
}

/// A span in an operation of two threads, which both know.
fn shared(maker: &Side, other: &Side) {
    maker.root(ROOT);
    other.visit(ROOT);
    maker.create(NAMED, named(), Parent::Span(ROOT));
}

/// What was counted at the nodes of the span, of whatever value. As it may get another
/// one until its first enter, that alone counts it.
fn nodes(world: &World, all: &Snapshot) -> Vec<Ticks> {
    let paths = &world.recorder.paths;
    let is = |node: &PathId| match paths.node(*node).map(|path| path.step) {
        Some(Step::Span(of, _)) => std::ptr::eq(of, named()),
        _ => false,
    };
    let ticks = all.nodes().filter(is).map(|node| all.ticks(node));
    ticks.filter(|ticks| *ticks != Ticks::default()).collect()
}

/// The thread in whose table the span stands ends, and another one has its table.
/// Preemption bound 3.
#[test]
fn loom_a_value_comes_while_the_thread_that_made_the_span_ends() {
    check(3, || {
        let world = world();
        let (maker, other) = (world.side(), world.side());
        shared(&maker, &other);
        let other = thread::spawn(move || {
            other.fill(NAMED, named(), 7);
            other.visit(NAMED);
            other.close(NAMED);
            other.close(ROOT);
        });
        maker.end();
        let later = world.side();
        for root in LATER {
            later.create(root, mine(), Parent::None);
        }
        later.visit(LATER[1]);
        other.join().unwrap();
        for root in LATER {
            later.close(root);
        }
        let all = world.snapshot();
        let [named] = nodes(&world, &all)[..] else { panic!("it counts at two nodes") };
        assert_visited(named, 0, 1, 1);
        assert_visited(all.of(&world, mine()), 2, 1, 1);
        all.assert_no_trouble();
    });
}

/// Another thread enters the span. Either comes first. Preemption bound 3.
#[test]
fn loom_a_value_comes_while_another_thread_enters_the_span() {
    check(3, || {
        let world = world();
        let (maker, other) = (world.side(), world.side());
        shared(&maker, &other);
        fill_beside_a_visit(&world, &maker, other);
        maker.close(ROOT);
    });
}

/// The same where the span is a root, which the other thread takes. Preemption bound 3.
#[test]
fn loom_a_value_comes_while_another_thread_takes_the_root() {
    check(3, || {
        let world = world();
        let (maker, other) = (world.side(), world.side());
        maker.root(ROOT);
        maker.create(NAMED, named(), Parent::None);
        fill_beside_a_visit(&world, &maker, other);
        maker.close(ROOT);
    });
}

fn fill_beside_a_visit(world: &World, filler: &Side, visitor: Side) {
    let visitor = thread::spawn(move || {
        visitor.visit(NAMED);
        visitor
    });
    filler.fill(NAMED, named(), 7);
    visitor.join().unwrap().close(NAMED);
    let all = world.snapshot();
    let [named] = nodes(world, &all)[..] else { panic!("it counts at two nodes") };
    assert_visited(named, 0, 1, 1);
    assert_eq!((all.troubles.unmatched_exits, all.troubles.lost), (0, 0));
}
