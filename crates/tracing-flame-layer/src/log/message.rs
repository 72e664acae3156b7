//! What an entry says that does not fit its words: it is made in a box on the span's
//! thread, and the entry owns that.

use tracing::Level;

use super::entry::{Callsite, Parent};
use crate::role::Role;

/// Texts of named fields, in the order in which a callsite's fields are named.
pub(crate) type Texts = Vec<Option<String>>;

/// The message of an entry.
#[derive(Debug)]
pub(crate) enum Message {
    /// A span was created of which more is to be known.
    NewSpan(NewSpan),
    /// Values were recorded in named fields of a span.
    Values(Texts),
    /// Something was logged below a span.
    Line(Line),
}

/// A new span whose fields matter.
#[derive(Debug)]
pub(crate) struct NewSpan {
    pub(crate) callsite: Callsite,
    pub(crate) parent: Parent,
    /// What the user said of it, its fields considered.
    pub(crate) role: Role,
    /// What stands in its named fields; `None` where there was no memory to read them.
    pub(crate) values: Option<Texts>,
    /// Fields that are shown where it is the root of an operation that is kept.
    pub(crate) fields: Vec<(&'static str, String)>,
}

/// Something that was logged.
#[derive(Debug)]
pub(crate) struct Line {
    /// Where: `Span` where the event says so, else the current span.
    pub(crate) parent: Parent,
    pub(crate) level: Level,
    pub(crate) target: &'static str,
    pub(crate) text: String,
}
