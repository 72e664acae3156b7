//! A second thread comes to an operation that is followed on its own thread.

use loom::thread;

use super::*;
use crate::record::{Counted, Ended};

const ROOT: u64 = id(0, 1);
const MINE: u64 = id(0, 2);
const THEIRS: u64 = id(1, 1);

/// The only operation that was kept, which lost no tick and doubled none.
#[track_caller]
fn kept(world: &World, spans: u64) -> Counted<Ended> {
    let kept = world.recorder.captures.slowest();
    let [ended] = &kept[..] else { panic!("{} operations were kept", kept.len()) };
    let nodes = ended.capture.tree.nodes();
    let weight: u64 = nodes.iter().map(|node| node.ticks.wall + node.ticks.awaited).sum();
    let life = share_of(ended.duration);
    assert!(weight <= life, "{weight} of {life} given out: some twice");
    assert!(weight + HELD_BACK >= life, "{weight} of {life} given out: some lost");
    assert_eq!(nodes.iter().map(|node| node.ticks.calls).sum::<u64>(), spans);
    let visits: u64 = nodes.iter().map(|node| node.ticks.enters).sum();
    assert_eq!(ended.capture.visits.all().len() as u64, visits);
    assert_eq!(world.recorder.captures.followed(), 0);
    ended.clone()
}

/// Preemption bound 3.
#[test]
fn loom_no_tick_of_an_operation_by_itself_is_lost_when_a_second_thread_attaches() {
    check(3, || {
        let world = World::that_follows();
        let owner = world.side();
        owner.root(ROOT);
        owner.enter(ROOT);
        let other = world.side();
        let other = thread::spawn(move || other.span(THEIRS, theirs(), Parent::Span(ROOT)));
        owner.span(MINE, mine(), Parent::Current);
        other.join().unwrap();
        owner.exit(ROOT);
        owner.close(ROOT);
        let ended = kept(&world, 3);
        assert_eq!(ended.duration, world.snapshot().of(&world, root()).latency);
        assert_eq!(ended.capture.lanes().len(), 2);
    });
}

/// A root that is no operation yet, its thread being in another one, and that two
/// threads enter first. Preemption bound 3.
#[test]
fn loom_a_fresh_root_that_is_to_be_followed_is_entered_by_two_threads_at_once() {
    check(3, || {
        let world = World::that_follows();
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
        let ended = kept(&world, 1);
        assert_eq!(ended.duration, world.snapshot().of(&world, root()).latency);
        assert_eq!(ended.capture.lanes().len(), 2);
    });
}

/// Entered on its thread or on another, closed there. Preemption bound 3.
#[test]
fn loom_a_root_that_is_followed_is_first_entered_on_another_thread() {
    check(3, || {
        let world = World::that_follows();
        let owner = world.side();
        owner.root(ROOT);
        let other = world.side();
        let other = thread::spawn(move || other.visit(ROOT));
        owner.span(MINE, mine(), Parent::None);
        other.join().unwrap();
        owner.close(ROOT);
        let ended = kept(&world, 1);
        assert_eq!(ended.capture.lanes().len(), 1);
    });
}
