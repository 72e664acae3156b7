//! Spans that were named on the command line, and whether any came by.

use std::fmt::Display;

use tracing::Metadata;
use tracing_flame_layer::{SpanFields, SpanSelector};

use crate::{directives::HOSTS_OWN, remember::Remembering, session::Flag, typed::Typed};

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
}

impl Named {
    /// All that were typed.
    pub(crate) fn all(typed: &Typed) -> Vec<Self> {
        let selected = [
            ("--flame-idle", &typed.flame_idle),
            ("--flame-skip", &typed.flame_skip),
            ("--flame-operation", &typed.flame_operation),
            ("--flame-detached", &typed.flame_detached),
        ];
        let selected = selected.into_iter().flat_map(|(flag, spans)| {
            let spans = Remembering::all(spans).into_iter().flatten();
            spans.map(move |spans| Self::new(flag, Spans::Selected(spans)))
        });
        let fields = Remembering::all(&typed.flame_fields).into_iter().flatten();
        let fields = fields.map(|fields| Self::new("--flame-fields", Spans::Fields(fields)));
        selected.filter(|named| named.text() != HOSTS_OWN).chain(fields).collect()
    }

    fn new(flag: &'static str, spans: Spans) -> Self {
        Self { flag, spans, came_by: Flag::default() }
    }

    fn text(&self) -> String {
        match &self.spans {
            Spans::Selected(spans) => spans.to_string(),
            Spans::Fields(fields) => fields.to_string(),
        }
    }

    /// Notes a callsite whose spans may be recorded.
    pub(crate) fn note(&self, metadata: &Metadata<'_>) {
        let is_meant = match &self.spans {
            Spans::Selected(spans) => spans.matches(metadata),
            Spans::Fields(fields) => fields.of(metadata).next().is_some(),
        };
        if is_meant {
            self.came_by.raise();
        }
    }
}

/// One line about those of which no span came by; `None` where each has some.
pub(crate) fn absent(named: &[Named], filter: &impl Display) -> Option<String> {
    let absent = named.iter().filter(|named| !named.came_by.is_raised());
    let list: Vec<_> = absent.map(|named| format!("`{}` ({})", named.text(), named.flag)).collect();
    (!list.is_empty()).then(|| {
        format!(
            "no span came by that is named {}, or the filter `{filter}` refused it",
            list.join(" or ")
        )
    })
}
