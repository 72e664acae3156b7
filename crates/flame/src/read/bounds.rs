//! How much a file may hold: more than is ever recorded, which is a million
//! stacks, a thousand deep.
//!
//! JSON needs at most about four times its size in memory, folded stacks about
//! 100 bytes a distinct stack and twice the distinct names, however long they go
//! on.

/// Bytes of a `.json` file.
pub(super) const MOST_BYTES: u64 = 512 << 20;
/// Bytes of one line of folded text, and of one stack's names in JSON.
pub(super) const MOST_LINE: usize = 1 << 20;
/// Frames above one another.
pub(super) const MOST_DEPTH: u32 = 4_096;
/// Distinct stacks.
pub(super) const MOST_NODES: usize = 1 << 21;
/// Bytes of one name.
pub(super) const MOST_NAME: usize = 1 << 14;
/// Bytes of all distinct names of folded text.
pub(super) const MOST_NAMES: usize = 256 << 20;
