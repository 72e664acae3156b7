//! Where did the wall-clock time go? A [`tracing`] layer that turns spans into wall-clock
//! flamegraphs: [`FlameLayer`] records, [`Flame`] reads, a [`Profile`] is written in a
//! [format](render::Format).
//!
//! # What a width means
//!
//! A stack sampler shows where a CPU is busy, or where threads sleep. Which request they do it
//! for, and a future that waits while no thread does, is in no stack, but it is in spans. A span without a parent is the root of an *operation*;
//! each instant from its first enter until all of it has closed is worth exactly one instant,
//! and goes to whoever works, however many threads that are:
//!
//! ```text
//! ms        0         10        20        30        40        50
//! request   |=========|         |                   |=========|     at work
//!   parse             |=========|                                   at work
//!   query                       |. . . . . . . . . .|               pending
//!
//! width     request 50 = 20 its own + parse 10 + query;[await] 20
//! ```
//!
//! So a frame is no wider than its parent, widths add up, and eight workers that one parent
//! waits for are one second wide a second. Where the system tells, a frame's own time is told
//! by what threads did in it: on a CPU, `[runnable]`, `[blocked]`, and for what. The whole
//! definition is [`docs/semantics.md`][semantics], which a program restates and random
//! programs are compared with.
//!
//! # To begin with
//!
//! ```no_run
//! use tracing_flame_layer::FlameLayer;
//! use tracing_subscriber::{filter::LevelFilter, prelude::*, registry};
//!
//! fn main() -> std::io::Result<()> {
//!     let (layer, flame) = FlameLayer::new();
//!     registry().with(layer.with_filter(LevelFilter::DEBUG)).init();
//!     let _flame = flame.write_on_drop("flamegraph.html")?;
//!     // ... the program ...
//!     Ok(())
//! }
//! ```
//!
//! writes a report for a browser as `main` ends ([`Flame::write_on_drop`]). A program that
//! looks for itself takes a [snapshot](Flame::snapshot) whenever it likes, or
//! [marks](Flame::mark) and the windows between them; spans that are open then are counted up
//! to then.
//!
//! ```
//! use tracing::{info_span, subscriber::with_default};
//! use tracing_flame_layer::{FlameLayer, render::Options};
//! use tracing_subscriber::{layer::SubscriberExt, registry};
//!
//! let (layer, flame) = FlameLayer::builder().operations(["block"]).slowest(3).build();
//! with_default(registry().with(layer), || {
//!     info_span!("block", number = 7).in_scope(|| info_span!("execute").in_scope(|| ()));
//! });
//! let mut folded = Vec::new();
//! flame.snapshot().write_folded(&mut folded, &Options::default())?;
//! assert!(String::from_utf8_lossy(&folded).contains("block;execute "));
//! assert_eq!(flame.slowest()[0].fields(), [("number".to_owned(), "7".to_owned())]);
//! # Ok::<_, std::io::Error>(())
//! ```
//!
//! [`Builder`] has what is said of spans before: which are operations, which mostly wait,
//! whose fields are told apart. A program with a command line takes all of that from the
//! `--flame` flags of [`reth-cli-ext`], which any clap program can have.
//!
//! # Features
//!
//! | feature | by default | |
//! |---|---|---|
//! | `html` | on | [`Profile::write_html`]: a report, one file with a viewer in it |
//! | `pprof` | on | [`Profile::write_pprof`], for `go tool pprof` and collectors |
//! | `svg` | on | [`Profile::write_svg`], by inferno, which is licensed CDDL-1.0 |
//!
//! Folded stacks, a text table, speedscope's format and JSON need none.
//!
//! # What it costs
//!
//! A span on one thread takes that some 20 ns, about as much as two reads of the clock, and
//! some 40 ns of CPU time in all, as a thread `flame-collector` interprets what the others log.
//! Two threads that do nothing but make spans take 70 to 140 ns a span on the clock, and a
//! thread that is spawned for a single one some 55 µs, most of it for its states. Memory does
//! not grow with time: 2 MiB for the logs, 4 KiB for each thread, some 250 bytes for each
//! distinct stack. How that was measured, and what is worse than in other tools, is in
//! [`docs/overhead.md`][overhead].
//!
//! # Limits
//!
//! - Time outside any span is in no picture, nor is a future that has not been polled.
//! - Spans that come faster than one thread interprets them, some millions a second, hold their
//!   threads up, for a second at most; then they are lost and [counted](profile::Anomalies).
//! - A program that ends by `std::process::exit` or a signal drops nothing, so nothing is
//!   written then; the flags of [`reth-cli-ext`] see to signals.
//! - What threads did is known on Linux, on x86-64 with the GNU C library 2.35 or later; CPU time
//!   of threads on Linux; all else everywhere, WebAssembly included.
//! - Stacks are at most 1,000 frames deep and 1,000,000 in all; what is beyond is one frame,
//!   `[truncated]`, and counted.
//!
//! What is promised, and how each promise is tested: [`docs/reliability.md`][reliability].
//!
//! [`tracing`]: https://docs.rs/tracing
//! [`reth-cli-ext`]: https://docs.rs/reth-cli-ext
//! [semantics]: https://docs.rs/crate/tracing-flame-layer/latest/source/docs/semantics.md
//! [overhead]: https://docs.rs/crate/tracing-flame-layer/latest/source/docs/overhead.md
//! [reliability]: https://docs.rs/crate/tracing-flame-layer/latest/source/docs/reliability.md

#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
#[cfg(all(test, not(loom)))]
mod callsites;
mod clock;
mod collector;
mod engine;
mod filtered;
mod fork;
mod guard;
mod handle;
mod hash;
mod kept;
mod layer;
mod locks;
mod log;
mod packed;
mod platform;
pub mod profile;
mod recorder;
pub mod render;
mod role;
mod room;
mod scale;
mod selector;
mod tally;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod testing;
mod text;
mod verdicts;

/// What `README.md` shows.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
pub struct Readme;

pub use builder::{Builder, SlowerThan};
pub use clock::Clock;
pub use filtered::FilteredFlameLayer;
pub use guard::WriteOnDrop;
pub use handle::{Flame, ForeignMark, Mark, MissingOperations};
pub use layer::FlameLayer;
pub use profile::Profile;
pub use selector::{ParseSelectorError, SpanFields, SpanSelector};
