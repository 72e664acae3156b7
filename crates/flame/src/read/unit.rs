//! What one of a folded file's weights is worth.

use std::{fmt, str::FromStr};

/// A time, in whole nanoseconds above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit(u64);

impl Unit {
    /// What this project writes.
    pub const NANOSECOND: Self = Self(1);

    pub(crate) fn in_nanos(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ns", self.0)
    }
}

impl FromStr for Unit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let scale: Option<u64> = match unit.trim() {
            "ns" => Some(1),
            "us" | "µs" => Some(1_000),
            "ms" => Some(1_000_000),
            "s" => Some(1_000_000_000),
            _ => None,
        };
        let nanos = number.parse::<u64>().ok().zip(scale).and_then(|(n, s)| n.checked_mul(s));
        nanos.filter(|&nanos| nanos > 0).map(Self).ok_or_else(|| {
            "a time above zero is a whole number with ns, us, ms or s, as in `1us`".to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_a_whole_number_of_a_known_unit() {
        for (text, nanos) in
            [("1ns", 1), ("1us", 1_000), ("10 ms", 10_000_000), ("2s", 2_000_000_000)]
        {
            assert_eq!(text.parse(), Ok(Unit(nanos)), "{text}");
        }
        for text in ["", "ns", "1", "0ms", "-1s", "1.5ms", "1h", "99999999999999999999s"] {
            assert!(text.parse::<Unit>().is_err(), "{text}");
        }
    }
}
