//! A snapshot is taken while threads run.

use loom::thread;

use super::*;

const ROOT: u64 = id(0, 1);
const MINE: u64 = id(0, 2);

/// Two snapshots hold what there was at their moments, nothing twice, and the
/// later one nothing less than the earlier one.
#[track_caller]
fn assert_subtract(world: &World, began: u64, first: &Snapshot, second: &Snapshot) {
    let now = world.now();
    for snapshot in [first, second] {
        let weight = snapshot.weight();
        assert!(weight + HELD_BACK >= share_of(snapshot.at - began), "some lost");
        assert!(weight <= share_of(now - began), "some twice");
    }
    let between = second.clone().since(first);
    assert_eq!(first.weight() + between.weight(), second.weight());
    for node in second.nodes() {
        let (earlier, later) = (first.ticks(node), second.ticks(node));
        let mut sum = earlier;
        sum.merge(&later.since(&earlier));
        assert_eq!(sum, later, "a counter ran backwards");
    }
}

/// Preemption bound 3.
#[test]
fn loom_snapshots_of_a_thread_that_enters_and_exits_subtract() {
    check(3, || {
        let world = World::new();
        let owner = world.side();
        owner.root(ROOT);
        owner.enter(ROOT);
        let began = world.now();
        let running = thread::spawn(move || {
            owner.span(MINE, mine(), Parent::Current);
            owner
        });
        let first = world.snapshot();
        let second = world.snapshot();
        assert_subtract(&world, began, &first, &second);
        let owner = running.join().unwrap();
        owner.exit(ROOT);
        owner.close(ROOT);
        let all = world.snapshot();
        all.assert_weighs(all.of(&world, root()).latency);
        all.assert_no_trouble();
        assert_visited(all.of(&world, mine()), 1, 1, 1);
    });
}

/// Preemption bound 3.
#[test]
fn loom_snapshots_of_a_thread_that_ends_subtract() {
    check(3, || {
        let world = World::new();
        let owner = world.side();
        owner.root(ROOT);
        owner.enter(ROOT);
        let began = world.now();
        let ending = thread::spawn(move || owner.end());
        let first = world.snapshot();
        let second = world.snapshot();
        assert_subtract(&world, began, &first, &second);
        ending.join().unwrap();
        let all = world.snapshot();
        all.assert_weighs(all.at - began);
        assert_visited(all.of(&world, root()), 1, 1, 1);
        assert_eq!(all.living, 1);
    });
}
