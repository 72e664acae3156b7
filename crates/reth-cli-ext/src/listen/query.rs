//! What may stand behind the question mark.

use std::time::Duration;

use tracing_flame_layer::render::{Explanation, Weight};

/// The longest window that a request can wait for or look back on.
const LONGEST: Duration = Duration::from_secs(3600);

/// The most words that an explanation can be asked to have.
const MOST_WORDS: usize = 100_000;

/// Which stretch of time a request wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    /// All since recording began.
    SinceStart,
    /// The next so long, from the request on.
    Next(Duration),
    /// The last so long, up to the request.
    Last(Duration),
}

/// What a query asks for. Parameters that are not known are passed over, as
/// scrapers add some of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) stretch: Stretch,
    pub(super) weight: Option<Weight>,
    /// How many words an explanation may have.
    pub(super) budget: usize,
}

impl Query {
    /// Reads a query; where it makes no sense, says why.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let words = Explanation::WORDS;
        let mut query = Self { stretch: Stretch::SinceStart, weight: None, budget: words };
        for parameter in text.split('&') {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name {
                "seconds" => query.set_stretch(Stretch::Next(seconds(name, value)?))?,
                "last" => query.set_stretch(Stretch::Last(seconds(name, value)?))?,
                "weight" => query.weight = Some(weight(value)?),
                "budget" => query.budget = budget(value)?,
                _ => {}
            }
        }
        Ok(query)
    }

    fn set_stretch(&mut self, stretch: Stretch) -> Result<(), String> {
        if self.stretch != Stretch::SinceStart {
            return Err("give `seconds` or `last`, once".to_owned());
        }
        self.stretch = stretch;
        Ok(())
    }
}

fn seconds(name: &str, value: &str) -> Result<Duration, String> {
    let longest = LONGEST.as_secs();
    value
        .parse()
        .ok()
        .filter(|seconds| *seconds > 0.0 && *seconds <= LONGEST.as_secs_f64())
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| {
            format!("`{name}={value}`: not a number of seconds above 0 and up to {longest}")
        })
}

fn budget(value: &str) -> Result<usize, String> {
    let least = Explanation::LEAST_WORDS;
    let words = value.parse().ok().filter(|words| (least..=MOST_WORDS).contains(words));
    words.ok_or_else(|| {
        format!("`budget={value}`: not a number of words from {least} to {MOST_WORDS}")
    })
}

fn weight(value: &str) -> Result<Weight, String> {
    match value {
        "wall" => Ok(Weight::Wall),
        "busy" => Ok(Weight::Busy),
        _ => Err(format!("`weight={value}`: neither `wall` nor `busy`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(text: &str) -> Result<Stretch, String> {
        Query::parse(text).map(|query| query.stretch)
    }

    #[test]
    fn a_window_is_in_seconds_ahead_or_back() {
        assert_eq!(stretch(""), Ok(Stretch::SinceStart));
        assert_eq!(stretch("seconds=2"), Ok(Stretch::Next(Duration::from_secs(2))));
        assert_eq!(stretch("debug=0&seconds=0.5&x"), Ok(Stretch::Next(Duration::from_millis(500))));
        assert_eq!(stretch("last=30"), Ok(Stretch::Last(Duration::from_secs(30))));
        assert_eq!(stretch("seconds=3600"), Ok(Stretch::Next(LONGEST)));
    }

    #[test]
    fn a_window_that_cannot_be_is_refused_with_the_reason() {
        for value in
            ["-1", "0", "-0", "1e9", "3601", "1e-12", "NaN", "inf", "", "2s", "%32", "1e999"]
        {
            let why = stretch(&format!("seconds={value}")).expect_err(value);
            assert!(why.contains(&format!("`seconds={value}`")), "{why}");
            assert!(why.contains("up to 3600"), "{why}");
        }
        assert!(stretch("seconds").is_err());
        assert!(stretch("seconds=1&last=1").is_err());
        assert!(stretch("seconds=1&seconds=1").is_err());
    }

    #[test]
    fn a_budget_is_a_number_of_words() {
        let budget = |text: &str| Query::parse(text).map(|query| query.budget);
        assert_eq!(budget(""), Ok(1_500));
        assert_eq!(budget("budget=100&last=1"), Ok(100));
        for value in ["99", "100001", "-1", "many", ""] {
            let text = format!("budget={value}");
            let why = budget(&text).expect_err(value);
            assert!(why.contains("from 100 to 100000"), "{why}");
        }
    }

    #[test]
    fn a_weight_is_one_of_two() {
        let weight = |text| Query::parse(text).map(|query| query.weight);
        assert_eq!(weight("weight=wall"), Ok(Some(Weight::Wall)));
        assert_eq!(weight("weight=busy&last=1"), Ok(Some(Weight::Busy)));
        assert!(weight("weight=heavy").is_err());
    }
}
