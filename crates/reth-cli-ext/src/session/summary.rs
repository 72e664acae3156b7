//! The session's two lines: what it will do, and what it did.

use std::{path::Path, time::Duration};

use tracing::level_filters::LevelFilter;
use tracing_flame_layer::{
    Profile,
    profile::StateSource,
    render::{Format, Weight},
};

use crate::plan::{Every, Plan};

/// One line that says what a session will do, in a build that has spans of no
/// finer level than `built`, and knows by `states` what threads do.
pub(crate) fn start(plan: &Plan, built: LevelFilter, states: Option<&StateSource>) -> String {
    let weight = if plan.options.weight == Weight::Busy { "busy" } else { "wall-clock" };
    let missing = match built < plan.filter.finest_level() {
        true => format!(" (this build has none finer than `{built}`)"),
        false => String::new(),
    };
    format!(
        "recording {weight} time of spans `{}`{missing} {}, {}{}{}",
        plan.filter,
        plan.window,
        outputs(plan),
        stateless(states),
        hint(plan),
    )
}

/// Why it will not be known at all, or of all spans, what threads do, though that was asked
/// for.
fn stateless(states: Option<&StateSource>) -> String {
    match states {
        Some(StateSource::Partial(why)) => format!("; with states of some spans only, {why}"),
        Some(StateSource::None(why)) => format!("; without states, {why}"),
        _ => String::new(),
    }
}

/// Who is given a picture is told that there is more to look at.
fn hint(plan: &Plan) -> &'static str {
    let ends_in = |extension: &str| {
        plan.naming.patterns().any(|path| path.extension().is_some_and(|found| found == extension))
    };
    let is_built = Format::ALL.iter().any(|format| format.extension() == ".html");
    if is_built && ends_in("svg") && !ends_in("html") {
        "; a name in .html is a report, with tables and a search"
    } else {
        ""
    }
}

fn outputs(plan: &Plan) -> String {
    let outputs = plan.naming.patterns().zip(&plan.targets);
    let paths: Vec<_> = outputs
        .map(|(path, target)| match target.file.is_written_in_place() {
            true => format!("{} (in place, at the end only)", path.display()),
            false => path.display().to_string(),
        })
        .collect();
    let paths = paths.join(", ");
    let Some(Every { period, keep }) = plan.every else { return format!("to {paths}") };
    let period = humantime::format_duration(period);
    match keep {
        None => format!("every {period} to {paths}"),
        Some(keep) => format!("every {period} to {paths}, of which the last {keep} are kept"),
    }
}

/// One line that says what a session did, and why nothing was recorded if so.
pub(crate) fn end(profile: &Profile, written: &[(&Path, u64)], empty: Option<String>) -> String {
    let files: Vec<_> = written
        .iter()
        .map(|(path, bytes)| format!("{} ({})", path.display(), size(*bytes)))
        .collect();
    let window = humantime::format_duration(rounded(profile.window().length));
    let content = match empty {
        None => format!("{} over {window}", count(profile.spans(), "span")),
        Some(why) => format!("but no span was recorded over {window}: {why}"),
    };
    format!("wrote {}: {content}", files.join(", "))
}

/// So many of a thing.
pub(super) fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Without the digits that would be noise in a line for people.
pub(super) fn rounded(duration: Duration) -> Duration {
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let digits = if duration < Duration::from_millis(10) { 1 } else { 1_000 };
    Duration::from_micros(micros / digits * digits)
}

/// Bytes as people read them, in powers of 1000.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_keeps_the_digits_that_matter() {
        let rounded = |nanos| humantime::format_duration(rounded(Duration::from_nanos(nanos)));
        assert_eq!(rounded(12_345_678_901).to_string(), "12s 345ms");
        assert_eq!(rounded(1_234_567).to_string(), "1ms 234us");
    }

    #[test]
    fn sizes_are_in_the_unit_that_reads_best() {
        assert_eq!(size(999), "999 B");
        assert_eq!(size(1_000), "1.0 kB");
        assert_eq!(size(24_060), "24.1 kB");
        assert_eq!(size(7_800_000), "7.8 MB");
    }
}
