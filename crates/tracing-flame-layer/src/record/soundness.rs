//! Tests that walk every `unsafe` line of the recorder, small enough for Miri.

use std::{
    cell::RefCell,
    num::NonZeroU64,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
};

use super::{
    Bounds, Current, Parent, Recorder, Roles, Snapshot, Wanted,
    biased::Biased,
    callsites::{mine, new_span, root, theirs},
    cell::Cells,
    paths::PathId,
    pooled::Pooled,
    thread::Local,
    ticks::share_of,
    with_local,
};
use crate::Clock;

/// A recorder whose clock advances by one at each reading.
pub(super) fn recorder() -> Recorder {
    with(Roles::default(), Wanted::default())
}

fn with(roles: Roles, wanted: Wanted) -> Recorder {
    let reading = AtomicU64::new(0);
    let clock = Clock::from_nanos(move || reading.fetch_add(1, Relaxed));
    Recorder::new(clock, roles, Bounds::default(), wanted)
}

/// What was given out, in the unit of shares.
pub(super) fn weight(snapshot: &Snapshot) -> u64 {
    snapshot.nodes().map(|node| snapshot.ticks(node)).map(|of| of.wall + of.awaited).sum()
}

pub(super) fn calls(snapshot: &Snapshot) -> u64 {
    snapshot.nodes().map(|node| snapshot.ticks(node).calls).sum()
}

pub(super) fn id(number: u64) -> NonZeroU64 {
    NonZeroU64::new(number).unwrap()
}

/// The whole of a span's life.
pub(super) fn span(recorder: &Recorder, local: &Local, number: u64, parent: Parent) {
    let id = id(number);
    new_span(mine(), |span| recorder.create(local, id, span, parent, true));
    recorder.enter(local, id);
    recorder.exit(local, id);
    recorder.close(local, id, None);
}

#[test]
fn an_owner_and_others_take_turns_at_a_value() {
    let lock = Biased::new(0, 1, true);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..20).for_each(|_| *lock.lock() += 1));
        }
        for _ in 0..40 {
            // SAFETY: this thread alone is the owner.
            *unsafe { lock.own() }.unwrap() += 1;
        }
    });
    assert_eq!(*lock.lock(), 80);
}

#[test]
fn an_owner_inside_is_refused_a_second_time() {
    let lock = Biased::new(0, 1, true);
    // SAFETY: this thread alone is the owner.
    let first = unsafe { lock.own() };
    // SAFETY: as above.
    assert!(first.is_some() && unsafe { lock.own() }.is_none());
    drop(first);
    // SAFETY: as above.
    assert!(unsafe { lock.own() }.is_some());
}

#[test]
fn a_pinned_cell_stays_where_it_is_while_its_table_moves_and_grows() {
    let cells = Cells::new(Arc::new(Pooled::new()));
    let pin = cells.pin(PathId(1)).unwrap();
    cells.pinned(pin).calls.add(1);
    let moved = Box::new(cells);
    (0..40).for_each(|page| moved.at(PathId(page * 64)).unwrap().calls.add(1));
    moved.pinned(pin).calls.add(1);
    assert_eq!(moved.at(PathId(1)).unwrap().calls.get(), 2);
    assert_eq!(moved.iter().map(|(_, cell)| cell.calls.get()).sum::<u64>(), 42);
}

#[test]
fn another_thread_writes_to_the_cells_that_an_owner_pinned() {
    let recorder = recorder();
    let owner = recorder.threads.begin().unwrap();
    new_span(root(), |span| recorder.create(&owner, id(1), span, Parent::None, true));
    recorder.enter(&owner, id(1));
    thread::scope(|scope| {
        scope.spawn(|| {
            let other = recorder.threads.begin().unwrap();
            (0..4).for_each(|n| span(&recorder, &other, 1 << 38 | n << 1 | 1, Parent::Span(1)));
            Snapshot::take(&recorder);
            recorder.end_thread(&other);
        });
        (2..6).for_each(|id| span(&recorder, &owner, id, Parent::Current));
    });
    recorder.exit(&owner, id(1));
    recorder.close(&owner, id(1), None);
    let all = Snapshot::take(&recorder);
    let life = share_of(all.ticks(PathId(0)).latency);
    assert!((life - 16..=life).contains(&weight(&all)), "{} of {life}", weight(&all));
    assert_eq!(calls(&all), 9);
}

