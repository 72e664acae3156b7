//! Two runs of one program compared, frame by frame.
//!
//! Frames are those of the pictures, and two are the same where their stacks
//! have the same labels. Runs differ in how much they did, so times are divided
//! by the operations of the root that a frame stands on:
//!
//! ```text
//! before: 300 x block, 3.3 s        block    11 ms -> 9 ms
//! after:  600 x block, 5.4 s          commit  4 ms -> 2 ms   -2 ms  -50%
//! ```
//!
//! Folded stacks know no operations: where a run has time at a root but nothing
//! to divide it by, the frames on that root are compared as they are.

mod compare;
mod gate;
mod run;
#[cfg(feature = "svg")]
mod svg;
mod table;
mod tree;

pub(crate) use compare::Compared;
pub(crate) use gate::Gate;
pub(crate) use run::Run;
#[cfg(feature = "svg")]
pub(crate) use svg::write as draw;
pub(crate) use table::write as write_table;

use std::path::Path;

/// Whether a picture of a difference can be written to a path of that name, which may
/// have no extension: there is but one format.
#[cfg(feature = "svg")]
pub(crate) fn check_output(path: &Path) -> Result<(), String> {
    if path.extension().is_none_or(|extension| extension.eq_ignore_ascii_case("svg"))
        && path != Path::new("-")
    {
        return Ok(());
    }
    Err(format!(
        "cannot write `{}`: a difference is drawn as `.svg`; its table is printed",
        path.display()
    ))
}

#[cfg(not(feature = "svg"))]
pub(crate) fn check_output(path: &Path) -> Result<(), String> {
    Err(format!(
        "cannot write `{}`: this program was built without its feature `svg`; leave `--output` \
         out, and the table is printed",
        path.display()
    ))
}

#[cfg(not(feature = "svg"))]
pub(crate) fn draw(_: &Compared, _: &mut dyn std::io::Write) -> std::io::Result<()> {
    Err(std::io::Error::other("built without the feature `svg`"))
}
