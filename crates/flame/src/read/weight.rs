//! The weight at the end of a folded line.

use super::Unit;

/// A weight in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weight {
    pub(super) nanos: u64,
    /// Whether there was more behind the last whole nanosecond, or a little less.
    pub(super) is_rounded: bool,
}

/// Digits behind the point that count.
const DIGITS: usize = 18;

/// Reads a number without a sign, whole or with a point, of so long each.
pub(super) fn read(text: &str, unit: Unit) -> Result<Weight, String> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(rest) {
        return Err("is not a number from zero up".to_owned());
    }
    let above = |_| "is not below 2^64".to_owned();
    let whole: u64 = whole.parse().map_err(above)?;
    let (counted, beyond) = rest.split_at(rest.len().min(DIGITS));
    let scale = 10_u128.pow(counted.len() as u32);
    // `20.` is 20.
    let part: u128 = if counted.is_empty() { 0 } else { counted.parse().map_err(above)? };
    // Below 2^64 times 10^18, and so below 2^128.
    let part = part * u128::from(unit.in_nanos());
    let rounded = (part + scale / 2) / scale;
    let is_rounded = !part.is_multiple_of(scale) || beyond.bytes().any(|byte| byte != b'0');
    let nanos = (u128::from(whole) * u128::from(unit.in_nanos())).checked_add(rounded);
    let nanos = nanos.and_then(|nanos| u64::try_from(nanos).ok());
    nanos
        .map(|nanos| Weight { nanos, is_rounded })
        .ok_or_else(|| format!("of {unit} each is above 2^64 ns"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(text: &str, unit: &str) -> (u64, bool) {
        let weight = read(text, unit.parse().expect("a unit")).expect(text);
        (weight.nanos, weight.is_rounded)
    }

    #[test]
    fn a_fraction_is_exact_where_the_unit_makes_it_whole() {
        assert_eq!(nanos("3", "1ns"), (3, false));
        assert_eq!(nanos("1.5", "1us"), (1_500, false));
        assert_eq!(nanos("1.50", "10ns"), (15, false));
        assert_eq!(nanos("0.25", "1ms"), (250_000, false));
        assert_eq!(nanos("2.000", "1ns"), (2, false));
        assert_eq!(nanos("20.", "1us"), (20_000, false));
    }

    #[test]
    fn what_is_behind_the_last_whole_nanosecond_is_rounded() {
        assert_eq!(nanos("1.4", "1ns"), (1, true));
        assert_eq!(nanos("1.5", "1ns"), (2, true));
        assert_eq!(nanos("0.0000000000000000001", "2s"), (0, true));
        assert_eq!(nanos("18446744073709551614.5", "1ns"), (u64::MAX, true));
    }

    #[test]
    fn what_is_no_number_or_too_large_is_refused() {
        for text in ["", "-1", "+1", "x", ".5", ".", "1e3", "1.2.3", "１", "nan"] {
            assert!(read(text, Unit::NANOSECOND).is_err(), "{text}");
        }
        let max = u64::MAX.to_string();
        assert!(read(&format!("{max}0"), Unit::NANOSECOND).is_err());
        assert!(read(&format!("{max}.5"), Unit::NANOSECOND).is_err());
        let why = read(&max, "1us".parse().expect("a unit")).expect_err("too large");
        assert_eq!(why, "of 1000ns each is above 2^64 ns");
    }
}
