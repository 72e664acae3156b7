//! A profile for `go tool pprof`, and for those who collect such profiles:
//! Grafana Pyroscope, Parca and others.
//!
//! The format is <https://github.com/google/pprof/blob/main/proto/profile.proto>,
//! compressed by gzip. What these readers want beyond it:
//!
//! - ids are 1, 2, 3 and so on, in order (Parca);
//! - there is one mapping, which says that functions are known, and a function's
//!   `system_name` is empty: `pprof` would look for symbols otherwise, or take a
//!   label for a mangled name and shorten it;
//! - there is a `period_type` (Pyroscope);
//! - there are [bounds](pick).
//!
//! A stack has two amounts of its own, `calls` and `wall` or `busy`. Frames of
//! one label are one function, so that `pprof -top` adds up what other formats
//! add up by name.
//!
//! # Why no library writes it
//!
//! Seven small messages of numbers and texts take [a page](super::wire). What would
//! generate that page, or derive it, would be the crate's largest dependency.
//! The compression is flate2's, Rust throughout.

mod amounts;
mod message;
mod pick;

use std::io::{self, Write};

use flate2::{Compression, write::GzEncoder};

use super::{
    Options, Weight, anomalies,
    frames::Frames,
    human::{Count, Plural},
    summary,
    symbols::Symbols,
};
use message::Encoder;
use pick::{Bounds, Named, Picked};

pub(super) fn write(
    frames: &Frames<'_>,
    options: &Options,
    mut writer: impl Write,
) -> io::Result<()> {
    let mut symbols = Symbols::default();
    let symbol_of = symbols.add(frames);
    let named = Named { frames, symbols: symbols.all(), symbol_of: &symbol_of };
    let mut comments = comments(frames, options);
    let picked = Picked::within(Bounds::USUAL.less(&comments), named);
    comments.extend(merged(&picked));

    let window = frames.profile().window();
    let length = i64::try_from(window.length.as_nanos()).unwrap_or(i64::MAX);
    let mut encoder = Encoder::new();
    encoder.types("calls", weight(frames, options));
    encoder.window(window.start_unix_nanos(), length);
    encoder.comments(&comments);
    encoder.stacks(named, &picked);

    let mut compressed = GzEncoder::new(&mut writer, Compression::default());
    compressed.write_all(encoder.finish().bytes())?;
    compressed.finish()?;
    writer.flush()
}

/// What the amount of time is called.
fn weight(frames: &Frames<'_>, options: &Options) -> &'static str {
    match options.effective_weight() {
        _ if frames.is_bare() => "weight",
        Weight::Wall => "wall",
        Weight::Busy => "busy",
    }
}

/// What `pprof -comments` prints.
fn comments(frames: &Frames<'_>, options: &Options) -> Vec<String> {
    let head = [
        summary::title(options),
        summary::meaning(frames, options).to_owned(),
        summary::signed_facts(frames),
    ];
    let empty = summary::emptiness(frames, options).map(str::to_owned);
    let states = summary::states(frames);
    let anomalies = anomalies::lines(&frames.profile().anomalies());
    head.into_iter().chain(empty).chain(states).chain(anomalies).collect()
}

/// That there was no room for everything, where there was not.
fn merged(picked: &Picked<'_>) -> Option<String> {
    let Bounds { stacks, bytes, depth } = Bounds::USUAL;
    (picked.merged > 0).then(|| {
        format!(
            "{} merged into [merged], those with the least time: a profile has at most {} \
             stacks of {} frames, and {} MiB",
            Plural(picked.merged as u64, "stack"),
            Count(stacks as u64),
            Count(depth as u64),
            bytes >> 20,
        )
    })
}
