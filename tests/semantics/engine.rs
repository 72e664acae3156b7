//! The engine against the oracle, told directly what happens and through a subscriber, with
//! its fast path, without it, and with the fast path left at each snapshot.

use flame_oracle::{
    driver::{
        self, direct,
        judge::{self, uninterrupted},
    },
    random,
};
use proptest::prelude::*;

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
        judge::engine(&program).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn a_snapshot_is_what_it_was_however_late_it_is_read(
        program in prop_oneof![random::programs(), random::side_by_side_programs()],
    ) {
        let program = uninterrupted(program);
        judge::each_way(&program, |chains| direct::run_late(&program, chains))
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
        for chains in judge::WAYS {
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
        judge::each_way(&program, |chains| driver::run_with(&program, chains))
            .map_err(TestCaseError::fail)?;
    }
}
