//! Where a span comes from.

use std::borrow::Cow;

use tracing::Metadata;

/// The static place in a program that makes spans: a name and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Callsite {
    /// The span's name, as written in `span!` or derived by `#[instrument]`.
    pub name: Cow<'static, str>,
    /// The span's target, by default the module path.
    pub target: Cow<'static, str>,
    /// The source file, where the callsite knows it.
    pub file: Option<Cow<'static, str>>,
    /// The line in [`file`](Self::file), counted from 1.
    pub line: Option<u32>,
}

impl Callsite {
    /// A callsite with a name and a target, and no source location.
    pub fn new(name: impl Into<Cow<'static, str>>, target: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), target: target.into(), file: None, line: None }
    }

    /// The same callsite at a place in a source file.
    #[must_use]
    pub fn at(mut self, file: impl Into<Cow<'static, str>>, line: u32) -> Self {
        self.file = Some(file.into());
        self.line = Some(line);
        self
    }
}

impl From<&'static Metadata<'static>> for Callsite {
    fn from(metadata: &'static Metadata<'static>) -> Self {
        Self {
            name: metadata.name().into(),
            target: metadata.target().into(),
            file: metadata.file().map(Into::into),
            line: metadata.line(),
        }
    }
}
