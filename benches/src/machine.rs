//! What the figures were taken on.

use std::{fs, process::Command, thread};

/// The packages whose versions matter.
const PACKAGES: [&str; 7] = [
    "tracing",
    "tracing-subscriber",
    "quanta",
    "tracing-flame",
    "tracing-chrome",
    "tracing-samply",
    "fastrace",
];

/// The machine, the compiler and the versions, in a few lines.
#[must_use]
pub fn describe() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let memory = value_of("/proc/meminfo", "MemTotal").unwrap_or_default();
    let gigabytes = memory.trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1_000_000;
    let processor = value_of("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown CPU".into());
    let system = read("/proc/sys/kernel/osrelease").map_or_else(
        || std::env::consts::OS.into(),
        |release| format!("Linux {}", release.split('-').next().unwrap_or_default()),
    );
    let clock = read("/sys/devices/system/clocksource/clocksource0/current_clocksource")
        .unwrap_or_else(|| "unknown".into());
    let compiler = first_line("rustc", &["--version"]).unwrap_or_else(|| "unknown rustc".into());
    format!(
        "{processor}, {cores} cores{}, {gigabytes} GB, {system}, clock source {clock}, {compiler}; {}",
        if is_virtual() { " of a virtual machine" } else { "" },
        versions().join(", "),
    )
}

/// What the machine has been doing meanwhile: the load averages.
#[must_use]
pub fn load() -> String {
    let averages = read("/proc/loadavg").unwrap_or_default();
    averages.split(' ').take(2).collect::<Vec<_>>().join(" and ")
}

/// The commit that is checked out.
#[must_use]
pub fn commit() -> String {
    first_line("git", &["rev-parse", "--short=10", "HEAD"]).unwrap_or_else(|| "unknown".into())
}

fn is_virtual() -> bool {
    value_of("/proc/cpuinfo", "flags").is_some_and(|flags| flags.contains(" hypervisor"))
}

/// Versions from the lock file.
fn versions() -> Vec<String> {
    let lock = read(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock")).unwrap_or_default();
    let version = |package: &&str| {
        let (_, rest) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
        Some(format!("{package} {}", rest.split('"').next()?))
    };
    PACKAGES.iter().filter_map(version).collect()
}

/// The first value of a key in a file of `key : value`.
fn value_of(path: &str, key: &str) -> Option<String> {
    let text = read(path)?;
    text.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        (found.trim() == key).then(|| value.trim().to_owned())
    })
}

fn read(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.lines().next()?.to_owned())
}
