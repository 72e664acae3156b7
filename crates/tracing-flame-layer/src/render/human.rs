//! Quantities as people read them: times in the unit that suits each, shares,
//! counts, and a time of day. Nothing here rounds a value above zero to zero.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

/// Units from the longest, the nanoseconds in each, and from how many of them
/// on a time is written in it. Minutes and hours start late: `90.00 s` is read
/// faster than `1.500 min`.
const UNITS: [(&str, u64, u64); 6] = [
    ("h", 3_600_000_000_000, 10),
    ("min", 60_000_000_000, 10),
    ("s", 1_000_000_000, 1),
    ("ms", 1_000_000, 1),
    ("µs", 1_000, 1),
    ("ns", 1, 1),
];

/// A time with four significant digits (whole nanoseconds below a microsecond)
/// and the unit that suits it, or `0`. At most nine characters up to 9,999 hours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nanos(pub(crate) u64);

impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        time(f, self.0, 4)
    }
}

/// A time with three significant digits, at most eight characters up to 999
/// hours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounded(pub(crate) u64);

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        time(f, self.0, 3)
    }
}

/// Writes a time with so many significant digits.
fn time(f: &mut fmt::Formatter<'_>, nanos: u64, most: u32) -> fmt::Result {
    if nanos == 0 {
        return f.write_str("0");
    }
    let fitting = UNITS.iter().position(|&(_, unit, least)| nanos >= least * unit);
    let mut at = fitting.unwrap_or(UNITS.len() - 1);
    let (mut digits, mut decimals) = significant(nanos, UNITS[at].1, most);
    // What rounds up to a thousand reads better as one of the next unit.
    if digits == 1_000 && decimals == 0 && matches!(UNITS[at].0, "ms" | "µs") {
        at -= 1;
        (digits, decimals) = (10_u128.pow(most - 1), most - 1);
    }
    let scale = 10_u128.pow(decimals);
    write!(f, "{}", digits / scale)?;
    if decimals > 0 {
        write!(f, ".{:0width$}", digits % scale, width = decimals as usize)?;
    }
    write!(f, " {}", UNITS[at].0)
}

/// `nanos / unit` as an integer scaled by ten to the number of decimals that
/// make so many significant digits of it.
fn significant(nanos: u64, unit: u64, wanted: u32) -> (u128, u32) {
    let (nanos, unit) = (u128::from(nanos), u128::from(unit));
    let most = if unit == 1 { 0 } else { wanted - 1 };
    for decimals in (0..=most).rev() {
        let digits = (nanos * 10_u128.pow(decimals) + unit / 2) / unit;
        if digits < 10_u128.pow(wanted) || decimals == 0 {
            return (digits, decimals);
        }
    }
    (nanos / unit, 0)
}

/// A part of a whole in per cent, with three significant digits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub(crate) part: u64,
    pub(crate) whole: u64,
}

impl fmt::Display for Share {
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.part == 0 || self.part == self.whole {
            return f.write_str(if self.part == 0 { "0%" } else { "100%" });
        }
        let percent = 100.0 * self.part as f64 / self.whole as f64;
        match percent {
            // Only the whole is 100%.
            99.95.. => f.write_str(">99.9%"),
            10.0.. => write!(f, "{percent:.1}%"),
            1.0.. => write!(f, "{percent:.2}%"),
            0.001.. => write!(f, "{percent:.3}%"),
            _ => f.write_str("<0.001%"),
        }
    }
}

/// A count with commas between thousands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count(pub(crate) u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::with_capacity(digits.len() * 4 / 3);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}

/// A count and its noun, in the plural where it is not one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plural(pub(crate) u64, pub(crate) &'static str);

impl fmt::Display for Plural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, noun) = *self;
        write!(f, "{} {noun}{}", Count(count), if count == 1 { "" } else { "s" })
    }
}

