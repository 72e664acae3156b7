//! Says why a picture is empty, as far as it can be known.

use tracing::level_filters::{LevelFilter, STATIC_MAX_LEVEL};

use super::{
    Ending,
    seen::{Found, Seen},
};
use crate::plan::Plan;

/// Everything that the reason is drawn from.
pub(crate) struct Evidence<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) seen: &'a Seen,
    pub(crate) ending: Ending,
    /// The finest level that the build has not compiled out.
    pub(crate) built_level: LevelFilter,
    /// The finest level that any subscriber of the process lets through.
    pub(crate) current_level: LevelFilter,
    /// The finest level that our filter asks for.
    pub(crate) wanted_level: LevelFilter,
}

impl<'a> Evidence<'a> {
    /// What is known now.
    pub(crate) fn gather(
        plan: &'a Plan,
        seen: &'a Seen,
        ending: Ending,
        current_level: LevelFilter,
    ) -> Self {
        Self {
            plan,
            seen,
            ending,
            built_level: STATIC_MAX_LEVEL,
            current_level,
            wanted_level: plan.filter.finest_level(),
        }
    }

    /// The first reason that explains it, as a clause.
    pub(crate) fn reason(&self) -> String {
        self.not_installed()
            .or_else(|| self.not_in_window())
            .or_else(|| self.filtered())
            .or_else(|| self.level())
            .unwrap_or_else(|| self.nothing_seen())
    }

    fn not_installed(&self) -> Option<String> {
        let seen = self.seen;
        let why = if !seen.layer_taken.is_raised() {
            "the session's `layer()` was never called"
        } else if !seen.layer_added.is_raised() {
            "the session's layer was never added to a subscriber"
        } else if !seen.subscriber_used.is_raised() {
            "the subscriber with the session's layer was never installed"
        } else {
            return None;
        };
        Some(match self.ending {
            Ending::Dropped => format!("{why} before the session was dropped; {BIND}"),
            _ => why.to_owned(),
        })
    }

    fn not_in_window(&self) -> Option<String> {
        let seen = self.seen;
        if !seen.window_opened.is_raised() {
            let delay = humantime::format_duration(self.plan.window.delay);
            return Some(format!(
                "the program ended before the `--flame-delay` of {delay} was over"
            ));
        }
        seen.span_created.is_raised().then(|| match self.ending {
            Ending::Dropped => {
                format!("no span was entered before the session was dropped; {BIND}")
            }
            _ if self.plan.every.is_some() => {
                "spans were created, but none was entered in that window".to_owned()
            }
            _ => format!("spans were created, but none was entered {}", self.plan.window),
        })
    }

    fn level(&self) -> Option<String> {
        // Known only after what was seen: the current level is that of the
        // subscribers still in use, and ours may be gone by now.
        let Self { built_level, current_level, wanted_level, .. } = self;
        if built_level < wanted_level {
            return Some(format!(
                "this build leaves out every span finer than `{built_level}` (a `max_level_*` \
                 feature of `tracing`), and of the others the filter `{}` took none",
                self.plan.filter
            ));
        }
        (current_level < wanted_level).then(|| {
            format!(
                "the program's subscriber lets nothing finer than `{current_level}` through; \
                 a filter that was added with `.with(filter)` holds for every layer: \
                 add it with `.with_filter(filter)` to the layer it is meant for"
            )
        })
    }

    fn filtered(&self) -> Option<String> {
        let (accepted, refused) = (self.seen.accepted.found(), self.seen.refused.found());
        if !accepted.levels.is_empty() {
            return Some(format!(
                "the filter `{}` accepts the spans of {}, but another filter in front of the \
                 layer refused them",
                self.plan.filter,
                list(&accepted)
            ));
        }
        (!refused.levels.is_empty()).then(|| {
            let level = self.level().map(|why| format!("; besides, {why}")).unwrap_or_default();
            format!(
                "the filter `{}` refused every span that was seen, of {}; \
                 `--flame-filter` chooses others{level}",
                self.plan.filter,
                list(&refused)
            )
        })
    }

    fn nothing_seen(&self) -> String {
        let early = match self.ending {
            Ending::Dropped => format!(" before the session was dropped; {BIND}"),
            _ => String::new(),
        };
        format!(
            "no span of level `{}` or coarser came by (there is none, or a filter in front of \
             the layer refused it){early}",
            self.wanted_level
        )
    }
}

const BIND: &str =
    "keep it (`let flame = ...`, not `let _ = ...`) and call its `finish()` at the program's end";

