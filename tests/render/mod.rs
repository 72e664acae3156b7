//! From a profile built by hand to bytes, and back.

mod extremes;
mod golden;
mod large;
mod moments;
mod paths;
mod quiet;
mod round_trip;
mod states;
mod values;
