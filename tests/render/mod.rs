//! From a profile built by hand to bytes, and back.

mod golden;
pub(crate) mod sample;
