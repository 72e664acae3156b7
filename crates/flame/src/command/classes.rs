//! Of every run only the operations of some classes of latency.

use std::path::PathBuf;

use tracing_flame_layer::profile::{ClassRange, SelectedClasses};

use super::split;
use crate::{error::Error, read::Given};

/// Leaves of each run what operations of these classes measured.
///
/// # Errors
///
/// Where a run has none, or where the nearest edges are others than in the first run.
pub(super) fn pick(runs: &mut [(&PathBuf, Given)], range: &ClassRange) -> Result<(), Error> {
    let mut first: Option<(String, Vec<SelectedClasses>)> = None;
    for (path, given) in runs {
        let split = split(given, path, range)?;
        let path = path.display().to_string();
        given.profile = split.picked;
        match &first {
            None => first = Some((path, split.selected)),
            Some((_, known)) if edges(known).eq(edges(&split.selected)) => {}
            Some((other, known)) => {
                return Err(Error::options(format!(
                    "`--class {range}` is {} in `{other}` and {} in `{path}`; name it by times, \
                     which are the same in all runs",
                    told(known),
                    told(&split.selected)
                )));
            }
        }
    }
    Ok(())
}

fn edges(selected: &[SelectedClasses]) -> impl Iterator<Item = (&str, u64, Option<u64>)> {
    selected.iter().map(|each| (&*each.name, each.from_nanos, each.below_nanos))
}

fn told(selected: &[SelectedClasses]) -> String {
    selected.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