/// A time of day in UTC, to the second: `2024-02-29 23:59:59 UTC`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Utc(pub(crate) SystemTime);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(since) = self.0.duration_since(UNIX_EPOCH) else {
            return f.write_str("before 1970");
        };
        let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
        let (year, month, day) = civil(days);
        let (hour, minute) = (second / 3_600, second / 60 % 60);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{:02} UTC", second % 60)
    }
}

/// Year, month and day in the Gregorian calendar, `days` after 1970-01-01.
fn civil(days: u64) -> (u64, u64, u64) {
    // Whole cycles of 400 years, all of one length, leave few years to walk.
    let (mut year, mut rest) = (1970 + days / 146_097 * 400, days % 146_097);
    while rest >= 365 + u64::from(is_leap(year)) {
        rest -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if rest < length {
            break;
        }
        rest -= length;
        month += 1;
    }
    (year, month, rest + 1)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_keeps_four_digits_and_picks_its_unit() {
        let cases = [
            (0, "0"),
            (1, "1 ns"),
            (999, "999 ns"),
            (1_000, "1.000 µs"),
            (12_345, "12.35 µs"),
            (999_949, "999.9 µs"),
            (999_950, "1.000 ms"),
            (999_999, "1.000 ms"),
            (1_500_000, "1.500 ms"),
            (999_999_999, "1.000 s"),
            (3_310_000_000, "3.310 s"),
            (599_000_000_000, "599.0 s"),
            (600_000_000_000, "10.00 min"),
            (36_000_000_000_000, "10.00 h"),
            (u64::MAX, "5124096 h"),
        ];
        for (nanos, text) in cases {
            assert_eq!(Nanos(nanos).to_string(), text, "{nanos} ns");
        }
    }

    #[test]
    fn a_rounded_time_keeps_three_digits() {
        let cases = [
            (0, "0"),
            (999, "999 ns"),
            (1_234, "1.23 µs"),
            (99_950, "100 µs"),
            (999_499, "999 µs"),
            (999_500, "1.00 ms"),
            (599_900_000_000, "600 s"),
            (600_000_000_000, "10.0 min"),
        ];
        for (nanos, text) in cases {
            assert_eq!(Rounded(nanos).to_string(), text, "{nanos} ns");
        }
    }

    #[test]
    fn only_nothing_reads_as_nothing() {
        for nanos in (0..64).map(|bit| 1_u64 << bit) {
            assert!(!Nanos(nanos).to_string().starts_with("0"), "{nanos} ns: {}", Nanos(nanos));
            let share = Share { part: nanos, whole: u64::MAX }.to_string();
            assert!(share.contains(|c| ('1'..='9').contains(&c)), "{nanos} ns: {share}");
        }
    }

    #[test]
    fn only_the_whole_reads_as_the_whole() {
        assert_eq!(Share { part: 999_999, whole: 1_000_000 }.to_string(), ">99.9%");
        assert_eq!(Share { part: 7, whole: 7 }.to_string(), "100%");
        assert_eq!(Share { part: 0, whole: 0 }.to_string(), "0%");
        assert_eq!(Share { part: 1, whole: 3 }.to_string(), "33.3%");
    }

    #[test]
    fn days_are_counted_across_leap_years_and_centuries() {
        let cases = [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_709_251_199, "2024-02-29 23:59:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
            (16_725_225_600, "2500-01-01 00:00:00 UTC"),
        ];
        for (seconds, text) in cases {
            assert_eq!(Utc(UNIX_EPOCH + Duration::from_secs(seconds)).to_string(), text);
        }
    }

    #[test]
    fn counts_have_commas_between_thousands() {
        assert_eq!(Count(0).to_string(), "0");
        assert_eq!(Count(1_234_567).to_string(), "1,234,567");
        assert_eq!(Plural(1, "thread").to_string(), "1 thread");
        assert_eq!(Plural(1_000, "thread").to_string(), "1,000 threads");
    }
}
