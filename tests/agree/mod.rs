//! One run, written in every format and read by the programs that it is for:
//! they tell the same times of the same names, to the nanosecond.
//!
//! Where one of the programs is missing its test says so; see
//! [`tools`](crate::tools).

#[cfg(unix)]
mod app;
mod by_name;
mod formats;
mod pprof;
mod run;

use tracing_flame_layer::{
    Profile,
    render::{Format, Options},
};

fn written(profile: &Profile, format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    profile.write(format, &mut bytes, &Options::default()).expect("memory takes everything");
    bytes
}

/// What everybody has to tell of a run: what its folded stacks come to.
fn expected(profile: &Profile) -> by_name::Times {
    let folded = String::from_utf8(written(profile, Format::Folded)).expect("text");
    by_name::of_stacks(flame_oracle::formats::read_folded::labelled(&folded))
}
