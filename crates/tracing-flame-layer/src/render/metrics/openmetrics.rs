//! The text format: OpenMetrics 1.0.0
//! (<https://prometheus.io/docs/specs/om/open_metrics_spec/>, *Text format*).
//!
//! A family has its type, its unit, where it has one, and a help text, a line each, then its
//! samples: a name with the suffix of the type, labels in braces, and a number. The last line is
//! `# EOF`. Within quotes and in help texts a backslash, a quote and the end of a line have a
//! backslash before them.

use std::fmt::Write;

/// A metric of a kind: what all its samples have in common.
pub(super) struct Family<'f> {
    pub(super) name: &'f str,
    pub(super) kind: Kind,
    /// What its name ends in, or nothing.
    pub(super) unit: &'f str,
    pub(super) help: &'f str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
    Info,
}

/// What is written so far.
#[derive(Default)]
pub(super) struct Text(String);

impl Text {
    /// Begins a family, whose samples follow.
    pub(super) fn family(&mut self, family: &Family<'_>) {
        let Family { name, kind, unit, help } = family;
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Info => "info",
        };
        let _ = writeln!(self.0, "# TYPE {name} {kind}");
        if !unit.is_empty() {
            let _ = writeln!(self.0, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.0, "# HELP {name} {}", escaped(help));
    }

    /// A sample that is a number of things.
    pub(super) fn count(
        &mut self,
        family: &Family<'_>,
        suffix: &str,
        labels: &[(&str, &str)],
        count: u64,
    ) {
        self.sample(family, suffix, labels, &count.to_string());
    }

    /// A sample that is a time in nanoseconds.
    pub(super) fn time(
        &mut self,
        family: &Family<'_>,
        suffix: &str,
        labels: &[(&str, &str)],
        nanos: u64,
    ) {
        self.sample(family, suffix, labels, &seconds(nanos));
    }

    fn sample(&mut self, family: &Family<'_>, suffix: &str, labels: &[(&str, &str)], value: &str) {
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = match labels.is_empty() {
            true => String::new(),
            false => format!("{{{}}}", labels.join(",")),
        };
        let _ = writeln!(self.0, "{}{suffix}{labels} {value}", family.name);
    }

    /// All of it.
    pub(super) fn end(mut self) -> String {
        self.0 += "# EOF\n";
        self.0
    }
}

/// A time in seconds, to the nanosecond, with a point, as bounds of buckets have to have one.
pub(super) fn seconds(nanos: u64) -> String {
    let text = format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
    let short = text.trim_end_matches('0');
    if short.ends_with('.') { format!("{short}0") } else { short.to_owned() }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_to_the_nanosecond() {
        let cases = [
            (0, "0.0"),
            (1, "0.000000001"),
            (1_024, "0.000001024"),
            (1_500_000_000, "1.5"),
            (68_719_476_736, "68.719476736"),
        ];
        for (nanos, text) in cases {
            assert_eq!(seconds(nanos), text);
        }
    }
}
