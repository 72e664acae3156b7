//! A thread ends while others use what it created.

use loom::thread;

use super::*;

const ROOT: u64 = id(0, 1);

/// Preemption bound 3.
#[test]
fn loom_a_thread_ends_inside_a_span_that_another_enters() {
    check(3, || {
        let world = World::new();
        let ending = world.side();
        ending.root(ROOT);
        ending.enter(ROOT);
        let other = world.side();
        let other = thread::spawn(move || {
            other.visit(ROOT);
            other
        });
        ending.end();
        let other = other.join().unwrap();
        other.close(ROOT);
        let all = world.snapshot();
        all.assert_weighs(all.of(&world, root()).latency);
        assert_visited(all.of(&world, root()), 1, 1, 2);
        assert_eq!(all.troubles.exited_by_thread_end, 1);
        assert!(!other.knows(ROOT));
    });
}
