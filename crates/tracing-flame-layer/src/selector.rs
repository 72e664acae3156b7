//! Naming spans on a command line.

use std::{fmt, str::FromStr};

use tracing::Metadata;

/// Names spans by `name` or by `target::name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpanSelector(String);

impl SpanSelector {
    /// Whether a callsite's spans are meant.
    #[must_use]
    pub fn matches(&self, metadata: &Metadata<'_>) -> bool {
        let name = metadata.name();
        self.0 == name
            || self
                .0
                .strip_suffix(name)
                .and_then(|rest| rest.strip_suffix("::"))
                .is_some_and(|target| target == metadata.target())
    }
}

impl fmt::Display for SpanSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text names no span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseSelectorError(());

impl fmt::Display for ParseSelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an empty text names no span; write `name` or `target::name`")
    }
}

impl std::error::Error for ParseSelectorError {}

impl FromStr for SpanSelector {
    type Err = ParseSelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() { Err(ParseSelectorError(())) } else { Ok(Self(text.to_owned())) }
    }
}
