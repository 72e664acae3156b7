//! From a profile built by hand to bytes, and back.

mod expected;
mod extremes;
mod golden;
mod large;
mod moments;
mod paths;
mod quiet;
pub(crate) mod read_folded;
pub(crate) mod read_pprof;
pub(crate) mod read_speedscope;
pub(crate) mod read_svg;
mod round_trip;
pub(crate) mod sample;
mod states;
mod values;
