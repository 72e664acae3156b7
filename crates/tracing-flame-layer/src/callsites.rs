//! Callsites for tests that do without a subscriber.

use std::sync::OnceLock;

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

/// A thousand callsites, as they lie side by side in a program.
pub(crate) fn thousand() -> &'static [Metadata<'static>] {
    static THOUSAND: OnceLock<Vec<Metadata<'static>>> = OnceLock::new();
    let metadata = || {
        let fields = FieldSet::new(&[], Identifier(&Site));
        Metadata::new("many", module_path!(), Level::INFO, None, None, None, fields, Kind::SPAN)
    };
    THOUSAND.get_or_init(|| (0..1_000).map(|_| metadata()).collect())
}
