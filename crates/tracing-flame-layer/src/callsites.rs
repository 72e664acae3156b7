//! Callsites for tests that call the recorder without a subscriber.

use tracing::{
    Level, Metadata,
    callsite::{Callsite, Identifier},
    field::{Field, FieldSet, Value},
    metadata::Kind,
    span::Attributes,
    subscriber::Interest,
};

/// A callsite whose spans no subscriber is asked about.
struct Site;

impl Callsite for Site {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        root()
    }
}

macro_rules! callsites {
    ($($name:ident($($field:literal)?))*) => {$(
        pub(crate) fn $name() -> &'static Metadata<'static> {
            static METADATA: Metadata<'static> = Metadata::new(
                stringify!($name),
                module_path!(),
                Level::INFO,
                None,
                None,
                None,
                FieldSet::new(&[$($field)?], Identifier(&Site)),
                Kind::SPAN,
            );
            &METADATA
        }
    )*};
}

callsites! { root() mine() theirs() inner() }
#[cfg(loom)]
callsites! { named("x") }

/// Calls `create` with the attributes of a new span of a callsite.
pub(crate) fn new_span(metadata: &'static Metadata<'static>, create: impl FnOnce(&Attributes<'_>)) {
    let none: [(&Field, Option<&dyn Value>); 0] = [];
    create(&Attributes::new(metadata, &metadata.fields().value_set(&none)));
}
