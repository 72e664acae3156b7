//! Spans that were named on the command line, and whether any came by.

use std::fmt::Display;

use tracing::{Metadata, level_filters::LevelFilter};
use tracing_flame_layer::{Profile, SpanFields, SpanSelector};

use crate::{
    directives::{Directives, HOSTS_OWN},
    remember::Remembering,
    session::Flag,
    typed::Typed,
};

/// The flag whose spans are in no picture.
const SKIP: &str = "--flame-skip";

/// What was typed behind one flag, for a word at the end about each span of which
/// there was none: a slip of the pen would otherwise look like a quiet program.
///
/// A host's own names are not among them: it has spans that not every command
/// comes across.
#[derive(Debug)]
pub(crate) struct Named {
    flag: &'static str,
    spans: Spans,
    came_by: Flag,
}

#[derive(Debug)]
enum Spans {
    Selected(SpanSelector),
    Fields(SpanFields),
    /// Those of a target, as a filter names it, down to a level.
    Target(String, LevelFilter),
}

impl Named {
    /// All that were typed.
    pub(crate) fn all(typed: &Typed) -> Vec<Self> {
        let selected = [
            ("--flame-idle", &typed.flame_idle),
            (SKIP, &typed.flame_skip),
            ("--flame-operation", &typed.flame_operation),
            ("--flame-detached", &typed.flame_detached),
        ];
        #[cfg(feature = "listen")]
        let selected = selected.into_iter().chain([("--flame-metrics", &typed.flame_metrics)]);
        let selected = selected.into_iter().flat_map(|(flag, spans)| {
            let spans = Remembering::all(spans).into_iter().flatten();
            spans.map(move |spans| Self::new(flag, Spans::Selected(spans)))
        });
        let fields = Remembering::all(&typed.flame_fields).into_iter();
        let fields = fields.flat_map(|typed| typed.fields);
        let fields = fields.map(|fields| Self::new("--flame-fields", Spans::Fields(fields)));
        let targets = typed.flame_filter.iter().flat_map(Directives::targets);
        let targets = targets.map(|(target, level)| {
            Self::new("--flame-filter", Spans::Target(target.to_owned(), level))
        });
        let selected = selected.filter(|named| named.text() != HOSTS_OWN);
        selected.chain(fields).chain(targets).collect()
    }

    fn new(flag: &'static str, spans: Spans) -> Self {
        Self { flag, spans, came_by: Flag::default() }
    }

    fn text(&self) -> String {
        match &self.spans {
            Spans::Selected(spans) => spans.to_string(),
            Spans::Fields(fields) => fields.to_string(),
            Spans::Target(target, _) => target.clone(),
        }
    }

    /// Whether a picture, in which each of its spans has a frame of its own, has none.
    fn is_missing(&self, picture: &Profile) -> bool {
        match &self.spans {
            Spans::Selected(spans) if spans.has_values() && self.flag != SKIP => {
                !picture.nodes().frames().any(|frame| spans.picks(frame))
            }
            _ => false,
        }
    }

    /// Notes a callsite, whose spans may be recorded where the filter `accepts` it.
    pub(crate) fn note(&self, metadata: &Metadata<'_>, accepts: bool) {
        let is_meant = match &self.spans {
            Spans::Selected(spans) => accepts && spans.matches(metadata),
            Spans::Fields(fields) => accepts && fields.of(metadata).next().is_some(),
            // A finer directive may have the last word; it met the target all the same.
            Spans::Target(target, level) => {
                metadata.level() <= level && metadata.target().starts_with(target)
            }
        };
        if is_meant {
            self.came_by.raise();
        }
    }

    fn is_target(&self) -> bool {
        matches!(self.spans, Spans::Target(..))
    }
}

/// One line about those of which no span came by; `None` where each has some. What is
/// picked by a value is in the picture, if that is of the whole recording.
pub(crate) fn absent(
    named: &[Named],
    filter: &impl Display,
    picture: Option<&Profile>,
) -> Option<String> {
    let is_absent = |named: &&Named| {
        let is_missing = |picture| named.is_missing(picture);
        !named.came_by.is_raised() || picture.is_some_and(is_missing)
    };
    let absent = || named.iter().filter(is_absent);
    let list = |is_target: bool| {
        let list = absent().filter(|named| named.is_target() == is_target);
        let list: Vec<_> =
            list.map(|named| format!("`{}` ({})", named.text(), named.flag)).collect();
        (!list.is_empty()).then(|| list.join(" or "))
    };
    let names = list(false).map(|list| {
        format!("no span came by that is named {list}, or the filter `{filter}` refused it")
    });
    let targets = list(true).map(|list| {
        // The usual slip: a crate's name where its module's belongs.
        let dashed = absent().any(|named| named.is_target() && named.text().contains('-'));
        let hint = if dashed { "; a target has `_` where its crate has `-`" } else { "" };
        format!("no span came by whose target begins with {list}{hint}")
    });
    let lines: Vec<_> = [names, targets].into_iter().flatten().collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}
