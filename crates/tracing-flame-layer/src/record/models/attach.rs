//! A second thread comes to an operation that one thread had to itself.

use loom::thread;

use super::*;

const ROOT: u64 = id(0, 1);
const MINE: u64 = id(0, 2);
const THEIRS: u64 = id(1, 1);

/// Preemption bound 3.
#[test]
fn loom_no_tick_is_lost_or_doubled_when_a_second_thread_attaches() {
    check(3, || {
        let world = World::new();
        let owner = world.side();
        owner.root(ROOT);
        owner.enter(ROOT);
        let began = world.now();
        let other = world.side();
        let other = thread::spawn(move || other.span(THEIRS, theirs(), Parent::Span(ROOT)));
        owner.span(MINE, mine(), Parent::Current);
        other.join().unwrap();
        owner.exit(ROOT);
        owner.close(ROOT);
        let life = world.now() - began;
        let all = world.snapshot();
        all.assert_weighs(life);
        all.assert_no_trouble();
        let (above, mine, theirs) =
            (all.of(&world, root()), all.of(&world, mine()), all.of(&world, theirs()));
        assert_visited(above, 1, 1, 1);
        assert_visited(mine, 1, 1, 1);
        assert_visited(theirs, 1, 1, 1);
        assert_eq!(above.latency, life);
        assert_eq!(above.busy + mine.busy, above.entered);
        assert_eq!(mine.busy, mine.entered);
        assert_eq!(theirs.busy, theirs.entered);
        assert_eq!((all.begun, all.living), (1, 0));
    });
}

/// A future, polled on its owner while another thread creates a child in it.
/// Preemption bound 3.
#[test]
fn loom_no_tick_is_lost_or_doubled_when_a_second_thread_attaches_to_a_pending_operation() {
    check(3, || {
        let world = World::new();
        let owner = world.side();
        owner.root(ROOT);
        owner.visit(ROOT);
        let other = world.side();
        let other = thread::spawn(move || other.span(THEIRS, theirs(), Parent::Span(ROOT)));
        owner.visit(ROOT);
        other.join().unwrap();
        owner.close(ROOT);
        let all = world.snapshot();
        let above = all.of(&world, root());
        all.assert_weighs(above.latency);
        all.assert_no_trouble();
        assert_visited(above, 1, 1, 2);
        assert_visited(all.of(&world, theirs()), 1, 1, 1);
    });
}

/// Preemption bound 2.
#[test]
fn loom_two_threads_that_attach_at_once_find_one_operation() {
    check(2, || {
        let world = World::new();
        let owner = world.side();
        owner.root(ROOT);
        owner.enter(ROOT);
        let others = [id(1, 1), id(2, 1)].map(|child| {
            let other = world.side();
            thread::spawn(move || other.span(child, theirs(), Parent::Span(ROOT)))
        });
        others.into_iter().for_each(|other| other.join().unwrap());
        owner.exit(ROOT);
        owner.close(ROOT);
        let all = world.snapshot();
        all.assert_weighs(all.of(&world, root()).latency);
        all.assert_no_trouble();
        assert_visited(all.of(&world, theirs()), 2, 2, 2);
        assert_eq!((all.begun, all.living), (1, 0));
    });
}

/// A root that stands ready on its thread. Preemption bound 3.
#[test]
fn loom_a_root_created_on_one_thread_is_first_entered_on_another() {
    check(3, || {
        let world = World::new();
        let owner = world.side();
        owner.root(ROOT);
        let other = world.side();
        let other = thread::spawn(move || other.visit(ROOT));
        owner.span(MINE, mine(), Parent::None);
        other.join().unwrap();
        owner.close(ROOT);
        let all = world.snapshot();
        all.assert_weighs(all.of(&world, root()).latency + all.of(&world, mine()).latency);
        all.assert_no_trouble();
        assert_visited(all.of(&world, root()), 1, 1, 1);
        assert_visited(all.of(&world, mine()), 1, 1, 1);
        assert_eq!((all.begun, all.living), (2, 0));
    });
}

/// A root that is no operation yet, its thread being in one of its own.
/// Preemption bound 3.
#[test]
fn loom_a_fresh_root_is_first_entered_by_two_threads_at_once() {
    check(3, || {
        let world = World::new();
        let owner = world.side();
        owner.create(MINE, mine(), Parent::None);
        owner.enter(MINE);
        owner.root(ROOT);
        let other = world.side();
        let other = thread::spawn(move || other.visit(ROOT));
        owner.visit(ROOT);
        other.join().unwrap();
        owner.close(ROOT);
        owner.exit(MINE);
        owner.close(MINE);
        let all = world.snapshot();
        all.assert_weighs(all.of(&world, root()).latency + all.of(&world, mine()).latency);
        all.assert_no_trouble();
        assert_visited(all.of(&world, root()), 1, 1, 2);
        assert_visited(all.of(&world, mine()), 1, 1, 1);
        assert_eq!((all.begun, all.living), (2, 0));
    });
}
