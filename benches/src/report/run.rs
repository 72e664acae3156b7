//! Everything that is measured in time, side by side.

use crate::{
    Result,
    crew::Crew,
    figures::Figures,
    plan::Plan,
    shape::Shape,
    subject::{PEERS, Subject},
};

/// The baseline and what is compared with it.
const PLAIN: [Subject; 3] = [Subject::NoOp, Subject::Floor, Subject::Ours];
/// Of [`super::followed`].
const FOLLOWED: [Subject; 5] =
    [Subject::NoOp, Subject::Ours, Subject::Elsewhere, Subject::Named, Subject::Followed];
/// The same.
const FOLLOWED_SHAPES: [Shape; 4] = {
    let [again, fan_out, long] = super::followed::SHAPES;
    [again, fan_out, long, Shape::Flat]
};
/// Of [`super::stack`].
pub(super) const STACKS: [Subject; 5] = [
    Subject::StackNoOp,
    Subject::StackNoOpFiltered,
    Subject::StackOurs,
    Subject::StackFiltered,
    Subject::StackCallsite,
];
/// Spans that stay on their thread.
pub(super) const LOCAL: [Shape; 6] =
    [Shape::Flat, Shape::Depth4, Shape::Depth16, Shape::FanOut, Shape::Loop, Shape::Polls];
/// Of [`super::stack`].
pub(super) const STACK_SHAPES: [Shape; 3] = [Shape::Flat, Shape::Depth4, Shape::Depth16];
/// Shapes of several threads, which only layers are measured on.
pub(super) const THREADED: [Shape; 6] = [
    Shape::OtherThread,
    Shape::Migrating,
    Shape::SharedInner,
    Shape::SharedNear,
    Shape::SharedRoot,
    Shape::NewThreads,
];

/// Shapes without a span, which one process is asked for.
const ALONE: [Shape; 3] = [Shape::TwoReads, Shape::Arithmetic, Shape::TwoArithmetic];

/// Runs all shapes on all subjects.
pub(super) fn side_by_side(plan: &Plan) -> Result<Figures> {
    let mut figures = Figures::default();
    for generation in 0..plan.generations {
        eprintln!("set of processes {} of {}", generation + 1, plan.generations);
        figures.begin_generation();
        let everybody = [&PLAIN[..], PEERS].concat();
        let local = [&LOCAL[..], &[Shape::TwoThreads]].concat();
        let mut crew = Crew::start(&everybody)?;
        run(&mut crew, &mut figures, plan, &everybody, &local)?;
        run(&mut crew, &mut figures, plan, &PLAIN, &THREADED)?;
        run(&mut crew, &mut figures, plan, &[Subject::NoOp], &ALONE)?;
        drop(crew);
        run(&mut Crew::start(&FOLLOWED)?, &mut figures, plan, &FOLLOWED, &FOLLOWED_SHAPES)?;
        run(&mut Crew::start(&STACKS)?, &mut figures, plan, &STACKS, &STACK_SHAPES)?;
        // Last and apart: of each two, one is never idle.
        let watched = [Subject::Ours, Subject::Snapshots];
        run(&mut Crew::start(&watched)?, &mut figures, plan, &watched, &[Shape::Flat])?;
        let crowded = [Subject::Ours, Subject::Crowd];
        run(&mut Crew::start(&crowded)?, &mut figures, plan, &crowded, &[Shape::Steady])?;
    }
    Ok(figures)
}

pub(super) fn run(
    crew: &mut Crew,
    figures: &mut Figures,
    plan: &Plan,
    subjects: &[Subject],
    shapes: &[Shape],
) -> Result<()> {
    for &shape in shapes {
        let units = shape.units(plan.spans);
        // The first round warms up.
        for round in 0..=plan.rounds {
            let readings = crew.round(subjects, shape, units, round)?;
            if round > 0 {
                readings
                    .iter()
                    .for_each(|&(subject, reading)| figures.add(subject, shape, reading));
            }
        }
    }
    Ok(())
}

/// These, and ours of an older commit before ours, where there is one to compare with.
pub(super) fn beside(plan: &Plan, subjects: &[Subject]) -> Vec<Subject> {
    let older = plan.against.is_some().then_some(Subject::Older);
    let beside = |&subject: &Subject| {
        older.filter(|_| subject == Subject::Ours).into_iter().chain([subject])
    };
    subjects.iter().flat_map(beside).collect()
}
