//! What a lease outlasts, what ends it, and that nothing is lost with it.

use std::num::NonZeroU64;

use tracing::Metadata;

use super::super::{
    Parent, Recorder, Snapshot,
    callsites::{inner, mine, new_span, root, theirs},
    paths::PathId,
    soundness::{calls, id, recorder, span, weight},
    thread::Local,
    ticks::share_of,
};
use crate::profile::Troubles;

const ROOT: u64 = 1;
const PART: u64 = 1 << 38 | 1;
const CHILD: u64 = 1 << 38 | 3;

/// A root that one thread is in, and a part of it that another thread has on lease,
/// being in a child of it.
struct Leased {
    recorder: Recorder,
    owner: Local,
    other: Local,
}

impl Leased {
    fn begin() -> Self {
        let recorder = recorder();
        let [owner, other] = [(); 2].map(|()| recorder.threads.begin().unwrap());
        let leased = Self { recorder, owner, other };
        leased.open(&leased.owner, ROOT, root(), Parent::None);
        leased.open(&leased.other, PART, theirs(), Parent::Span(ROOT));
        leased.enter_child();
        assert!(leased.lasts());
        leased
    }

    fn enter_child(&self) {
        self.open(&self.other, CHILD, inner(), Parent::Current);
    }

    /// Whether the other thread has a lease.
    fn lasts(&self) -> bool {
        let section = self.other.section().unwrap();
        assert_eq!(section.state.lease.is_some(), self.other.record.has_lease());
        section.state.lease.is_some()
    }

    fn owns(&self, thread: &Local, number: u64) -> bool {
        thread.section().unwrap().state.owns(number)
    }

    /// Creates a span and enters it.
    fn open(
        &self,
        thread: &Local,
        number: u64,
        metadata: &'static Metadata<'static>,
        parent: Parent,
    ) {
        self.create(thread, number, metadata, parent, true);
        self.enter(thread, number);
    }

    fn create(
        &self,
        thread: &Local,
        number: u64,
        metadata: &'static Metadata<'static>,
        parent: Parent,
        wanted: bool,
    ) {
        new_span(metadata, |span| {
            self.recorder.create(thread, id(number), span, parent, wanted);
        });
    }

    fn enter(&self, thread: &Local, number: u64) {
        self.recorder.enter(thread, id(number));
    }

    fn exit(&self, thread: &Local, number: u64) {
        self.recorder.exit(thread, id(number));
    }

    fn close(&self, thread: &Local, number: u64) {
        self.recorder.close(thread, id(number), None);
    }

    fn leave(&self, thread: &Local, number: u64) {
        self.exit(thread, number);
        self.close(thread, number);
    }

    /// The whole of a child's life.
    fn visit_child(&self, thread: &Local, number: u64) {
        span(&self.recorder, thread, number, Parent::Current);
    }

    /// Ends the root, in which everything else has ended, and adds up.
    fn end(&self) -> Snapshot {
        self.leave(&self.owner, ROOT);
        let all = Snapshot::take(&self.recorder);
        let life = share_of(all.ticks(PathId(0)).latency);
        assert!((life - 16..=life).contains(&weight(&all)), "{} of {life}", weight(&all));
        all
    }

    /// The same where the other thread is in its part, and nothing went wrong.
    fn end_all(&self) -> Snapshot {
        self.leave(&self.other, PART);
        let all = self.end();
        assert_eq!(all.troubles, Troubles::default());
        all
    }
}

#[test]
fn a_thread_has_a_part_of_an_operation_on_lease_until_another_enters_it() {
    let leased = Leased::begin();
    let Leased { owner, other, .. } = &leased;
    leased.visit_child(other, 1 << 38 | 5);
    leased.visit_child(owner, 3);
    assert!(leased.lasts());
    leased.enter(owner, PART);
    assert!(!leased.lasts());
    leased.visit_child(other, 1 << 38 | 7);
    leased.exit(owner, PART);
    leased.leave(other, CHILD);
    assert_eq!(calls(&leased.end_all()), 6);
}

#[test]
fn a_span_that_another_thread_entered_once_is_not_put_into_a_chain_on_lease_again() {
    let leased = Leased::begin();
    let Leased { owner, other, .. } = &leased;
    let grandchild = 1 << 38 | 5;
    for is_known in [false, true] {
        leased.create(other, grandchild, mine(), Parent::Current, true);
        assert_eq!((leased.owns(other, grandchild), leased.lasts()), (!is_known, !is_known));
        leased.enter(owner, grandchild);
        leased.exit(owner, grandchild);
        leased.close(other, grandchild);
        leased.leave(other, CHILD);
        if !is_known {
            leased.enter_child();
            assert!(leased.lasts(), "the part has no child that is visited");
        }
    }
    assert_eq!(calls(&leased.end_all()), 6);
}

#[test]
fn a_root_on_lease_that_another_thread_enters_is_begun_by_its_own_thread_again() {
    let leased = Leased::begin();
    let Leased { owner, other, .. } = &leased;
    leased.leave(other, CHILD);
    leased.leave(other, PART);
    leased.open(owner, 3, inner(), Parent::Current);
    assert!(owner.record.has_lease() && leased.owns(owner, 3));
    leased.enter(other, ROOT);
    leased.exit(other, ROOT);
    assert!(!owner.record.has_lease());
    leased.leave(owner, 3);
    assert_eq!(calls(&leased.end()), 4);
    leased.create(owner, ROOT, root(), Parent::None, true);
    assert!(leased.owns(owner, ROOT), "a root that nobody ever took waits in no table");
    leased.close(owner, ROOT);
}

