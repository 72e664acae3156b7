//! A [`tracing`] layer that records how long spans take and draws where the
//! wall-clock time went.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod clock;
mod filtered;
mod handle;
mod layer;
mod locks;
mod packed;
pub mod profile;
mod record;
pub mod render;
mod scale;
mod selector;
mod verdicts;

pub use clock::Clock;
pub use filtered::FilteredFlameLayer;
pub use handle::{Flame, Mark, MissingOperations};
pub use layer::{Builder, FlameLayer, SlowerThan};
pub use profile::Profile;
pub use selector::{ParseSelectorError, SpanFields, SpanSelector};
