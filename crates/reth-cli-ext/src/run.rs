//! What a report says about the run beside the profile.

use std::{env, fs, process, thread};

use tracing_flame_layer::{FlameLayer, SpanSelector};

use crate::directives::Directives;

/// The fact that only whoever has the file is told, and nobody over the network: a command
/// line may hold what is secret.
pub(crate) const COMMAND: &str = "command line";
/// The longest command line that is told, in bytes.
const LONGEST: usize = 4_096;

/// Names and values, in the order in which they are told.
pub(crate) fn facts(
    filter: &Directives,
    spans: &[(&str, &[SpanSelector])],
) -> Vec<(String, String)> {
    let listed = |spans: &[SpanSelector]| {
        let spans: Vec<_> = spans.iter().map(ToString::to_string).collect();
        (!spans.is_empty()).then(|| spans.join(","))
    };
    let spans = spans.iter().map(|(name, spans)| (*name, listed(spans)));
    let facts = [(COMMAND, Some(command())), ("spans of", Some(filter.to_string()))];
    let machine = [
        ("host", host()),
        ("process", Some(process::id().to_string())),
        ("system", Some(system())),
        ("room for logs", Some(room_for_logs())),
    ];
    let all = facts.into_iter().chain(spans).chain(machine);
    all.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn command() -> String {
    let arguments = env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let mut line = arguments.collect::<Vec<_>>().join(" ");
    if line.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|&end| line.is_char_boundary(end)).unwrap_or(0);
        line.truncate(end);
        line.push('…');
    }
    line
}

/// The machine's name, where the system tells it without a call of its own.
fn host() -> Option<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = name.or_else(|| env::var("COMPUTERNAME").ok())?;
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// How much memory the recording itself takes besides its counters.
fn room_for_logs() -> String {
    let [all, each] = [FlameLayer::LOG_BYTES, FlameLayer::LOG_BYTES_OF_A_THREAD];
    format!("{} KiB, and {} KiB for each thread", all >> 10, each >> 10)
}

fn system() -> String {
    let cpus = thread::available_parallelism().map_or(String::new(), |n| format!(", {n} CPUs"));
    format!("{} on {}{cpus}", env::consts::OS, env::consts::ARCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_tells_how_much_memory_the_logs_may_take() {
        let filter: Directives = "info".parse().expect("valid directives");
        let facts = facts(&filter, &[]);
        let told = facts.iter().find(|(name, _)| name == "room for logs");
        let told = told.map(|(_, value)| value.as_str());
        assert_eq!(told, Some("2048 KiB, and 4 KiB for each thread"));
    }
}
