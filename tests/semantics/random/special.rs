//! Random programs of particular shapes.

use proptest::{collection::vec, prelude::*};

use super::{NAMES, programs};
use crate::oracle::{Event, Parent, Program, SpanKey, Step};

/// Programs of spans that are entered once, when they are made, and dropped when
/// they are exited, on one thread.
pub(crate) fn nested_programs() -> impl Strategy<Value = Program> {
    let instruction = (0..50_u64, 0..6_usize, any::<bool>());
    vec(instruction, 1..80).prop_map(|instructions| {
        let mut program = Program::default();
        let mut open: Vec<SpanKey> = Vec::new();
        let (mut now, mut created) = (0, 0);
        for (wait, name, make) in instructions {
            now += wait;
            let events = if make {
                open.push(created);
                created += 1;
                let name = NAMES[name].to_owned();
                vec![Event::Create { name, parent: Parent::Current }, Event::Enter(created - 1)]
            } else {
                open.pop().map_or(Vec::new(), |span| vec![Event::Exit(span), Event::Drop(span)])
            };
            let steps = events.into_iter().map(|event| Step { at: now, thread: 0, event });
            program.steps.extend(steps);
        }
        program.steps.push(Step { at: now, thread: 0, event: Event::Snapshot });
        program
    })
}

/// A program with two snapshots, and the same with a start and a stop in their place.
pub(crate) fn windows() -> impl Strategy<Value = (Program, Program)> {
    (programs(), 0..70_usize, 0..70_usize).prop_map(|(program, one, other)| {
        let mut snapshots = program;
        snapshots.paused = false;
        snapshots.steps.retain(|step| !step.event.is_of_the_handle());
        let [first, second] = [one.min(other), one.max(other)]
            .map(|place| place.min(snapshots.steps.len().saturating_sub(1)));
        let at = |place: usize, event| {
            let (at, thread) =
                snapshots.steps.get(place).map_or((0, 0), |step| (step.at, step.thread));
            Step { at, thread, event }
        };
        let mut window = snapshots.clone().paused();
        window.steps.splice(second..second, [at(second, Event::Stop)]);
        window.steps.splice(first..first, [at(first, Event::Start)]);
        let last = window.steps.last().map_or(0, |step| step.at);
        window.steps.push(Step { at: last, thread: 0, event: Event::Snapshot });
        let snapshot = [first, second].map(|place| at(place, Event::Snapshot));
        let [one, other] = snapshot;
        snapshots.steps.splice(second..second, [other]);
        snapshots.steps.splice(first..first, [one]);
        (snapshots, window)
    })
}
