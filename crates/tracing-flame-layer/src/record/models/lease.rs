//! A thread has a span of another thread's operation on lease.

use loom::thread;

use super::*;

const ROOT: u64 = id(0, 1);
const MINE: u64 = id(0, 2);
const OURS: u64 = id(0, 3);
const PART: u64 = id(1, 1);
const INNER: u64 = id(1, 2);

/// A root that the owner is in, and a part of it that another thread has on lease.
fn leased(world: &World) -> (Side, Side) {
    let (owner, other) = (world.side(), world.side());
    owner.root(ROOT);
    owner.enter(ROOT);
    other.create(PART, theirs(), Parent::Span(ROOT));
    other.enter(PART);
    other.create(INNER, inner(), Parent::Current);
    assert!(other.has_lease());
    (owner, other)
}

/// Ends both threads' spans, and adds up.
fn end(world: &World, owner: &Side, other: &Side) -> Snapshot {
    other.close(INNER);
    other.exit(PART);
    other.close(PART);
    let all = end_root(world, owner);
    all.assert_no_trouble();
    let inner = all.of(world, inner());
    assert_eq!(inner.busy, inner.entered);
    all
}

/// Ends the root, in which everything else has ended, and adds up.
fn end_root(world: &World, owner: &Side) -> Snapshot {
    owner.exit(ROOT);
    owner.close(ROOT);
    let all = world.snapshot();
    all.assert_weighs(all.of(world, root()).latency);
    assert_eq!((all.begun, all.living), (1, 0));
    all
}

/// Preemption bound 2.
#[test]
fn loom_no_tick_is_lost_or_doubled_on_lease_while_another_thread_comes_and_goes() {
    check(2, || {
        let world = World::new();
        let (owner, other) = leased(&world);
        owner.create(MINE, mine(), Parent::Current);
        let other = thread::spawn(move || {
            other.visit(INNER);
            assert!(other.has_lease());
            other
        });
        owner.visit(MINE);
        let other = other.join().unwrap();
        owner.close(MINE);
        let all = end(&world, &owner, &other);
        assert_visited(all.of(&world, mine()), 1, 1, 1);
        assert_visited(all.of(&world, theirs()), 1, 1, 1);
        assert_visited(all.of(&world, inner()), 1, 1, 1);
    });
}

/// Lets the owner do what ends the other thread's lease, while that one works.
fn ended_by(world: &World, disturb: impl FnOnce(&Side)) -> Snapshot {
    let (owner, other) = leased(world);
    let other = thread::spawn(move || {
        other.visit(INNER);
        other
    });
    disturb(&owner);
    let other = other.join().unwrap();
    assert!(!other.has_lease());
    let all = end(world, &owner, &other);
    assert_visited(all.of(world, inner()), 1, 1, 1);
    all
}

/// Preemption bound 3.
#[test]
fn loom_a_lease_ends_as_another_thread_enters_its_span() {
    check(3, || {
        let world = World::new();
        let all = ended_by(&world, |owner| owner.visit(PART));
        assert_visited(all.of(&world, theirs()), 1, 1, 2);
    });
}

/// Preemption bound 3.
#[test]
fn loom_a_lease_ends_as_another_thread_makes_a_child_of_a_span_on_it() {
    check(3, || {
        let world = World::new();
        let all = ended_by(&world, |owner| owner.span(MINE, mine(), Parent::Span(INNER)));
        assert_visited(all.of(&world, mine()), 1, 1, 1);
    });
}

/// Preemption bound 2.
#[test]
fn loom_snapshots_of_a_thread_with_a_lease_subtract() {
    check(2, || {
        let world = World::new();
        let (owner, other) = leased(&world);
        let other = thread::spawn(move || {
            other.visit(INNER);
            other
        });
        let first = world.snapshot();
        let second = world.snapshot();
        let other = other.join().unwrap();
        for node in second.nodes() {
            let (earlier, later) = (first.ticks(node), second.ticks(node));
            let mut sum = earlier;
            sum.merge(&later.since(&earlier));
            assert_eq!(sum, later, "a counter ran backwards");
        }
        let all = end(&world, &owner, &other);
        assert!(first.weight() <= second.weight() && second.weight() <= all.weight());
    });
}

/// Preemption bound 3.
#[test]
fn loom_a_lease_ends_as_another_thread_closes_the_span_that_its_thread_is_in() {
    check(3, || {
        let world = World::new();
        let (owner, other) = leased(&world);
        other.enter(INNER);
        let other = thread::spawn(move || {
            other.exit(INNER);
            other
        });
        owner.close(INNER);
        let other = other.join().unwrap();
        other.exit(PART);
        other.close(PART);
        let all = end_root(&world, &owner);
        assert_visited(all.of(&world, inner()), 1, 1, 1);
        assert!(all.troubles.closed_while_entered <= 1);
    });
}

/// Preemption bound 2.
#[test]
fn loom_a_thread_ends_with_a_lease_beside_another_one_at_work() {
    check(2, || {
        let world = World::new();
        let (owner, other) = leased(&world);
        other.enter(INNER);
        owner.create(MINE, mine(), Parent::Current);
        let other = thread::spawn(move || other.end());
        owner.visit(MINE);
        other.join().unwrap();
        for span in [MINE, INNER, PART] {
            owner.close(span);
        }
        let all = end_root(&world, &owner);
        assert_eq!(all.troubles.exited_by_thread_end, 2);
        assert_visited(all.of(&world, inner()), 1, 1, 1);
    });
}

/// The owner works at a span of its own, and waits at the root above it. Preemption
/// bound 3.
#[test]
fn loom_an_exit_lets_one_more_thread_share_beside_a_lease() {
    check(3, || {
        let world = World::new();
        let (owner, other) = leased(&world);
        owner.create(MINE, mine(), Parent::Current);
        owner.enter(MINE);
        owner.enter(ROOT);
        let other = thread::spawn(move || {
            other.visit(INNER);
            assert!(other.has_lease());
            other
        });
        owner.exit(ROOT);
        let other = other.join().unwrap();
        owner.exit(MINE);
        owner.close(MINE);
        let all = end(&world, &owner, &other);
        assert_visited(all.of(&world, mine()), 1, 1, 1);
        assert_visited(all.of(&world, inner()), 1, 1, 1);
    });
}

/// Preemption bound 2.
#[test]
fn loom_two_threads_have_a_lease_in_one_operation() {
    check(2, || {
        let world = World::new();
        let (owner, other) = leased(&world);
        owner.create(MINE, mine(), Parent::Current);
        owner.enter(MINE);
        owner.create(OURS, inner(), Parent::Current);
        assert!(owner.has_lease());
        let other = thread::spawn(move || {
            other.visit(INNER);
            assert!(other.has_lease());
            other
        });
        owner.visit(OURS);
        owner.close(OURS);
        owner.exit(MINE);
        assert!(!owner.has_lease());
        let other = other.join().unwrap();
        owner.close(MINE);
        let all = end(&world, &owner, &other);
        assert_visited(all.of(&world, mine()), 1, 1, 1);
        assert_visited(all.of(&world, theirs()), 1, 1, 1);
        assert_visited(all.of(&world, inner()), 1, 1, 1);
    });
}