#[test]
fn a_thread_that_alternates_between_recorders_has_one_side_of_each() {
    let currents = [Current::new(recorder()), Current::new(recorder())];
    let mut sides = [Vec::new(), Vec::new()];
    for _ in 0..3 {
        for (current, sides) in currents.iter().zip(&mut sides) {
            with_local(current, |recorder, local| {
                span(recorder, local, 1, Parent::None);
                sides.push(std::ptr::from_ref(local));
            });
        }
    }
    let snapshots = currents.each_ref().map(|current| Snapshot::take(&current.recorder));
    assert_eq!(snapshots.each_ref().map(calls), [3, 3]);
    assert!(sides.iter().all(|sides| sides.iter().all(|side| *side == sides[0])));
    assert_ne!(sides[0][0], sides[1][0]);
}

#[test]
fn a_side_of_a_recorder_that_is_gone_is_dropped_when_another_is_met() {
    thread::spawn(|| {
        for _ in 0..3 {
            let current = Current::new(recorder());
            with_local(&current, |recorder, local| {
                new_span(theirs(), |span| recorder.create(local, id(1), span, Parent::None, true));
                recorder.enter(local, id(1));
            });
            assert_eq!(calls(&Snapshot::take(&current.recorder)), 1);
        }
    })
    .join()
    .unwrap();
}

#[test]
fn spans_that_no_record_is_left_for_are_lost_and_counted() {
    let recorder = recorder();
    recorder.operations.use_up();
    let local = recorder.threads.begin().unwrap();
    let make = |number, parent| {
        new_span(root(), |span| recorder.create(&local, id(number), span, parent, true));
    };
    // A chain that another thread's child attaches to.
    make(1, Parent::None);
    recorder.enter(&local, id(1));
    span(&recorder, &local, 2, Parent::Current);
    thread::scope(|scope| {
        scope.spawn(|| {
            let other = recorder.threads.begin().unwrap();
            span(&recorder, &other, 1 << 38 | 1, Parent::Span(1));
            recorder.end_thread(&other);
        });
    });
    assert_eq!(recorder.trouble.read().lost, 1);
    recorder.exit(&local, id(1));
    recorder.close(&local, id(1), None);
    // A child of a root that was never entered, and one that closes too early.
    make(3, Parent::None);
    make(4, Parent::Span(3));
    recorder.enter(&local, id(4));
    recorder.close(&local, id(4), None);
    recorder.exit(&local, id(4));
    recorder.close(&local, id(3), None);
    assert_eq!(recorder.trouble.read().lost, 3);
    // What needs no record is recorded as ever.
    let before = calls(&Snapshot::take(&recorder));
    span(&recorder, &local, 5, Parent::None);
    let after = Snapshot::take(&recorder);
    assert_eq!(calls(&after), before + 1);
    assert_eq!(after.troubles.lost, 3);
    let lives: u64 = share_of(after.nodes().map(|node| after.ticks(node).latency).sum());
    assert!(weight(&after) <= lives, "{} of {lives}", weight(&after));
    recorder.end_thread(&local);
}

/// A recorder that follows every root's operation.
fn following(idle: &[&str]) -> Recorder {
    let selectors = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
    let roles =
        Roles { operations: selectors(&["root"]), idle: selectors(idle), ..Roles::default() };
    let wanted = Wanted { slowest: 9, ..Wanted::default() };
    let recorder = with(roles, wanted);
    recorder.captures.take(true);
    recorder
}

