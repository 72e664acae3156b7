//! What the user said about spans of a callsite.

use tracing::Metadata;

use crate::SpanSelector;

/// How spans of one callsite are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Role {
    /// Entered, it mostly waits: by wall-clock weight it does not work.
    pub(crate) idle: bool,
    /// Transparent: it takes no time and is never drawn.
    pub(crate) skip: bool,
    /// Each instance is an operation of its own.
    pub(crate) operation: bool,
}

/// The user's lists of spans.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    pub(crate) idle: Vec<SpanSelector>,
    pub(crate) skip: Vec<SpanSelector>,
    pub(crate) operations: Vec<SpanSelector>,
}

impl Roles {
    /// Whether the user said nothing.
    #[inline]
    pub(crate) fn are_empty(&self) -> bool {
        self.idle.is_empty() && self.skip.is_empty() && self.operations.is_empty()
    }

    /// Whether the user named spans of a callsite operations.
    pub(crate) fn may_be_operation(&self, metadata: &Metadata<'_>) -> bool {
        self.operations.iter().any(|selector| selector.matches(metadata))
    }

    /// The role of a callsite's spans. A skipped span is nothing else besides.
    pub(crate) fn of(&self, metadata: &Metadata<'_>) -> Role {
        let named = |list: &[SpanSelector]| list.iter().any(|s| s.matches(metadata));
        if named(&self.skip) {
            return Role { skip: true, ..Role::default() };
        }
        Role { idle: named(&self.idle), skip: false, operation: named(&self.operations) }
    }
}
