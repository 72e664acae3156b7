//! The runs of one side as one profile, for a picture.

use tracing_flame_layer::Profile;

/// The sum of some runs: of each stack all that was measured, of which operations divide it by
/// how many there were. `None` of none.
pub(crate) fn sum(runs: &[&Profile]) -> Option<Profile> {
    let (first, others) = runs.split_first()?;
    let mut sum = (*first).clone();
    others.iter().for_each(|run| sum.merge(run));
    Some(sum)
}
