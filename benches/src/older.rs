//! An older commit's recorder under today's benches.
//!
//! The commit's whole workspace is laid out below the build directory, today's benches in the
//! place of its own. So the older recorder runs the very code that today's runs, as a worker
//! beside today's, and needs nothing but what today's benches ask of a recorder.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

use crate::Result;

/// Where today's benches are.
const BENCHES: &str = env!("CARGO_MANIFEST_DIR");
/// The workspace that they are in.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The worker of the older commit, once it is built.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Builds the recorder of a commit, as [`Subject::Older`].
///
/// # Errors
///
/// Where this is no clone that has the commit, as a shallow one may not, or today's benches
/// cannot be built on it.
///
/// [`Subject::Older`]: crate::subject::Subject::Older
pub fn build(commit: &str) -> Result<()> {
    eprintln!("building the recorder of {commit}");
    let workspace = lay_out(commit)?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--release", "-p", "flame-benches", "--features", "peers,older"]);
    build.args(["--bench", "overhead", "--message-format=json-render-diagnostics"]);
    build.current_dir(&workspace).env("CARGO_TARGET_DIR", workspace.join("target"));
    let built = output_of(build.stderr(Stdio::inherit()), "building today's benches on it")?;
    let messages = String::from_utf8(built.stdout)?;
    // The bench is the last thing that is built, and the only one that can be run.
    let (_, program) = messages.rsplit_once("\"executable\":\"").ok_or("cargo named no program")?;
    let program = program.split('"').next().unwrap_or_default();
    PROGRAM.set(program.into()).map_err(|_| "two commits to compare with".into())
}

/// The worker of the older commit.
pub(crate) fn program() -> Result<&'static Path> {
    Ok(PROGRAM.get().ok_or("no older commit was built: there is `--against <commit>`")?)
}

/// A commit's workspace with today's benches in it.
fn lay_out(commit: &str) -> Result<PathBuf> {
    let mut git = Command::new("git");
    git.args(["-C", WORKSPACE, "rev-parse", "--verify", "--quiet"]);
    let found =
        output_of(git.arg(format!("{commit}^{{commit}}")), "looking it up").map_err(|_| {
            format!("this clone has no commit {commit}; `git fetch --unshallow` gets all")
        })?;
    let hash = String::from_utf8(found.stdout)?.trim().to_owned();
    // This program is <build directory>/release/deps/overhead-….
    let this = env::current_exe()?;
    let built = this.ancestors().nth(3).ok_or("where is this program?")?;
    let workspace = built.join("against").join(&hash);
    fs::create_dir_all(&workspace)?;
    let archive = workspace.join("archive.tar");
    let mut git = Command::new("git");
    git.args(["-C", WORKSPACE, "archive", "--output"]).arg(&archive);
    output_of(git.args([&hash, ".", ":!benches"]), "reading it")?;
    let mut tar = Command::new("tar");
    output_of(tar.arg("-xf").arg(&archive).arg("-C").arg(&workspace), "laying it out")?;
    copy(Path::new(BENCHES), &workspace.join("benches"))?;
    Ok(workspace)
}

fn output_of(command: &mut Command, what: &str) -> Result<Output> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(output);
    }
    let why = String::from_utf8_lossy(&output.stderr);
    Err(format!("an older commit to compare with: {what} failed: {}", why.trim()).into())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            let text = fs::read(entry.path())?;
            // What has not changed is not built anew.
            if fs::read(&to).ok().as_ref() != Some(&text) {
                fs::write(to, text)?;
            }
        }
    }
    Ok(())
}
