//! What each fuzz target does with its bytes; it panics where something is wrong.
//!
//! Programs of spans and profiles are chosen by the bytes, one part after another, so that
//! what coverage has found is kept while a part of it changes. The tests' oracle
//! judges them.
//!
//! ```text
//! .ci/fuzz 60            every target, for a minute each
//! .ci/fuzz 600 files     one of them, for ten minutes
//! ```

mod choice;
mod files;
mod flags;
mod names;
mod requests;
mod spans;

pub use files::files;
pub use flags::flags;
pub use names::names;
pub use requests::requests;
pub use spans::spans;
