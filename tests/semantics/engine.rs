//! The engine against the oracle, told directly what happens and through a subscriber, with
//! its fast path, without it, and with the fast path left at each snapshot.

use proptest::prelude::*;
use tracing_flame_layer::{Profile, testing::Chains};

use super::{compare, direct, driver, laws, random};
use crate::oracle::{Event, Program, replay};

const WAYS: [Chains; 3] = [Chains::On, Chains::UntilSnapshots, Chains::Off];

/// Takes time from beginning to end.
fn uninterrupted(mut program: Program) -> Program {
    program.paused = false;
    program.steps.retain(|step| !matches!(step.event, Event::Start | Event::Stop));
    program
}

/// Tells engines a program, starts and stops left out, and compares each snapshot.
pub(crate) fn judge_directly(program: &Program) -> Result<(), String> {
    let program = uninterrupted(program.clone());
    judge(&program, |chains| direct::run(&program, chains))
}

fn judge(program: &Program, run: impl Fn(Chains) -> Vec<Profile>) -> Result<(), String> {
    let readings = replay(program);
    for chains in WAYS {
        laws::judge_profiles(program, &readings, &run(chains), compare::differences)
            .map_err(|differences| format!("{chains:?}: {differences}"))?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(random::config_of_many())]

    #[test]
    fn an_engine_that_is_told_directly_agrees_with_the_oracle_in_each_way(
        program in prop_oneof![
            4 => random::programs(),
            4 => random::detaching_programs(),
            2 => random::side_by_side_programs(),
            1 => random::nested_programs(),
        ],
    ) {
        judge_directly(&program).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn a_snapshot_is_what_it_was_however_late_it_is_read(
        program in prop_oneof![random::programs(), random::side_by_side_programs()],
    ) {
        let program = uninterrupted(program);
        judge(&program, |chains| direct::run_late(&program, chains))
            .map_err(TestCaseError::fail)?;
    }

    #[test]
    fn an_engine_that_is_not_told_everything_goes_on(
        program in prop_oneof![
            random::programs(),
            random::detaching_programs(),
            random::side_by_side_programs(),
        ],
        lost in 2..12_usize,
    ) {
        let program = uninterrupted(program);
        for chains in WAYS {
            let profiles = direct::run_lossy(&program, chains, lost);
            prop_assert!(!profiles.is_empty());
        }
    }
}

proptest! {
    #![proptest_config(random::config(2))]

    #[test]
    fn the_layer_agrees_with_the_oracle_in_each_way(
        program in prop_oneof![
            random::programs(),
            random::detaching_programs(),
            random::side_by_side_programs(),
        ],
    ) {
        judge(&program, |chains| driver::run_with(&program, chains))
            .map_err(TestCaseError::fail)?;
    }
}
