//! The tests' independent readers of what is written, and their judge.

#[path = "../../tests/render/expected.rs"]
mod expected;
#[path = "../../tests/render/read_folded.rs"]
mod read_folded;
#[path = "../../tests/render/read_pprof.rs"]
mod read_pprof;
#[path = "../../tests/render/read_speedscope.rs"]
mod read_speedscope;
#[path = "../../tests/render/read_svg.rs"]
pub(crate) mod read_svg;
#[path = "../../tests/render/round_trip.rs"]
pub(crate) mod round_trip;
#[path = "../../tests/render/sample.rs"]
pub(crate) mod sample;
