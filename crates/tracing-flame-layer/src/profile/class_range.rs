//! Which classes of latency are meant, in words: `p98..`, `block:64ms..`.

use std::{fmt, str::FromStr};

use super::{Class, class::edge};

/// Names classes of latency: those of operations slower than a time or than so many per cent
/// of them, quicker, or in between.
///
/// `64ms..` means from that time on, `..64ms` up to it, `8ms..64ms` both; `p98..` means what
/// takes longer than 98 of 100. A time or a percentile alone means the one class in which it
/// is: `p50`. A span's name in front of a colon says whose: `block:p98..`; without one it is
/// every named operation, each by its own percentiles. Times are `250ms`, `2s`, `10us`, `1m`.
///
/// Only whole classes can be told apart, so an edge is moved to the nearest that there is: of
/// times the nearest power of two of nanoseconds, of percentiles the one that leaves the share
/// below it that comes nearest.
///
/// ```
/// use tracing_flame_layer::profile::ClassRange;
///
/// assert!("block:p98..".parse::<ClassRange>().is_ok());
/// let why = "quick".parse::<ClassRange>().unwrap_err().to_string();
/// assert!(why.contains("`p98..`"), "{why}");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassRange {
    name: Option<String>,
    wanted: Wanted,
    text: String,
}

/// Why a text names no classes of latency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseClassRangeError(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// The class with this in it.
    At(Place),
    /// From one on, and up to another.
    Between(Option<Place>, Option<Place>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Nanos(u64),
    Percent(u8),
}

impl ClassRange {
    /// The class that the median is in, of operations of every name.
    pub(super) const MEDIAN: Self =
        Self { name: None, wanted: Wanted::At(Place::Percent(50)), text: String::new() };

    /// Whether operations of a name are meant.
    pub(super) fn is_of(&self, name: &str) -> bool {
        self.name.as_deref().is_none_or(|wanted| wanted == name)
    }

    /// The powers of two from which on the classes meant begin, the last one included, of
    /// those of one name: so many operations by power, ascending. `None` where there is none.
    pub(super) fn powers(&self, counts: &[(u8, u64)]) -> Option<(u8, u8)> {
        let all: u64 = counts.iter().map(|(_, operations)| operations).sum();
        let (first, last) = (counts.first()?.0, counts.last()?.0);
        let (from, to) = match self.wanted {
            Wanted::At(Place::Nanos(nanos)) => (Class::power_of(nanos), Class::power_of(nanos)),
            Wanted::At(Place::Percent(percent)) => {
                let power = at_percent(counts, all, percent)?;
                (power, power)
            }
            Wanted::Between(from, to) => {
                let edges = || counts.iter().map(|(power, _)| *power);
                let from = match from {
                    None => first,
                    Some(Place::Nanos(nanos)) => nearest(nanos),
                    // What is above it has operations.
                    Some(Place::Percent(percent)) => closest(counts, all, percent, edges())?,
                };
                let to = match to {
                    None => last.checked_add(1)?,
                    Some(Place::Nanos(nanos)) => nearest(nanos),
                    // And so has what is below.
                    Some(Place::Percent(percent)) => {
                        let above = edges().map(|power| power.saturating_add(1));
                        closest(counts, all, percent, above)?
                    }
                };
                (from, to.checked_sub(1)?)
            }
        };
        let is_any = counts.iter().any(|(power, _)| (from..=to).contains(power));
        is_any.then_some((from, to))
    }
}

/// The power of two that a time is nearest to, by their proportion.
fn nearest(nanos: u64) -> u8 {
    let below = Class::power_of(nanos);
    let (squared, middle) = (u128::from(nanos).pow(2), 1_u128 << (2 * u32::from(below) + 1));
    if squared >= middle { below.saturating_add(1) } else { below }
}

/// Of some edges the one below which there are nearest to so many per cent.
fn closest(
    counts: &[(u8, u64)],
    all: u64,
    percent: u8,
    edges: impl Iterator<Item = u8>,
) -> Option<u8> {
    let off = |power: &u8| {
        let below: u64 = counts.iter().filter(|(known, _)| known < power).map(|(_, n)| n).sum();
        (u128::from(below) * 100).abs_diff(u128::from(all) * u128::from(percent))
    };
    edges.min_by_key(off)
}

/// The first class up to the end of which there are so many per cent.
fn at_percent(counts: &[(u8, u64)], all: u64, percent: u8) -> Option<u8> {
    let mut seen = 0_u128;
    let reached = counts.iter().find(|(_, operations)| {
        seen = seen.saturating_add(u128::from(*operations));
        seen.saturating_mul(100) >= u128::from(all).saturating_mul(percent.into())
    });
    reached.map(|(power, _)| *power)
}

impl FromStr for ClassRange {
    type Err = ParseClassRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (name, range) = match text.rsplit_once(':') {
            Some((name, range)) => (Some(name.trim().to_owned()), range),
            None => (None, text),
        };
        let wanted = match range.split_once("..") {
            None => Wanted::At(range.parse()?),
            Some((from, to)) => {
                let place = |text: &str| match text.trim() {
                    "" => Ok(None),
                    text => text.parse().map(Some),
                };
                Wanted::Between(place(from)?, place(to)?)
            }
        };
        Ok(Self { name, wanted, text: text.to_owned() })
    }
}

