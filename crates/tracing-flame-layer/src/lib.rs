//! A [`tracing`] layer that records how long spans take and draws where the
//! wall-clock time went.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod clock;
mod handle;
mod layer;
pub mod profile;
pub mod render;
mod selector;

pub use clock::Clock;
pub use handle::Flame;
pub use layer::{Builder, FlameLayer};
pub use profile::Profile;
pub use selector::{ParseSelectorError, SpanSelector};
