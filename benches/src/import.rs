//! What `--flame` costs the import of blocks in `examples/block-import`.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use crate::{Result, table::Table};

/// How often each way is run.
pub const PAIRS: usize = 20;

/// The ways that are compared with none.
const WAYS: [(&str, &[&str]); 2] = [
    ("`--flame`", &["--flame"]),
    ("`--flame --flame-filter trace`", &["--flame", "--flame-filter", "trace"]),
];

/// User CPU time of each way over that of none, in so many interleaved runs.
///
/// # Errors
///
/// Where the example cannot be built or run.
pub fn table(pairs: usize) -> Result<String> {
    let program = build()?;
    let directory = tempfile::tempdir()?;
    let run = |flags: &[&str]| user_time(&program, directory.path(), flags);
    // Makes the chain, and warms up.
    run(&[])?;
    let mut none = Vec::new();
    let mut ways = WAYS.map(|_| Vec::new());
    for pair in 0..pairs {
        eprintln!("import {} of {pairs}", pair + 1);
        none.push(run(&[])?);
        for ((_, flags), times) in WAYS.iter().zip(&mut ways) {
            times.push(run(flags)?);
        }
    }
    let mut table =
        Table::new(&["import of blocks", "user CPU", "more than none", "quickest run", "more"]);
    let name = |time: Duration| format!("{:.3} s", time.as_secs_f64());
    let more = |of: f64, than: f64| format!("{:+.2} %", (of / than - 1.0) * 100.0);
    table.row("none", [name(median(&none)), String::new(), name(least(&none)), String::new()]);
    for ((way, _), times) in WAYS.iter().zip(&ways) {
        let ratios = times.iter().zip(&none).map(|(with, without)| {
            with.as_secs_f64() / without.as_secs_f64().max(f64::MIN_POSITIVE)
        });
        let mut ratios: Vec<f64> = ratios.collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let ratio = ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN);
        let quickest = more(least(times).as_secs_f64(), least(&none).as_secs_f64());
        table.row(way, [name(median(times)), more(ratio, 1.0), name(least(times)), quickest]);
    }
    Ok(format!("{}\nMedians of {pairs} interleaved runs of each.", table.finish()))
}

fn build() -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--release", "--locked", "-p", "block-import"])
        .status()?;
    if !built.success() {
        return Err("block-import was not built".into());
    }
    // This is target/release/deps/import-….
    let this = env::current_exe()?;
    let release = this.ancestors().nth(2).ok_or("where is this program?")?;
    Ok(release.join("block-import").with_extension(env::consts::EXE_EXTENSION))
}

/// User CPU time of one import, its picture drawn into a directory.
fn user_time(program: &Path, directory: &Path, flags: &[&str]) -> Result<Duration> {
    let mut command = Command::new(program);
    command.args(flags).stdout(Stdio::null()).stderr(Stdio::null());
    if !flags.is_empty() {
        command.arg("--flame-output").arg(directory.join("import.svg"));
    }
    let before = user_time_of_children()?;
    let status = command.status()?;
    if !status.success() {
        return Err(format!("block-import {} failed: {status}", flags.join(" ")).into());
    }
    Ok(user_time_of_children()?.saturating_sub(before))
}

/// User CPU time of all processes that this one has waited for.
#[cfg(unix)]
fn user_time_of_children() -> Result<Duration> {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the kernel writes to a place of ours.
    let failed = unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()) } != 0;
    if failed {
        return Err(std::io::Error::last_os_error().into());
    }
    // SAFETY: it has written all of it.
    let time = unsafe { usage.assume_init() }.ru_utime;
    Ok(Duration::new(time.tv_sec.unsigned_abs(), time.tv_usec as u32 * 1_000))
}

#[cfg(not(unix))]
fn user_time_of_children() -> Result<Duration> {
    Err("this system does not tell a process what others used".into())
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn least(times: &[Duration]) -> Duration {
    times.iter().min().copied().unwrap_or_default()
}