impl FromStr for Place {
    type Err = ParseClassRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let why = || {
            ParseClassRangeError(format!(
                "`{text}` is neither a time nor a percentile; write `p98..`, `64ms..`, \
                 `8ms..64ms` or `p50`, with a span's name and a colon in front or not"
            ))
        };
        if let Some(percent) = text.strip_prefix(['p', 'P']) {
            let percent = percent.parse().ok().filter(|percent| *percent <= 100);
            return percent.map(Self::Percent).ok_or_else(why);
        }
        let units = [
            ("ns", 1e0),
            ("us", 1e3),
            ("µs", 1e3),
            ("ms", 1e6),
            ("s", 1e9),
            ("m", 6e10),
            ("h", 3.6e12),
        ];
        let read = |(unit, nanos): &(&str, f64)| {
            let number: f64 = text.strip_suffix(unit)?.trim().parse().ok()?;
            Some(number * nanos).filter(|time| (0.0..=u64::MAX as f64).contains(time))
        };
        let nanos = units.iter().find_map(read).ok_or_else(why)?;
        Ok(Self::Nanos(nanos as u64))
    }
}

impl fmt::Display for ClassRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for ParseClassRangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseClassRangeError {}

/// Operations of one name that took from one time on and less than another.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SelectedClasses {
    /// The name of their roots.
    pub name: String,
    /// The least that one of them took.
    pub from_nanos: u64,
    /// What each took less than; `None` where they are the slowest that there are.
    pub below_nanos: Option<u64>,
    /// How many they are.
    pub operations: u64,
    /// How many of that name there are in all classes.
    pub of: u64,
}

impl SelectedClasses {
    /// Of the classes from one power of two to another, the last included.
    pub(super) fn new(name: String, (from, to): (u8, u8), counts: &[(u8, u64)]) -> Self {
        let sum = |is_in: &dyn Fn(u8) -> bool| {
            let counts = counts.iter().filter(|(power, _)| is_in(*power));
            counts.fold(0_u64, |sum, (_, operations)| sum.saturating_add(*operations))
        };
        let is_last = counts.last().is_none_or(|(last, _)| *last <= to);
        Self {
            name,
            from_nanos: edge(from),
            below_nanos: (!is_last).then(|| edge(to.saturating_add(1))),
            operations: sum(&|power| (from..=to).contains(&power)),
            of: sum(&|_| true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 900 of 1 to 2 ms, 90 of 2 to 4 ms, 10 of 16 to 32 ms, or about.
    const COUNTS: [(u8, u64); 3] = [(20, 900), (21, 90), (24, 10)];

    fn powers(text: &str) -> Option<(u8, u8)> {
        text.parse::<ClassRange>().expect(text).powers(&COUNTS)
    }

    #[test]
    fn an_edge_is_the_nearest_that_there_is() {
        for (text, expected) in [
            ("p98..", Some((24, 24))),
            ("p91..", Some((21, 24))),
            ("p100..", Some((24, 24))),
            ("p0..", Some((20, 24))),
            ("..p90", Some((20, 20))),
            ("..p1", Some((20, 20))),
            ("p50", Some((20, 20))),
            ("p95", Some((21, 21))),
            ("p100", Some((24, 24))),
            ("..", Some((20, 24))),
            ("2ms..", Some((21, 24))),
            // 2^21 ns are 2.1 ms, and 2.97 ms are halfway to the next.
            ("2.9ms..", Some((21, 24))),
            ("3ms..", Some((22, 24))),
            ("..2ms", Some((20, 20))),
            ("block: 1.1ms", Some((20, 20))),
            ("0ns..", Some((0, 24))),
            ("4ms..16ms", None),
            ("1s..", None),
            ("16ms..2ms", None),
        ] {
            assert_eq!(powers(text), expected, "{text}");
        }
        assert_eq!("p98..".parse::<ClassRange>().expect("a range").powers(&[]), None);
    }

    #[test]
    fn what_names_no_class_is_refused_with_what_would() {
        for text in ["", "p", "p101", "p-1", "1", "-1ms", "ms", "p98...", "1e30s", "block:", "NaNs"]
        {
            let why = text.parse::<ClassRange>().expect_err(text).to_string();
            assert!(why.contains("`64ms..`"), "{text}: {why}");
        }
    }

    #[test]
    fn what_was_found_says_what_it_is_of() {
        let found = SelectedClasses::new("block".to_owned(), (21, 24), &COUNTS);
        assert_eq!((found.from_nanos, found.below_nanos), (1 << 21, None));
        assert_eq!((found.operations, found.of), (100, 1_000));
        let found = SelectedClasses::new("block".to_owned(), (0, 21), &COUNTS);
        assert_eq!((found.from_nanos, found.below_nanos), (0, Some(1 << 22)));
    }
}
