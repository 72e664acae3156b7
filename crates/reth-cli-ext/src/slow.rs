//! Which operations get pictures of their own, as typed and as meant.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use tracing::Level;
use tracing_flame_layer::SlowerThan;

use crate::window::Length;

/// How many of the slowest operations get a picture where nothing else is typed.
pub(crate) const SLOWEST: usize = 10;
/// The most that can be asked for.
const MOST: usize = 1_000;

/// What `--flame-slowest` can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slowest(pub(crate) usize);

impl FromStr for Slowest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.trim().parse().ok().filter(|number| *number <= MOST);
        number.map(Self).ok_or_else(|| format!("write a number up to {MOST}; 0 for none"))
    }
}

/// What `--flame-slower-than` can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Least(pub(crate) SlowerThan);

impl FromStr for Least {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().eq_ignore_ascii_case("p99") {
            return Ok(Self(SlowerThan::P99));
        }
        let Length(least) = text.parse().map_err(|why| format!("{why}; or write `p99`"))?;
        Ok(Self(SlowerThan::Duration(least)))
    }
}

impl fmt::Display for Least {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            SlowerThan::Duration(Duration::ZERO) => f.write_str("0"),
            SlowerThan::Duration(least) => write!(f, "{}", humantime::format_duration(least)),
            _ => f.write_str("p99"),
        }
    }
}

/// Which operations get pictures of their own, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SlowPlan {
    pub(crate) slowest: usize,
    pub(crate) slower_than: Option<Least>,
    /// With what is logged in them, down to this level.
    pub(crate) events: Option<Level>,
    /// A directory beside the first output; made once there is a picture.
    pub(crate) directory: PathBuf,
    /// What gets a line for each slower one.
    pub(crate) lines: Option<PathBuf>,
}

impl SlowPlan {
    /// `None` where no picture is wanted.
    pub(crate) fn new(
        slowest: usize,
        slower_than: Option<Least>,
        events: Option<Level>,
        directory: PathBuf,
    ) -> Option<Self> {
        let wanted = slowest > 0 || slower_than.is_some();
        wanted.then_some(Self { slowest, slower_than, events, directory, lines: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_least_duration_is_a_time_or_the_99th_percentile() {
        let millis = |millis| Ok(Least(SlowerThan::Duration(Duration::from_millis(millis))));
        assert_eq!("0".parse(), millis(0));
        assert_eq!("250ms".parse(), millis(250));
        assert_eq!("1.5".parse(), millis(1_500));
        assert_eq!("p99".parse(), Ok(Least(SlowerThan::P99)));
        for text in ["", "p98", "soon", "-1"] {
            let why = text.parse::<Least>().expect_err(text);
            assert!(why.contains("`p99`"), "{why}");
        }
        for text in ["0", "250ms", "1s 500ms", "p99"] {
            assert_eq!(text.parse::<Least>().map(|least| least.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn how_many_are_kept_is_bounded() {
        assert_eq!("10".parse(), Ok(Slowest(10)));
        assert_eq!("0".parse(), Ok(Slowest(0)));
        for text in ["1001", "-1", "many", ""] {
            assert!(text.parse::<Slowest>().is_err(), "{text}");
        }
    }
}
