//! The oracle against timelines worked out by hand.

use crate::every_timeline;

use super::{Program, Reading, replay, timelines::Timeline, tree::assert_tree};

every_timeline! { oracle_agrees }

#[track_caller]
fn oracle_agrees(timeline: &Timeline) {
    let reading = replay(&timeline.program).pop().expect("a script ends with a snapshot");
    assert_tree(&reading.wall_tree(), timeline.wall, "the oracle's `wall`");
    if let Some(busy) = timeline.busy {
        assert_tree(&reading.busy_tree(), busy, "the oracle's `busy`");
    }
    assert_shares_sum_to_lives(&reading);
}

#[track_caller]
fn assert_shares_sum_to_lives(reading: &Reading) {
    for (root, tower) in &reading.towers {
        let nodes = reading.nodes.iter().filter(|(path, _)| path[0] == *root);
        let mut sum = super::Exact::default();
        for (_, node) in nodes {
            sum += node.wall;
            sum += node.awaited;
        }
        assert_eq!(sum, super::Exact::nanos(tower.life_nanos), "self weights under `{root}`");
    }
}

fn last(program: &Program) -> Reading {
    replay(program).pop().expect("a script ends with a snapshot")
}

#[test]
fn the_current_span_of_a_stack_with_a_repeat_is_the_one_between() {
    let program = Program::nanos(
        "0 t: open a, open b, enter a, open c
         5 t: close c, exit a, close b, close a",
    );
    assert!(last(&program).nodes.contains_key(["a", "b", "c"].map(str::to_owned).as_slice()));
}

#[test]
fn a_closed_span_on_top_of_a_stack_makes_roots() {
    let program = Program::nanos(
        "0 t: open a, open b
         5 t: drop b, new c
         9 t: drop c, close a",
    );
    let reading = last(&program);
    assert!(reading.nodes.contains_key(&vec!["c".to_owned()]));
    assert_eq!(reading.troubles.closed_while_entered, 1);
}

#[test]
fn a_snapshot_less_an_earlier_one_is_a_window_recorded_by_itself() {
    let script = "0 t: open a, open b
         10 t: exit b, MARK1
         25 u: enter b
         40 u: MARK2
         60 u: close b, end
         60 t: close a";
    let marked = |first: &str, second: &str| {
        Program::nanos(&script.replace("MARK1", first).replace("MARK2", second))
    };
    let whole = replay(&marked("snapshot", "snapshot"));
    let window = last(&marked("start", "stop").paused());
    for (path, inside) in &window.nodes {
        let [before, after] = [&whole[0].nodes[path], &whole[1].nodes[path]];
        let mut sum = before.wall;
        sum += inside.wall;
        assert_eq!(sum, after.wall, "wall of {path:?}");
        assert_eq!(before.busy_nanos + inside.busy_nanos, after.busy_nanos, "busy of {path:?}");
        assert_eq!(before.enters + inside.enters, after.enters, "enters of {path:?}");
    }
}

#[test]
fn latency_runs_from_the_first_enter_to_the_close_and_calls_count_creations() {
    let program = Program::nanos(
        " 0 t: new a#1, new a#2 at root, new a#3 at root
         10 t: enter a#1
         20 t: exit a#1, enter a#1
         30 t: exit a#1, enter a#2, exit a#2
         50 t: drop a#1
         90 t: snapshot",
    );
    let node = last(&program).nodes[&vec!["a".to_owned()]];
    assert_eq!((node.calls, node.started, node.enters), (3, 2, 3));
    assert_eq!((node.latency_nanos, node.max_latency_nanos), (40 + 60, 60));
    assert_eq!((node.busy_nanos, node.entered_nanos), (20, 20));
}
