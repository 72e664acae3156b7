//! Programs that some tests need and not every machine has.
//!
//! Where one is missing, its tests say on standard error that they are skipped;
//! where the variable `CI` is set, they fail.

use std::{
    env,
    io::{self, Write},
    path::PathBuf,
};

/// The first of some programs that is in `PATH`, or says that `test` is skipped.
pub(crate) fn program(names: &[&str], test: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .flat_map(|directory| names.iter().map(move |name| directory.join(name)))
        .find(|program| program.is_file());
    if found.is_none() {
        skip(&format!("{test}: `{}` is not in PATH", names.join("` or `")));
    }
    found
}

/// A directory of an npm package that is installed in `target/npm`, or says that
/// `test` is skipped.
#[cfg(unix)]
pub(crate) fn npm(package: &str, directory: &str, test: &str) -> Option<PathBuf> {
    let target =
        std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target directory");
    let found = target.join("npm/node_modules").join(package).join(directory);
    if found.is_dir() {
        return Some(found);
    }
    skip(&format!(
        "{test}: no `{package}`; `npm install --prefix target/npm {package}` installs it"
    ));
    None
}

/// Says that a test cannot run here; where everything has to, it fails.
pub(crate) fn skip(why: &str) {
    assert!(env::var_os("CI").is_none(), "{why}, and CI is set");
    // Not `eprintln!`, which is shown of tests that fail only.
    let _ = writeln!(io::stderr(), "skipped: {why}");
}
