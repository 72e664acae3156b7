//! Whether what was recorded of a program is what the oracle says.

use tracing_flame_layer::{Profile, testing::Chains};

use super::{compare, direct};
use crate::{Event, Program, Reading, driver, replay};

/// The engine with its fast path, with that left at each snapshot, and without it.
pub const WAYS: [Chains; 3] = [Chains::On, Chains::UntilSnapshots, Chains::Off];

/// Runs a program for real and by the oracle, and compares each snapshot.
pub fn layer(program: &Program) -> Result<(), String> {
    profiles(program, &replay(program), &driver::run(program), compare::differences)
}

/// Runs a program for real and by the oracle, and compares sums of weights with lives.
pub fn lives(program: &Program) -> Result<(), String> {
    profiles(program, &replay(program), &driver::run(program), compare::life_differences)
}

/// Runs a program for real, with every named operation followed by itself, and compares each
/// snapshot.
pub fn followed(program: &Program) -> Result<(), String> {
    let (recorded, _) = driver::run_followed(program);
    profiles(program, &replay(program), &recorded, compare::differences)
}

/// Tells engines a program, starts and stops left out, and compares each snapshot.
pub fn engine(program: &Program) -> Result<(), String> {
    let program = uninterrupted(program.clone());
    each_way(&program, |chains| direct::run(&program, chains))
}

/// Compares each snapshot of a program that is run in each of the engine's ways.
pub fn each_way(program: &Program, run: impl Fn(Chains) -> Vec<Profile>) -> Result<(), String> {
    let readings = replay(program);
    for chains in WAYS {
        profiles(program, &readings, &run(chains), compare::differences)
            .map_err(|differences| format!("{chains:?}: {differences}"))?;
    }
    Ok(())
}

/// Compares what was recorded at each snapshot of a program with the oracle's reading of it.
pub fn profiles(
    program: &Program,
    readings: &[Reading],
    recorded: &[Profile],
    differences: impl Fn(&Reading, &Profile) -> String,
) -> Result<(), String> {
    if recorded.len() != readings.len() {
        let (snapshots, recorded) = (readings.len(), recorded.len());
        return Err(format!("{recorded} profiles of {snapshots} snapshots\n{program}"));
    }
    for (number, (reading, profile)) in readings.iter().zip(recorded).enumerate() {
        let differences = differences(reading, profile);
        if !differences.is_empty() {
            return Err(format!("snapshot {number}:\n{differences}\n{program}"));
        }
    }
    Ok(())
}

/// The program, if it takes time from beginning to end.
pub fn uninterrupted(mut program: Program) -> Program {
    program.paused = false;
    program.steps.retain(|step| !matches!(step.event, Event::Start | Event::Stop));
    program
}
