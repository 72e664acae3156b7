//! Callsites for tests that do without a subscriber.

use tracing::{
    Level, Metadata,
    callsite::{Callsite, Identifier},
    field::FieldSet,
    metadata::Kind,
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
    ($($name:ident)*) => {$(
        pub(crate) fn $name() -> &'static Metadata<'static> {
            static METADATA: Metadata<'static> = Metadata::new(
                stringify!($name),
                module_path!(),
                Level::INFO,
                None,
                None,
                None,
                FieldSet::new(&[], Identifier(&Site)),
                Kind::SPAN,
            );
            &METADATA
        }
    )*};
}

callsites! { root inner }

/// So many callsites, as they lie side by side in a program.
pub(crate) fn many(count: usize) -> &'static [Metadata<'static>] {
    let metadata = || {
        let fields = FieldSet::new(&[], Identifier(&Site));
        Metadata::new("many", module_path!(), Level::INFO, None, None, None, fields, Kind::SPAN)
    };
    Vec::leak((0..count).map(|_| metadata()).collect())
}
