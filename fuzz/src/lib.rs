//! What each fuzz target does with its bytes; it panics where something is wrong.
//!
//! ```text
//! .ci/fuzz 60            every target, for a minute each
//! .ci/fuzz 600 files     one of them, for ten minutes
//! ```

mod files;
mod flags;
mod requests;

pub use files::files;
pub use flags::flags;
pub use requests::requests;
