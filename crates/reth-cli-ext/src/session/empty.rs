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
    pub(crate) fn gather(plan: &'a Plan, seen: &'a Seen, ending: Ending) -> Self {
        Self {
            plan,
            seen,
            ending,
            built_level: STATIC_MAX_LEVEL,
            current_level: LevelFilter::current(),
            wanted_level: plan.filter.filter().max_level_hint().unwrap_or(LevelFilter::TRACE),
        }
    }

    /// The first reason that explains it, as a clause.
    pub(crate) fn reason(&self) -> String {
        self.not_installed()
            .or_else(|| self.not_in_window())
            .or_else(|| self.level())
            .or_else(|| self.filtered())
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
            _ => format!("spans were created, but none was entered {}", self.plan.window),
        })
    }

    fn level(&self) -> Option<String> {
        let Self { built_level, current_level, wanted_level, .. } = self;
        if built_level < wanted_level {
            return Some(format!(
                "this build leaves out every span finer than `{built_level}` (a `max_level_*` \
                 feature of `tracing`), and the filter `{}` found none coarser",
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
            format!(
                "the filter `{}` refused every span there was, of {}; \
                 `--flame-filter` chooses others",
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
