//! Times and shares that may be parts of a nanosecond, and may be negative.
//! Nothing above or below zero reads as zero.

use std::{fmt, time::Duration};

/// Units from the longest, the nanoseconds in each, and from how many of them
/// on a time is written in it: those of the layer's own tables.
const UNITS: [(&str, f64, f64); 6] = [
    ("h", 3.6e12, 10.0),
    ("min", 6e10, 10.0),
    ("s", 1e9, 1.0),
    ("ms", 1e6, 1.0),
    ("µs", 1e3, 1.0),
    ("ns", 1.0, 0.0),
];

/// A time in nanoseconds, with four significant digits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time(pub(crate) f64);

impl Time {
    #[allow(clippy::cast_precision_loss, reason = "four digits are shown")]
    pub(crate) fn of(duration: Duration) -> Self {
        Self(duration.as_nanos() as f64)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.abs();
        if nanos == 0.0 {
            return f.pad("0");
        }
        let sign = if self.0 < 0.0 { "-" } else { "" };
        // Half a digit less than a unit's least is written as that least.
        let fits = |&(_, unit, least): &(&str, f64, f64)| nanos >= least * unit * 0.999_95;
        let (name, unit, _) = UNITS.into_iter().find(fits).unwrap_or(UNITS[UNITS.len() - 1]);
        let number = match nanos / unit {
            n if unit == 1.0 && n < 0.01 => "<0.01".to_owned(),
            n if unit == 1.0 && n >= 9.995 => format!("{n:.0}"),
            n if unit == 1.0 => format!("{n:.2}").trim_end_matches(".00").to_owned(),
            n if n < 9.999_5 => format!("{n:.3}"),
            n if n < 99.995 => format!("{n:.2}"),
            n if n < 999.95 => format!("{n:.1}"),
            n => format!("{n:.0}"),
        };
        f.pad(&format!("{sign}{number} {name}"))
    }
}

/// A change of time, with its sign.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change(pub(crate) f64);

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 > 0.0 { "+" } else { "" };
        f.pad(&format!("{sign}{}", Time(self.0)))
    }
}

/// By how much of what was there before it changed: `+6.90%`, `gone`, `new`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratio {
    pub(crate) before: f64,
    pub(crate) after: f64,
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let &Self { before, after } = self;
        if before == after {
            return f.pad("0%");
        } else if before == 0.0 {
            return f.pad("new");
        } else if after == 0.0 {
            return f.pad("gone");
        }
        let percent = 100.0 * (after - before) / before;
        if percent >= 999.5 {
            return f.pad(&format!("x{:.0}", after / before));
        }
        Percent(percent, "+").fmt(f)
    }
}

/// A share of a whole in per cent, which has a sign only where it is negative.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub(crate) part: f64,
    pub(crate) whole: f64,
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.part == 0.0 || self.whole == 0.0 {
            return f.pad(if self.part == 0.0 { "0%" } else { "-" });
        }
        Percent(100.0 * self.part / self.whole, "").fmt(f)
    }
}

struct Percent(f64, &'static str);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0.0 { "-" } else { self.1 };
        f.pad(&match self.0.abs() {
            n if n < 0.001 => format!("{sign}<0.001%"),
            n if n < 0.999_5 => format!("{sign}{n:.3}%"),
            n if n < 9.995 => format!("{sign}{n:.2}%"),
            n if n < 99.95 => format!("{sign}{n:.1}%"),
            n => format!("{sign}{n:.0}%"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_four_digits_and_picks_its_unit() {
        let cases = [
            (0.0, "0"),
            (0.004, "<0.01 ns"),
            (0.4, "0.40 ns"),
            (1.0, "1 ns"),
            (999.0, "999 ns"),
            (999.96, "1.000 µs"),
            (12_345.0, "12.35 µs"),
            (-1_500_000.0, "-1.500 ms"),
            (999_960.0, "1.000 ms"),
            (3_310_000_000.0, "3.310 s"),
            (600e9, "10.00 min"),
        ];
        for (nanos, text) in cases {
            assert_eq!(Time(nanos).to_string(), text, "{nanos} ns");
        }
        assert_eq!(Change(1_500.0).to_string(), "+1.500 µs");
        assert_eq!(Change(-1_500.0).to_string(), "-1.500 µs");
    }

    #[test]
    fn a_change_is_told_against_what_was_there() {
        let ratio = |before, after| Ratio { before, after }.to_string();
        assert_eq!(ratio(0.0, 0.0), "0%");
        assert_eq!(ratio(0.0, 1.0), "new");
        assert_eq!(ratio(1.0, 0.0), "gone");
        assert_eq!(ratio(100.0, 106.9), "+6.90%");
        assert_eq!(ratio(100.0, 50.0), "-50.0%");
        assert_eq!(ratio(1.0, 20.0), "x20");
        assert_eq!(ratio(1e9, 1e9 + 1.0), "+<0.001%");
        assert_eq!(Share { part: 1.0, whole: 3.0 }.to_string(), "33.3%");
        assert_eq!(Share { part: -1.0, whole: 3.0 }.to_string(), "-33.3%");
    }
}
