//! A [`tracing`] layer that records how long spans take and draws where the
//! wall-clock time went.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
#[cfg(all(test, not(loom)))]
mod callsites;
mod clock;
mod collector;
mod engine;
mod filtered;
mod fork;
mod guard;
mod handle;
mod hash;
mod kept;
mod layer;
mod locks;
mod log;
mod packed;
mod platform;
pub mod profile;
mod recorder;
pub mod render;
mod role;
mod room;
mod scale;
mod selector;
mod tally;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod testing;
mod text;
mod verdicts;

pub use builder::{Builder, SlowerThan};
pub use clock::Clock;
pub use filtered::FilteredFlameLayer;
pub use guard::WriteOnDrop;
pub use handle::{Flame, ForeignMark, Mark, MissingOperations};
pub use layer::FlameLayer;
pub use profile::Profile;
pub use selector::{ParseSelectorError, SpanFields, SpanSelector};