#[test]
fn a_lease_outlasts_a_span_that_is_not_recorded() {
    let leased = Leased::begin();
    let other = &leased.other;
    let (filtered, below) = (1 << 38 | 5, 1 << 38 | 7);
    leased.create(other, filtered, mine(), Parent::Current, false);
    leased.enter(other, filtered);
    leased.open(other, below, theirs(), Parent::Current);
    assert!(leased.lasts() && leased.owns(other, below));
    // Not in order.
    leased.exit(other, filtered);
    leased.close(other, filtered);
    leased.leave(other, below);
    leased.leave(other, CHILD);
    // Right above the span on lease.
    leased.create(other, filtered, mine(), Parent::Current, false);
    leased.enter(other, filtered);
    leased.enter_child();
    assert!(leased.lasts() && leased.owns(other, CHILD));
    leased.leave(other, CHILD);
    leased.leave(other, filtered);
    assert!(leased.lasts());
    assert_eq!(calls(&leased.end_all()), 5);
}

#[test]
fn a_lease_is_begun_below_a_span_that_is_not_recorded() {
    let leased = Leased::begin();
    let Leased { owner, other, .. } = &leased;
    let filtered = 1 << 38 | 5;
    leased.leave(other, CHILD);
    leased.create(other, filtered, mine(), Parent::Current, false);
    leased.enter(other, filtered);
    // The part is free to be taken on lease anew.
    leased.enter(other, PART);
    leased.exit(other, PART);
    assert!(!leased.lasts());
    leased.enter_child();
    assert!(leased.lasts() && leased.owns(other, CHILD));
    leased.visit_child(owner, 3);
    leased.leave(other, CHILD);
    leased.leave(other, filtered);
    assert_eq!(calls(&leased.end_all()), 5);
}

#[test]
fn a_lease_outlasts_an_exit_of_what_its_thread_is_not_in() {
    let leased = Leased::begin();
    let other = &leased.other;
    leased.exit(other, ROOT);
    assert!(leased.lasts());
    leased.leave(other, CHILD);
    leased.exit(other, PART);
    leased.close(other, PART);
    let all = leased.end();
    assert_eq!(all.troubles, Troubles { unmatched_exits: 1, ..all.troubles });
    assert_eq!(all.troubles.exited_elsewhere, 1);
}

#[test]
fn a_lease_outlasts_the_close_of_what_is_not_in_its_chain() {
    let leased = Leased::begin();
    let Leased { owner, other, .. } = &leased;
    leased.create(owner, 3, mine(), Parent::Current, true);
    leased.create(owner, 5, mine(), Parent::None, true);
    leased.create(owner, 7, mine(), Parent::None, false);
    for unrelated in [3, 5, 7] {
        leased.close(other, unrelated);
        assert!(leased.lasts());
    }
    leased.leave(other, CHILD);
    assert_eq!(calls(&leased.end_all()), 5);
}

#[test]
fn a_lease_ends_where_its_thread_or_another_closes_what_its_thread_is_in() {
    let threads: [fn(&Leased) -> &Local; 2] = [|leased| &leased.other, |leased| &leased.owner];
    for thread in threads {
        for (closed, again) in [(CHILD, PART), (PART, CHILD)] {
            let leased = Leased::begin();
            leased.close(thread(&leased), closed);
            assert!(!leased.lasts());
            leased.exit(&leased.other, CHILD);
            leased.exit(&leased.other, PART);
            leased.close(thread(&leased), again);
            assert_eq!(leased.end().troubles.closed_while_entered, 1);
        }
    }
}

#[test]
fn a_thread_that_ends_with_a_lease_exits_what_it_is_in() {
    let leased = Leased::begin();
    let Leased { owner, other, recorder } = &leased;
    recorder.end_thread(other);
    leased.close(owner, CHILD);
    leased.close(owner, PART);
    let all = leased.end();
    assert_eq!((calls(&all), all.troubles.exited_by_thread_end), (3, 2));
}

#[test]
fn two_threads_have_a_part_of_one_operation_on_lease_each() {
    let leased = Leased::begin();
    let Leased { owner, other, .. } = &leased;
    leased.open(owner, 3, mine(), Parent::Current);
    leased.open(owner, 5, inner(), Parent::Current);
    assert!(owner.record.has_lease() && leased.lasts());
    leased.visit_child(other, 1 << 38 | 5);
    leased.visit_child(owner, 7);
    Snapshot::take(&leased.recorder);
    leased.leave(other, CHILD);
    leased.leave(owner, 5);
    // One ends, the other goes on.
    leased.leave(owner, 3);
    assert!(!owner.record.has_lease() && leased.lasts());
    leased.enter_child();
    leased.leave(other, CHILD);
    assert_eq!(calls(&leased.end_all()), 8);
}

#[test]
fn a_call_on_lease_ends_at_once_only_where_that_takes_no_memory() {
    let leased = Leased::begin();
    let Leased { recorder, other, .. } = &leased;
    let close = |now| {
        leased.exit(other, CHILD);
        let mut section = other.section().unwrap();
        section.state.close_leased_at_once(id(CHILD), now, &other.record.cells)
    };
    assert!(!close(1 << 40));
    recorder.close(other, id(CHILD), NonZeroU64::new(1 << 40));
    leased.enter_child();
    assert!(leased.lasts() && close(1 << 40));
}
