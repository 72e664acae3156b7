//! A thread looks for a span while its operation gets a record.

use loom::thread;

use super::*;

const ROOT: u64 = id(0, 1);
const THEIRS: u64 = id(1, 1);

/// One thread has the span in its own operation; another gives that a record, while a
/// third, for which it is in no table yet and in nobody's own operation any more, asks
/// for it. The first and the third do nothing else, so one thread of the model stands
/// for both. Preemption bound 3.
#[test]
fn loom_a_span_is_known_while_a_third_thread_gives_its_operation_a_record() {
    check(3, || {
        let world = World::new();
        let owner = world.side();
        owner.root(ROOT);
        owner.enter(ROOT);
        let (other, third) = (world.side(), world.side());
        let other = thread::spawn(move || other.span(THEIRS, theirs(), Parent::Span(ROOT)));
        assert!(third.knows(ROOT));
        other.join().unwrap();
        assert!(third.knows(ROOT));
        assert!(!third.knows(THEIRS));
        owner.exit(ROOT);
        owner.close(ROOT);
        assert!(!third.knows(ROOT));
    });
}
