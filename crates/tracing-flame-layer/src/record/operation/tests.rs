//! Sums of what an operation gives out.

use std::cell::Cell;

use super::*;

/// Adds up whatever is given out.
#[derive(Default)]
struct Sum(Cell<u64>);

impl Bill for Sum {
    fn shared(&self, _: PathId, share: u64) {
        self.0.set(self.0.get() + share);
    }

    fn awaited(&self, _: PathId, share: u64) {
        self.0.set(self.0.get() + share);
    }

    fn latency(&self, _: PathId, _: u64) {}
}

#[test]
fn what_a_lessee_drew_too_early_is_paid_back_while_nobody_works() {
    let (mut operation, bill) = (Operation::default(), Sum::default());
    let root = operation.create(PathId(0), None, false).unwrap();
    let [part, beside] =
        [1, 2].map(|node| operation.create(PathId(node), Some(root), false).unwrap());
    let idle = operation.create(PathId(3), Some(beside), true).unwrap();
    let [lessee, other] = [0, 1].map(ThreadKey);
    for (thread, span) in [(lessee, part), (other, beside), (other, idle)] {
        operation.enter(thread, span, 0, &bill).unwrap();
    }
    assert_eq!(operation.lease(lessee, part, 0, &bill), Some(0));
    // The lessee draws alone up to 100; the other one has been at work since 60.
    bill.shared(PathId(1), share_of(100));
    operation.exit(other, idle, 60, &bill);
    assert_eq!(operation.work_at(100, &bill), share_of(80));
    operation.end_lease(lessee, part, share_of(100));
    operation.exit(lessee, part, 100, &bill);
    operation.exit(other, beside, 100, &bill);
    for span in [idle, beside, part, root] {
        operation.close(span, 200, &bill);
    }
    assert_eq!(bill.0.get(), share_of(200));
}

/// Spans and threads that an operation has memory for.
fn room(operation: &Operation) -> (usize, usize) {
    (operation.spans.room(), operation.slots.room())
}

/// An operation of so many spans, each entered by a thread of its own at once.
fn play(operation: &mut Operation, spans: u32) {
    let bill = Sum::default();
    let root = operation.create(PathId(0), None, false).unwrap();
    let parts: Vec<_> =
        (1..spans).map(|_| operation.create(PathId(1), Some(root), false).unwrap()).collect();
    let worked = || (0..).map(ThreadKey).zip(&parts);
    for (thread, part) in worked() {
        assert_eq!(operation.enter(thread, *part, 0, &bill), Some(true));
    }
    worked().for_each(|(thread, part)| operation.exit(thread, *part, 9, &bill));
    for span in parts.into_iter().chain([root]) {
        operation.close(span, 9, &bill);
    }
}

#[test]
fn an_operation_that_was_large_gives_its_memory_back() {
    let mut operation = Operation::default();
    play(&mut operation, 10);
    let small = room(&operation);
    assert!(small.0 >= 10 && small.1 >= 9, "the next one needs no memory: {small:?}");
    play(&mut operation, 1_000);
    assert_eq!(room(&operation), (0, 0));
    play(&mut operation, 10);
    assert_eq!(room(&operation), small);
}

#[test]
fn a_child_that_outlives_its_parent_is_below_nothing_that_comes_later() {
    let (mut operation, bill) = (Operation::default(), Sum::default());
    let root = operation.create(PathId(0), None, false).unwrap();
    let child = operation.create(PathId(1), Some(root), false).unwrap();
    let [first, second] = [0, 1].map(ThreadKey);
    assert_eq!(operation.enter(first, root, 0, &bill), Some(true));
    operation.exit(first, root, 10, &bill);
    assert!(!operation.close(root, 20, &bill).last);
    // As the root's place is kept for the child, the grandchild is not its own ancestor.
    let grandchild = operation.create(PathId(2), Some(child), false).unwrap();
    assert!(![root, child].contains(&grandchild));
    assert_eq!(operation.enter(second, grandchild, 30, &bill), Some(true));
    operation.exit(second, grandchild, 40, &bill);
    assert!(!operation.close(child, 50, &bill).last);
    assert!(operation.close(grandchild, 60, &bill).last);
    assert_eq!(bill.0.get(), share_of(60));
    let root = operation.create(PathId(0), None, false).unwrap();
    assert!(operation.close(root, 70, &bill).last, "every place is free again");
}

#[test]
fn a_key_of_another_operation_hurts_nobody() {
    let (mut operation, bill) = (Operation::default(), Sum::default());
    let key = {
        let mut larger = Operation::default();
        let root = larger.create(PathId(0), None, false).unwrap();
        larger.create(PathId(1), Some(root), false).unwrap()
    };
    let thread = ThreadKey(0);
    operation.enter(thread, key, 0, &bill).unwrap();
    operation.exit(thread, key, 10, &bill);
    assert!(!operation.close(key, 10, &bill).last, "it would end twice");
    let root = operation.create(PathId(0), None, false).unwrap();
    operation.enter(thread, key, 20, &bill).unwrap();
    operation.enter(thread, root, 20, &bill).unwrap();
    operation.exit(thread, root, 30, &bill);
    operation.exit(thread, key, 30, &bill);
    assert!(!operation.close(key, 30, &bill).last);
    assert_eq!(operation.close(root, 30, &bill).latency, Some(10));
}
