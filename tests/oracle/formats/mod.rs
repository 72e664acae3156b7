//! Profiles built by hand, what files of them have to tell, and readers of these files.

pub mod expected;
pub mod read_folded;
pub mod read_pprof;
pub mod read_speedscope;
pub mod read_svg;
pub mod round_trip;
pub mod sample;
