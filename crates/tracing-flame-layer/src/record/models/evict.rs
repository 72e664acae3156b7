//! A span closes while another thread is in it.

use loom::thread;

use super::*;

const ROOT: u64 = id(0, 1);

/// The other thread's guard was kept longer than the span's last handle, so its
/// exit may come before the close or after it. Preemption bound 3.
#[test]
fn loom_a_span_closes_beside_the_exit_of_another_thread_that_is_in_it() {
    check(3, || {
        let world = World::new();
        let owner = world.side();
        owner.root(ROOT);
        let other = world.side();
        other.enter(ROOT);
        let other = thread::spawn(move || other.exit(ROOT));
        owner.visit(ROOT);
        owner.close(ROOT);
        other.join().unwrap();
        let all = world.snapshot();
        let root = all.of(&world, root());
        all.assert_weighs(root.latency);
        assert_visited(root, 1, 1, 2);
        assert_eq!(root.busy, root.entered);
        assert!(all.troubles.closed_while_entered <= 1);
        assert_eq!((all.begun, all.living), (1, 0));
    });
}
