//! What the user said about spans of a callsite.

use tracing::{Metadata, field::Visit, span::Attributes};

use crate::{
    SpanFields, SpanSelector,
    log::{Callsite, Texts},
    room::Room,
    text::Reader,
};

/// How spans of one callsite are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Role {
    /// Entered, it mostly waits: by wall-clock weight it does not work.
    pub(crate) idle: bool,
    /// Transparent: it takes no time and is never drawn.
    pub(crate) skip: bool,
    /// Each instance is an operation of its own.
    pub(crate) operation: bool,
    /// An operation that may be kept by itself.
    pub(crate) kept: bool,
    /// Which of these it is depends on each span's fields.
    pub(crate) by_fields: bool,
    /// Fields of it are part of its frames' names.
    pub(crate) has_named: bool,
}

impl Role {
    /// Whether the fields of each of its spans have to be looked at.
    pub(crate) fn is_by_span(self) -> bool {
        self.by_fields || self.has_named
    }
}

/// The user's lists of spans.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    pub(crate) idle: Vec<SpanSelector>,
    pub(crate) skip: Vec<SpanSelector>,
    pub(crate) operations: Vec<SpanSelector>,
    /// Operations that are never kept by themselves.
    pub(crate) detached: Vec<SpanSelector>,
    /// Fields that are part of a frame's name.
    pub(crate) named: NamedFields,
}

/// Fields that the user named.
#[derive(Debug)]
pub(crate) struct NamedFields {
    pub(crate) fields: Vec<SpanFields>,
    /// How many distinct sets of values of a callsite are told apart.
    pub(crate) most: usize,
}

impl Default for NamedFields {
    fn default() -> Self {
        Self { fields: Vec::new(), most: 64 }
    }
}

impl NamedFields {
    /// Whether no field is named.
    #[inline]
    pub(crate) fn are_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether a callsite has a field that is named.
    pub(crate) fn has(&self, metadata: &Metadata<'_>) -> bool {
        self.fields.iter().any(|named| named.of(metadata).next().is_some())
    }

    /// The named fields of a callsite, in the order in which they are named; `None` where
    /// there is no memory.
    pub(crate) fn of(&self, callsite: Callsite) -> Option<Vec<&'static str>> {
        let mut fields: Vec<&'static str> = Vec::new();
        for field in self.fields.iter().flat_map(|named| named.of(callsite)) {
            if !fields.contains(&field) {
                fields.try_push(field)?;
            }
        }
        Some(fields)
    }

    /// What stands in the named fields of a callsite, of those that `record` shows, in
    /// their order; `None` where there is no memory. Runs the program's own code, so no
    /// lock may be held.
    pub(crate) fn read(
        &self,
        callsite: Callsite,
        record: impl FnOnce(&mut dyn Visit),
    ) -> Option<Texts> {
        let fields = self.of(callsite)?;
        let mut reader = Reader::try_new(&fields)?;
        if !fields.is_empty() {
            record(&mut reader);
        }
        Some(reader.values())
    }
}

impl Roles {
    /// Whether the user said nothing.
    #[inline]
    pub(crate) fn are_empty(&self) -> bool {
        self.lists().into_iter().all(Vec::is_empty) && self.named.are_empty()
    }

    fn lists(&self) -> [&Vec<SpanSelector>; 4] {
        [&self.idle, &self.skip, &self.operations, &self.detached]
    }

    /// Whether the user named every span of a callsite an operation.
    pub(crate) fn are_operations(&self, metadata: &Metadata<'_>) -> bool {
        let mut lists = self.operations.iter().chain(&self.detached);
        lists.any(|selector| !selector.has_fields() && selector.matches(metadata))
    }

    /// The role of a callsite's spans, where it does not depend on their fields.
    pub(crate) fn of(&self, metadata: &Metadata<'_>) -> Role {
        let mut lists = self.lists().into_iter().flatten();
        let by_fields = lists.any(|selector| selector.has_fields() && selector.matches(metadata));
        Role {
            by_fields,
            has_named: self.named.has(metadata),
            ..self.role(|selector| !selector.has_fields() && selector.matches(metadata))
        }
    }

    /// The role of a span that is being created.
    pub(crate) fn of_span(&self, attributes: &Attributes<'_>) -> Role {
        Role {
            by_fields: true,
            has_named: self.named.has(attributes.metadata()),
            ..self.role(|selector| selector.matches_span(attributes))
        }
    }

    /// A skipped span is nothing else besides.
    fn role(&self, is_meant: impl Fn(&SpanSelector) -> bool) -> Role {
        let named = |list: &[SpanSelector]| list.iter().any(&is_meant);
        if named(&self.skip) {
            return Role { skip: true, ..Role::default() };
        }
        let kept = named(&self.operations);
        let operation = kept || named(&self.detached);
        Role { idle: named(&self.idle), operation, kept, ..Role::default() }
    }
}
