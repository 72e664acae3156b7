//! What each fuzz target does with its bytes; it panics where something is wrong.
//!
//! Programs of spans are chosen by the bytes, one instruction after another, so that what
//! coverage has found is kept while a part of it changes. The tests' own modules judge
//! them.
//!
//! ```text
//! .ci/fuzz 60            every target, for a minute each
//! .ci/fuzz 600 files     one of them, for ten minutes
//! ```

mod choice;
mod files;
mod flags;
#[path = "../../tests/oracle/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros)]
mod oracle;
mod requests;
#[allow(dead_code, unused_imports)]
mod semantics;
mod spans;

pub use files::files;
pub use flags::flags;
pub use requests::requests;
pub use spans::spans;
