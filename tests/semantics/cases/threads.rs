//! Threads that end, by ones and by thousands.

use std::{cell::RefCell, fs, process::Command};

use tracing::{Span, info_span};

use super::assert_drawn;
use crate::semantics::scene::Scene;
use flame_oracle::{Program, random};

#[test]
fn a_thread_that_ends_inside_a_span_exits_it() {
    let program = Program::millis(
        " 0 t: open a
         10 t: end
         30 u: drop a",
    );
    let wall = "
        a 10
          [await] 20";
    let profile = assert_drawn(&program, wall);
    assert_eq!(profile.anomalies().exited_by_thread_end, 1);
}

#[test]
fn a_thread_that_ends_while_it_waits_for_another_leaves_the_other_alone() {
    let program = Program::millis(
        "  0 t: open a
           0 u: open b under a
          20 t: end
          60 u: exit b
         100 u: drop b, drop a",
    );
    let wall = "
        a 0
          b 60
            [await] 40";
    assert_drawn(&program, wall);
}

#[test]
fn a_span_made_while_a_thread_ends_does_not_hurt_the_thread() {
    struct AtTheEnd(Scene);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            self.0.play(|hands| info_span!("last_words").in_scope(|| hands.pass(1)));
        }
    }
    thread_local! {
        static LATE: RefCell<Option<AtTheEnd>> = const { RefCell::new(None) };
    }

    let scene = Scene::new();
    let flame = scene.flame.clone();
    let thread = std::thread::spawn(move || {
        // Registered before the layer's own, and so destroyed after it.
        LATE.with(|late| late.borrow_mut().replace(AtTheEnd(Scene::new())));
        scene.play(|hands| info_span!("a").in_scope(|| hands.pass(5)));
        LATE.with(|late| late.borrow_mut().replace(AtTheEnd(scene)));
    });
    assert!(thread.join().is_ok(), "the thread panicked at its end");
    let nodes = flame.snapshot();
    assert_eq!(nodes.nodes().get(0).unwrap().measures.wall_nanos, 5_000_000);
}

#[test]
fn threads_that_come_and_go_by_the_thousand_fold_into_one_tree() {
    const THREADS: u64 = 2_000;
    let scene = Scene::new();
    let parent = scene.play(|_| info_span!("parent"));
    for _ in 0..THREADS {
        scene.elsewhere(|hands| visit(&parent, || hands.pass(1)));
    }
    scene.play(|_| drop(parent));
    scene.assert_wall(&format!(
        "
        parent 0
          part {THREADS}"
    ));
    let profile = scene.profile();
    assert_eq!(profile.nodes().len(), 2);
    let threads: u64 = profile.threads().iter().map(|thread| thread.threads).sum();
    assert_eq!(threads, THREADS);
    assert!(profile.threads().len() <= 2, "they all have one name");
}

fn visit(parent: &Span, work: impl FnOnce()) {
    info_span!(parent: parent, "part").in_scope(work);
}

/// Set where this binary runs itself, to be alone in its process.
const ALONE: &str = "FLAME_SEMANTICS_ALONE";

/// Runs an act in a process of its own, by running one test of this file there.
fn alone(test: &str, act: impl FnOnce()) {
    if std::env::var_os(ALONE).is_some() {
        return act();
    }
    let binary = std::env::current_exe().expect("a path to this test");
    let test = format!("semantics::cases::threads::{test}");
    let mut alone = Command::new(binary);
    alone.args(["--exact", &test, "--nocapture"]).env(ALONE, "1");
    let output = alone.output().expect("this test, run again");
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("1 passed"), "no test is named `{test}`");
}

#[test]
fn a_thread_inherits_no_parent_from_a_dead_ones_leftover_stack() {
    alone("a_thread_inherits_no_parent_from_a_dead_ones_leftover_stack", || {
        let scene = Scene::new();
        let a = scene.play(|_| info_span!(parent: None, "a"));
        scene.elsewhere(|hands| {
            std::mem::forget(a.enter());
            hands.pass(10);
        });
        // With its first enter the next thread gets the last one's slot in the
        // Registry, and what was left there.
        scene.elsewhere(|hands| {
            info_span!("c").in_scope(|| hands.pass(1));
            assert_eq!(Span::current().id(), a.id(), "the Registry has mended this");
            info_span!("b").in_scope(|| hands.pass(5));
        });
        scene.play(|_| drop(a));
        scene.assert_wall(
            "
            a 10
              [await] 6
            b 5
            c 1",
        );
    });
}

#[test]
fn memory_stays_flat_while_threads_come_and_go() {
    if resident_bytes().is_some() {
        alone("memory_stays_flat_while_threads_come_and_go", || {
            thread_after_thread(u64::from(random::config(1).cases));
        });
    }
}

fn thread_after_thread(threads: u64) {
    let scene = Scene::new();
    let parent = scene.play(|_| info_span!("parent"));
    let run = |threads| {
        for _ in 0..threads {
            scene.elsewhere(|hands| visit(&parent, || hands.pass(1)));
        }
        resident_bytes().expect("it was there before")
    };
    let warm = run(threads / 10 + 100);
    let grown = run(threads).saturating_sub(warm);
    println!("{threads} threads came and went; resident memory grew by {grown} bytes");
    // A page each would be 4096; the allocator's own slack is some hundred KiB.
    assert!(grown < (1 << 20) + 16 * threads, "{grown} bytes for {threads} threads");
}

fn resident_bytes() -> Option<u64> {
    let pages = fs::read_to_string("/proc/self/statm").ok()?;
    pages.split_whitespace().nth(1)?.parse::<u64>().ok().map(|pages| pages * 4096)
}