#[test]
fn nothing_is_followed_any_more_where_no_record_is_left() {
    let recorder = following(&["root"]);
    recorder.operations.use_up();
    let local = recorder.threads.begin().unwrap();
    new_span(root(), |span| recorder.create(&local, id(1), span, Parent::None, true));
    assert_eq!((recorder.captures.followed(), recorder.trouble.read().lost), (0, 1));
    recorder.end_thread(&local);

    let recorder = following(&[]);
    let local = recorder.threads.begin().unwrap();
    new_span(root(), |span| recorder.create(&local, id(1), span, Parent::None, true));
    recorder.enter(&local, id(1));
    assert_eq!(recorder.captures.followed(), 1);
    recorder.operations.use_up();
    thread::scope(|scope| {
        scope.spawn(|| {
            let other = recorder.threads.begin().unwrap();
            span(&recorder, &other, 1 << 38 | 1, Parent::Span(1));
            recorder.end_thread(&other);
        });
    });
    assert_eq!(recorder.captures.followed(), 0);
    recorder.exit(&local, id(1));
    recorder.close(&local, id(1), None);
    recorder.end_thread(&local);

    // A root that nobody has entered.
    let recorder = following(&[]);
    let local = recorder.threads.begin().unwrap();
    new_span(mine(), |span| recorder.create(&local, id(1), span, Parent::None, true));
    recorder.enter(&local, id(1));
    new_span(root(), |span| recorder.create(&local, id(2), span, Parent::None, true));
    assert_eq!(recorder.captures.followed(), 1);
    recorder.operations.use_up();
    new_span(mine(), |span| recorder.create(&local, id(3), span, Parent::Span(2), true));
    assert_eq!((recorder.captures.followed(), recorder.trouble.read().lost), (0, 1));
    (2..4).rev().for_each(|number| recorder.close(&local, id(number), None));
    recorder.exit(&local, id(1));
    recorder.close(&local, id(1), None);
    recorder.end_thread(&local);
}

#[test]
fn a_followed_root_that_nobody_enters_is_given_up_when_it_closes() {
    let recorder = following(&[]);
    let local = recorder.threads.begin().unwrap();
    new_span(mine(), |span| recorder.create(&local, id(1), span, Parent::None, true));
    recorder.enter(&local, id(1));
    new_span(root(), |span| recorder.create(&local, id(2), span, Parent::None, true));
    assert_eq!(recorder.captures.followed(), 1);
    recorder.close(&local, id(2), None);
    assert_eq!(recorder.captures.followed(), 0);
    new_span(root(), |span| recorder.create(&local, id(3), span, Parent::None, true));
    recorder.enter(&local, id(3));
    recorder.exit(&local, id(3));
    recorder.close(&local, id(3), None);
    assert_eq!((recorder.captures.followed(), recorder.captures.slowest().len()), (0, 1));
    recorder.exit(&local, id(1));
    recorder.close(&local, id(1), None);
    recorder.end_thread(&local);
}

/// Records a span while the thread's other thread-locals go.
struct Late(Current);

impl Drop for Late {
    fn drop(&mut self) {
        with_local(&self.0, |recorder, local| {
            new_span(mine(), |span| recorder.create(local, id(2), span, Parent::None, true));
            recorder.enter(local, id(2));
            recorder.exit(local, id(2));
            recorder.close(local, id(2), None);
        });
    }
}

thread_local! {
    static BEFORE: RefCell<Option<Late>> = const { RefCell::new(None) };
    static AFTER: RefCell<Option<Late>> = const { RefCell::new(None) };
}

#[test]
fn callbacks_before_and_after_a_threads_side_goes_are_counted() {
    let current = Current::new(recorder());
    let late = current.clone();
    thread::spawn(move || {
        BEFORE.set(Some(Late(late.clone())));
        with_local(&late, |recorder, local| {
            new_span(root(), |span| recorder.create(local, id(1), span, Parent::None, true));
            recorder.enter(local, id(1));
        });
        AFTER.set(Some(Late(late)));
    })
    .join()
    .unwrap();
    let all = Snapshot::take(&current.recorder);
    assert_eq!(calls(&all), 3);
    assert_eq!(all.troubles.exited_by_thread_end, 1);
}
