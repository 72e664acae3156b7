//! The oracle's model of the Registry against the Registry itself: which parent
//! each span gets, and in which order spans close.

use flame_oracle::{
    Program, Registry,
    driver::{self, Log, Witness},
    random,
};
use proptest::prelude::*;

fn modelled(program: &Program) -> Log {
    let mut registry = Registry::default();
    let mut log = Log::default();
    for step in &program.steps {
        log.closed.extend(registry.apply(step));
    }
    log.parents = (0..registry.count()).map(|span| registry.parent(span)).collect();
    log
}

proptest! {
    #![proptest_config(random::config(10))]

    #[test]
    fn the_model_of_the_registry_does_as_the_registry(program in random::programs()) {
        let witness = Witness::default();
        driver::run_witnessed(&program, witness.clone());
        let mut seen = witness.log();
        let modelled = modelled(&program);
        // What the program left open closes when the driver cleans up.
        seen.closed.truncate(modelled.closed.len());
        prop_assert_eq!(seen, modelled, "{}", program);
    }
}
