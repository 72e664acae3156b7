//! When time is taken, as typed and as meant.

use std::{fmt, str::FromStr, time::Duration};

/// A length of time as typed: seconds, or numbers with units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Length(pub(crate) Duration);

impl FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        text.parse()
            .ok()
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .or_else(|| humantime::parse_duration(text).ok())
            .map(Self)
            .ok_or_else(|| {
                "write seconds, such as `60`, or units, such as `90s` or `5m`".to_owned()
            })
    }
}

/// When a session takes time, counted from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// How long it waits first.
    pub(crate) delay: Duration,
    /// How long it then takes time; `None`: until shutdown.
    pub(crate) length: Option<Duration>,
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.length {
            Some(length) => write!(f, "for {}", humantime::format_duration(length))?,
            None => f.write_str("until shutdown")?,
        }
        if !self.delay.is_zero() {
            write!(f, " from {} after the start", humantime::format_duration(self.delay))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_number_is_seconds_and_units_are_read() {
        for (text, millis) in [
            ("60", 60_000),
            ("0", 0),
            ("0.5", 500),
            ("90s", 90_000),
            ("5m", 300_000),
            ("1m 2s", 62_000),
        ] {
            assert_eq!(text.parse(), Ok(Length(Duration::from_millis(millis))), "{text}");
        }
    }

    #[test]
    fn what_is_no_length_of_time_is_refused_with_what_would_be() {
        for text in ["", "soon", "-1", "5 parsecs", "NaN", "inf", "1e99", "99999999999999999999y"] {
            let why = text.parse::<Length>().expect_err(text);
            assert!(why.contains("`90s`"), "{why}");
        }
    }

    #[test]
    fn a_window_reads_as_a_phrase() {
        let secs = Duration::from_secs;
        let window = |delay, length| Window { delay: secs(delay), length }.to_string();
        assert_eq!(window(0, Some(secs(60))), "for 1m");
        assert_eq!(window(0, None), "until shutdown");
        assert_eq!(window(10, Some(secs(90))), "for 1m 30s from 10s after the start");
    }
}
