//! Of every run only the operations of some classes of latency.

use std::path::PathBuf;

use tracing_flame_layer::profile::{ClassRange, Snapped};

use super::split;
use crate::{error::Error, read::Given};

/// Leaves of each run what operations of these classes measured.
///
/// # Errors
///
/// Where a run has none, or where the nearest edges are others than in the first run.
pub(super) fn pick(runs: &mut [(&PathBuf, Given)], range: &ClassRange) -> Result<(), Error> {
    let mut first: Option<(String, Vec<Snapped>)> = None;
    for (path, given) in runs {
        let split = split(given, path, range)?;
        let path = path.display().to_string();
        given.profile = split.picked;
        match &first {
            None => first = Some((path, split.snapped)),
            Some((_, known)) if edges(known).eq(edges(&split.snapped)) => {}
            Some((other, known)) => {
                return Err(Error::options(format!(
                    "`--class {range}` is {} in `{other}` and {} in `{path}`; name it by times, \
                     which are the same in all runs",
                    told(known),
                    told(&split.snapped)
                )));
            }
        }
    }
    Ok(())
}

fn edges(snapped: &[Snapped]) -> impl Iterator<Item = (&str, u64, Option<u64>)> {
    snapped.iter().map(|each| (&*each.name, each.from_nanos, each.below_nanos))
}

fn told(snapped: &[Snapped]) -> String {
    snapped.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
