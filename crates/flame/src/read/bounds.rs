//! How much a file may hold. Far more than is ever recorded, and little enough
//! for any machine: reading needs at most about a gigabyte.

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
