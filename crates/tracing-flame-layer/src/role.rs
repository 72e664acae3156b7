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
    /// It is no part of what started it.
    pub(crate) detached: bool,
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

/// Fields that are part of frames' names.
#[derive(Debug)]
pub(crate) struct NamedFields {
    /// Those that the user named.
    pub(crate) fields: Vec<SpanFields>,
    /// What picks spans by values: these are part of the frames of the spans that it picks,
    /// whose numbers are not those of the others.
    pub(crate) picking: Vec<SpanSelector>,
    /// How many distinct sets of values of a callsite are told apart.
    pub(crate) most: usize,
}

impl Default for NamedFields {
    fn default() -> Self {
        Self { fields: Vec::new(), picking: Vec::new(), most: 64 }
    }
}

/// The fields of a callsite that may be part of its frames' names.
#[derive(Debug)]
pub(crate) struct OfCallsite {
    /// Those that are named, in the order in which they are, and behind them those by which
    /// spans are picked.
    pub(crate) fields: Vec<&'static str>,
    /// How many are named.
    pub(crate) named: usize,
}

impl NamedFields {
    /// Whether no field is named, nor any span picked by one.
    #[inline]
    pub(crate) fn are_empty(&self) -> bool {
        self.fields.is_empty() && self.picking.is_empty()
    }

    /// Whether a callsite has a field that is named, or by which its spans are picked.
    pub(crate) fn has(&self, metadata: &Metadata<'_>) -> bool {
        self.fields.iter().any(|named| named.of(metadata).next().is_some())
            || self.picking.iter().any(|selector| selector.matches(metadata))
    }

    /// The fields of a callsite; `None` where there is no memory.
    pub(crate) fn of(&self, callsite: Callsite) -> Option<OfCallsite> {
        let mut fields: Vec<&'static str> = Vec::new();
        for field in self.fields.iter().flat_map(|named| named.of(callsite)) {
            if !fields.contains(&field) {
                fields.try_push(field)?;
            }
        }
        let named = fields.len();
        let picking = self.picking.iter().filter(|selector| selector.matches(callsite));
        for field in picking.flat_map(SpanSelector::values) {
            let field = callsite.fields().field(field).map(|field| field.name());
            if let Some(field) = field.filter(|field| !fields.contains(field)) {
                fields.try_push(field)?;
            }
        }
        Some(OfCallsite { fields, named })
    }

    /// What stands in the fields of a span that is being created and is part of its frame's
    /// name; as for [`read`](Self::read).
    pub(crate) fn of_span(&self, attributes: &Attributes<'_>) -> Option<Texts> {
        let is_picked = |field: &str| {
            let mut by = self.picking.iter().filter(|by| by.values().any(|by| by == field));
            by.any(|selector| selector.matches_span(attributes))
        };
        self.read_those(attributes.metadata(), is_picked, |visitor| attributes.record(visitor))
    }

    /// What stands in the named fields of a callsite, of those that `record` shows, in
    /// their order; `None` where there is no memory. Runs the program's own code, so no
    /// lock may be held. What is recorded later picks no span.
    pub(crate) fn read(
        &self,
        callsite: Callsite,
        record: impl FnOnce(&mut dyn Visit),
    ) -> Option<Texts> {
        self.read_those(callsite, |_| false, record)
    }

    fn read_those(
        &self,
        callsite: Callsite,
        is_picked: impl Fn(&str) -> bool,
        record: impl FnOnce(&mut dyn Visit),
    ) -> Option<Texts> {
        let OfCallsite { fields, named } = self.of(callsite)?;
        let mut reader = Reader::try_new(&fields)?;
        if !fields.is_empty() {
            record(&mut reader);
        }
        let mut texts = reader.values();
        let others = fields.iter().zip(&mut texts).skip(named);
        others.filter(|(field, _)| !is_picked(field)).for_each(|(_, text)| *text = None);
        Some(texts)
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
        let detached = named(&self.detached);
        let operation = kept || detached;
        Role { idle: named(&self.idle), operation, detached, kept, ..Role::default() }
    }
}
