//! Cases that are easy to get wrong, each a test by itself.

mod depth;
mod fields;
mod futures;
mod guards;
mod operations;
mod parents;
mod races;
mod registry;
mod selected;
mod snapshots;
mod threads;
mod windows;

use tracing_flame_layer::Profile;

use flame_oracle::{
    Program, assert_tree,
    driver::{self, judge, recorded::wall_tree},
};

/// Runs a program for real, and fails unless its last snapshot is this tree by
/// `wall` and every number in it is the oracle's.
#[track_caller]
fn assert_drawn(program: &Program, wall: &str) -> Profile {
    let profile = driver::run(program).pop().expect("a script ends with a snapshot");
    assert_tree(&wall_tree(&profile), wall, "`wall`");
    if let Err(differences) = judge::layer(program) {
        panic!("{differences}");
    }
    profile
}