/// `a (debug), b (trace) and others`.
fn list(found: &Found) -> String {
    let names: Vec<_> = found
        .levels
        .iter()
        .map(|(target, level)| format!("`{target}` ({})", level.as_str().to_ascii_lowercase()))
        .collect();
    let more = if found.and_more { " and others" } else { "" };
    format!("{}{more}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};
    use tracing::{Level, callsite::Identifier, metadata::Kind};

    use super::*;
    use crate::{Plain, typed::Typed};

    macro_rules! span_metadata {
        ($target:literal, $level:expr) => {{
            struct Nowhere;
            impl tracing::Callsite for Nowhere {
                fn set_interest(&self, _: tracing::subscriber::Interest) {}
                fn metadata(&self) -> &tracing::Metadata<'_> {
                    &METADATA
                }
            }
            static METADATA: tracing::Metadata<'static> = tracing::Metadata::new(
                "span",
                $target,
                $level,
                None,
                None,
                None,
                tracing::field::FieldSet::new(&[], Identifier(&Nowhere)),
                Kind::SPAN,
            );
            &METADATA
        }};
    }

    /// A session that was set up as it should be, and saw nothing yet.
    fn seen() -> Seen {
        let seen = Seen::default();
        seen.layer_taken.raise();
        seen.layer_added.raise();
        seen.subscriber_used.raise();
        seen.window_opened.raise();
        seen
    }

    fn reason(
        seen: &Seen,
        ending: Ending,
        levels: (LevelFilter, LevelFilter, LevelFilter),
    ) -> String {
        let matches = Typed::augment_args(Command::new("x")).get_matches_from([
            "x",
            "--flame-delay=10",
            "--flame-filter=info,a=debug",
            "--flame-output=reason.folded",
        ]);
        let typed = Typed::from_arg_matches(&matches).expect("flags");
        let plan = Plan::new::<Plain>(&typed).expect("a sound plan");
        let (built_level, current_level, wanted_level) = levels;
        Evidence { plan: &plan, seen, ending, built_level, current_level, wanted_level }.reason()
    }

    const FINE: (LevelFilter, LevelFilter, LevelFilter) =
        (LevelFilter::TRACE, LevelFilter::DEBUG, LevelFilter::DEBUG);

    #[test]
    fn each_step_that_is_missing_is_named() {
        let untouched = Seen::default();
        let end = Ending::Finished;
        assert!(reason(&untouched, end, FINE).contains("`layer()` was never called"));
        untouched.layer_taken.raise();
        assert!(reason(&untouched, end, FINE).contains("never added to a subscriber"));
        untouched.layer_added.raise();
        assert!(reason(&untouched, end, FINE).contains("never installed"));
        untouched.subscriber_used.raise();
        assert!(reason(&untouched, end, FINE).contains("`--flame-delay` of 10s"));
    }

    #[test]
    fn a_session_dropped_early_is_told_to_be_kept() {
        for seen in [Seen::default(), seen()] {
            let reason = reason(&seen, Ending::Dropped, FINE);
            assert!(reason.contains("before the session was dropped; keep it"), "{reason}");
        }
    }

    #[test]
    fn a_level_that_is_compiled_out_is_named() {
        let levels = (LevelFilter::INFO, LevelFilter::INFO, LevelFilter::DEBUG);
        let reason = reason(&seen(), Ending::Finished, levels);
        assert!(reason.contains("this build leaves out every span finer than `info`"), "{reason}");
    }

    #[test]
    fn the_subscribers_maximum_level_is_named() {
        let levels = (LevelFilter::TRACE, LevelFilter::WARN, LevelFilter::DEBUG);
        let reason = reason(&seen(), Ending::Finished, levels);
        assert!(reason.contains("lets nothing finer than `warn` through"), "{reason}");
    }

    #[test]
    fn targets_that_our_filter_refused_are_listed_with_their_coarsest_level() {
        let seen = seen();
        seen.refused.note(span_metadata!("net", Level::TRACE));
        seen.refused.note(span_metadata!("net", Level::DEBUG));
        seen.refused.note(span_metadata!("db", Level::TRACE));
        let reason = reason(&seen, Ending::Finished, FINE);
        assert!(
            reason.contains(
                "`info,a=debug` refused every span that was seen, of `db` (trace), `net` (debug);"
            ),
            "{reason}"
        );
    }

    #[test]
    fn a_level_that_may_hide_others_is_named_beside_those_refused() {
        let seen = seen();
        seen.refused.note(span_metadata!("net", Level::INFO));
        let levels = (LevelFilter::TRACE, LevelFilter::INFO, LevelFilter::DEBUG);
        let reason = reason(&seen, Ending::Finished, levels);
        assert!(reason.contains("of `net` (info);"), "{reason}");
        assert!(reason.contains("besides, the program's subscriber lets nothing"), "{reason}");
    }

    #[test]
    fn spans_that_we_accept_and_never_get_were_refused_in_front() {
        let seen = seen();
        seen.accepted.note(span_metadata!("a::b", Level::DEBUG));
        seen.refused.note(span_metadata!("net", Level::TRACE));
        let reason = reason(&seen, Ending::Finished, FINE);
        assert!(
            reason.contains("accepts the spans of `a::b` (debug), but another filter"),
            "{reason}"
        );
    }

    #[test]
    fn spans_that_were_never_entered_are_told_from_none() {
        let seen = seen();
        seen.span_created.raise();
        let reason = reason(&seen, Ending::Finished, FINE);
        assert!(reason.contains("spans were created, but none was entered"), "{reason}");
    }

    #[test]
    fn a_program_without_spans_is_told_that_there_was_none() {
        let reason = reason(&seen(), Ending::Finished, FINE);
        assert!(reason.contains("no span of level `debug` or coarser"), "{reason}");
    }

    #[test]
    fn the_list_of_targets_is_bounded() {
        let seen = seen();
        for metadata in [
            span_metadata!("a", Level::TRACE),
            span_metadata!("b", Level::TRACE),
            span_metadata!("c", Level::TRACE),
            span_metadata!("d", Level::TRACE),
            span_metadata!("e", Level::TRACE),
            span_metadata!("f", Level::TRACE),
            span_metadata!("g", Level::TRACE),
            span_metadata!("h", Level::TRACE),
            span_metadata!("i", Level::TRACE),
        ] {
            seen.refused.note(metadata);
        }
        let reason = reason(&seen, Ending::Finished, FINE);
        assert!(reason.contains("`h` (trace) and others;") && !reason.contains("`i`"), "{reason}");
    }
}
