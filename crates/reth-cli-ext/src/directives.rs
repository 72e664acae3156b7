//! A filter as typed: `EnvFilter` directives, of which one may be `default`.

use std::{collections::BTreeMap, fmt, str::FromStr};

use tracing_subscriber::{
    EnvFilter,
    filter::{Directive, LevelFilter},
};

/// What `default` stands for in a filter and in a list of spans.
pub(crate) const HOSTS_OWN: &str = "default";

/// Directives in the order typed, each known to be valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directives(Vec<String>);

impl Directives {
    /// These directives with the host's own in place of `default`.
    pub(crate) fn with_hosts_own(self, hosts: &Self) -> Self {
        Self(
            self.0
                .into_iter()
                .flat_map(|text| if text == HOSTS_OWN { hosts.0.clone() } else { vec![text] })
                .collect(),
        )
    }

    /// The finest level that they ask for.
    pub(crate) fn finest_level(&self) -> LevelFilter {
        self.filter().max_level_hint().unwrap_or(LevelFilter::TRACE)
    }

    /// Whether one of them goes by which spans are entered: `[span]`.
    pub(crate) fn follows_spans(&self) -> bool {
        self.0.iter().any(|directive| directive.contains('['))
    }

    /// The targets that they name without naming spans, each with the finest level of
    /// spans that is asked for there.
    pub(crate) fn targets(&self) -> impl Iterator<Item = (&str, LevelFilter)> {
        let named = self.0.iter().filter(|text| !text.contains('[') && *text != HOSTS_OWN);
        named.filter_map(|text| {
            let target = without_level(text);
            let level = text.strip_prefix(target)?.strip_prefix('=');
            let level = level.map_or(Ok(LevelFilter::TRACE), str::parse).ok()?;
            (!target.is_empty() && level != LevelFilter::OFF).then_some((target, level))
        })
    }

    /// The filter that they describe.
    pub(crate) fn filter(&self) -> EnvFilter {
        // Of two for the same spans `EnvFilter` goes by the later, but its hint
        // of the finest level would still count the earlier.
        let last_of_each: BTreeMap<_, _> =
            self.0.iter().map(|text| (without_level(text), text)).collect();
        // One by one: `EnvFilter`'s own parser writes to standard error where a
        // directive asks for a level that the build has compiled out.
        last_of_each
            .values()
            .filter_map(|text| text.parse::<Directive>().ok())
            .fold(EnvFilter::default(), EnvFilter::add_directive)
    }
}

impl FromStr for Directives {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let directives: Vec<_> = text
            .split(',')
            .map(str::trim)
            .filter(|d| !d.is_empty())
            .map(ToOwned::to_owned)
            .collect();
        if directives.is_empty() {
            return Err(format!("it holds no directive; {VALID}"));
        }
        for directive in &directives {
            check(directive)?;
        }
        Ok(Self(directives))
    }
}

/// Which spans a directive is about.
fn without_level(directive: &str) -> &str {
    match directive.rsplit_once('=') {
        // What stands behind the `=` of a field is no level.
        Some((spans, level)) if !level.contains(']') => spans,
        None if directive.parse::<LevelFilter>().is_ok() => "",
        _ => directive,
    }
}

const VALID: &str = "a directive is LEVEL, TARGET, TARGET=LEVEL or TARGET[SPAN{FIELD=VALUE}]=LEVEL, \
                     where LEVEL is off, error, warn, info, debug or trace";

fn check(directive: &str) -> Result<(), String> {
    match directive.parse::<Directive>() {
        Ok(_) => Ok(()),
        // Its own text ("invalid filter directive") names no directive, and
        // adds nothing to what is said here.
        Err(_) => Err(format!("`{directive}` is no directive; {VALID}")),
    }
}

impl fmt::Display for Directives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Directives {
        text.parse().expect("valid directives")
    }

    #[test]
    fn spaces_and_empty_parts_do_not_count() {
        assert_eq!(parse(" debug, foo=trace ,,").to_string(), "debug,foo=trace");
    }

    #[test]
    fn the_directive_that_is_wrong_is_named() {
        for (text, wrong) in [
            ("debug,foo=loud", "`foo=loud`"),
            ("info,[span", "`[span`"),
            ("a=b=c", "`a=b=c`"),
            ("foo[{x=1}]=trace,*", "`*`"),
        ] {
            let why = text.parse::<Directives>().expect_err(text);
            assert!(why.starts_with(wrong), "{text}: {why}");
            assert!(why.contains("off, error, warn, info, debug or trace"), "{why}");
        }
    }

    #[test]
    fn a_filter_without_a_directive_is_refused() {
        for text in ["", " ", ","] {
            assert!(text.parse::<Directives>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn only_a_directive_with_a_span_follows_spans() {
        assert!(parse("info,tree[block]=trace").follows_spans());
        assert!(!parse("info,tree=trace").follows_spans());
    }

    #[test]
    fn targets_are_told_with_their_levels() {
        let directives = parse("info,a=debug,b,c::d=off,e[f]=trace,g[{h=1}],default");
        let targets: Vec<_> = directives.targets().collect();
        assert_eq!(targets, [("a", LevelFilter::DEBUG), ("b", LevelFilter::TRACE)]);
    }

    #[test]
    fn default_stands_for_the_hosts_own() {
        let hosts = parse("info,engine=debug");
        assert_eq!(
            parse("default,foo=trace").with_hosts_own(&hosts).to_string(),
            "info,engine=debug,foo=trace"
        );
        assert_eq!(parse("warn").with_hosts_own(&hosts).to_string(), "warn");
    }

    #[test]
    fn the_filter_is_the_one_that_env_filter_reads_itself() {
        let text = "info,engine=debug,tree[block{number=1}]=trace,net=off";
        let mut ours: Vec<_> =
            parse(text).filter().to_string().split(',').map(ToOwned::to_owned).collect();
        let mut theirs: Vec<_> =
            EnvFilter::new(text).to_string().split(',').map(ToOwned::to_owned).collect();
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs);
    }

    #[test]
    fn a_later_directive_for_the_same_spans_replaces_the_earlier() {
        for (text, finest) in [
            ("trace,info", LevelFilter::INFO),
            ("engine=trace,engine=off", LevelFilter::OFF),
            ("engine,engine=debug", LevelFilter::DEBUG),
            ("engine=debug,engine", LevelFilter::TRACE),
            ("[span{x=y}]=trace,[span{x=y}]=warn,info", LevelFilter::TRACE),
        ] {
            assert_eq!(parse(text).filter().max_level_hint(), Some(finest), "{text}");
        }
    }
}
