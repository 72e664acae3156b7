//! Per cent, as they are typed.

use std::str::FromStr;

/// A number of per cent that is not negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Percent(pub(crate) f64);

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.trim().trim_end_matches('%').trim_end();
        match number.parse::<f64>() {
            Ok(percent) if percent.is_finite() && percent >= 0.0 => Ok(Self(percent)),
            _ => Err("a percentage is a number from zero up, as in `5%` or `2.5`".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_a_number_from_zero_up() {
        for (text, percent) in [("5%", 5.0), ("2.5", 2.5), ("0%", 0.0), (" 10 % ", 10.0)] {
            assert_eq!(text.parse(), Ok(Percent(percent)), "{text}");
        }
        for text in ["", "%", "-1%", "nan", "inf", "five"] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
    }
}
