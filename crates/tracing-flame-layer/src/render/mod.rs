//! Writing a profile: one file a format, each over an injected writer.
//!
//! # Frames
//!
//! A box of the picture is a frame. Nodes of a [`Profile`] that have one label
//! under one parent are one frame; time in which a frame's spans were open but
//! entered nowhere is a child of it, `[await]`, and so is time in which threads were in
//! them and not on a CPU, where that is known: `[runnable]`, `[blocked]`, `[fault]`, `[disk]`,
//! `[lock]`, `[net]`, `[timer]`, `[off-cpu]`, `[unknown]`. A frame's own time is that on a CPU then. The order of frames is
//! that of their labels, so that two runs can be compared.
//!
//! An `[await]` below one in a thousand of the frame it is of is no wait but tracing's
//! own work, between a span's last exit and its close: pictures and tables leave it out,
//! and tables say how much that is in all. What is written for other programs has it.
//! Pictures leave out what a thread waited too where that is below one in a thousand of
//! the picture: it is part of the frame's own width there, and in its tooltip.
//!
//! # Labels
//!
//! A span may have any name, but not every character can stand in folded text
//! or XML, and some names mean something to their readers. What is in the way
//! is written `\u{hex}`, as in a Rust string literal, and nothing else is
//! changed, so that different names stay different:
//!
//! - `;`, control characters, blanks other than the space, characters that
//!   swap the direction of text or that XML forbids, wherever they stand;
//! - a space at an end, or before a trailing number (`tx 42`);
//! - the first character of `#`, of names that begin with `# `, of `-` and
//!   `--`, and of the labels that are ours: those of what was waited, `[truncated]`,
//!   `[merged]` and `[unnamed]`, which stands for the empty name;
//! - the underscore of a trailing `_[k]`, `_[w]`, `_[i]` or `_[j]`;
//! - a backslash before `u{`.

use std::io::{self, Write};

mod anomalies;
#[cfg(feature = "svg")]
#[doc(hidden)]
pub mod boxes;
mod escaped;
mod explain;
mod folded;
mod format;
mod frames;
#[cfg(feature = "html")]
mod html;
mod human;
mod json;
pub(crate) mod label;
mod markdown;
mod merge;
mod metrics;
mod open;
mod operation;
mod options;
mod order;
#[cfg(feature = "pprof")]
mod pprof;
mod speedscope;
mod state;
mod summary;
#[cfg(feature = "svg")]
mod svg;
mod symbols;
mod table;
mod trace;
mod view;
mod wire;

pub use explain::Explanation;
pub use format::{Format, UnknownFormat};
#[cfg(feature = "html")]
pub use html::Report;
// For `reth-cli-ext` and the `flame` binary, which ask for this version of the layer and no
// other; no part of the interface.
#[cfg(feature = "html")]
#[doc(hidden)]
pub use html::{Finding, Told, Viewer};
#[doc(hidden)]
pub use label::shortened;
pub use metrics::Metrics;
#[doc(hidden)]
pub use operation::{INDEX_MARK, Index, IndexEntry};
pub use options::{Names, Options, Weight};
pub use trace::TraceFormat;

use crate::Profile;
use frames::Frames;
use view::View;

impl Profile {
    /// Writes folded stacks: `frame;frame;frame nanoseconds`, one line a stack
    /// that has time of its own. Nothing at all where none has.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write_folded(&self, writer: impl Write, options: &Options) -> io::Result<()> {
        let view = View::of(self, options);
        folded::write(&Frames::lay_out(&view.profile, &view.options), writer)
    }

    /// Writes a flamegraph as SVG, to open in a browser: a click zooms, `Search`
    /// finds frames by what is written in them.
    ///
    /// Frames that have no time are not drawn. Of a profile with more than
    /// 20,000 that have, the widest are, and the picture says how many are not.
    /// Where there is nothing to draw the picture says why. It is drawn in
    /// memory, at most about 10 MB for each copy of it, before the first byte is
    /// written.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    #[cfg(feature = "svg")]
    pub fn write_svg(&self, writer: impl Write, options: &Options) -> io::Result<()> {
        let view = View::of(self, options);
        svg::write(&Frames::lay_out(&view.profile, &view.options), &view.options, writer)
    }

    /// Writes a report: one HTML file to open in a browser, from a disk too, which asks
    /// no network for anything. It has everything that the profile knows, and a viewer
    /// of it: the flamegraph, a table of all names, each name's callers and callees, and
    /// what the [`Options`] say about the run.
    ///
    /// The options say how it is shown at first; whoever looks at it chooses anew.
    /// Nothing is kept in memory but the places of the callsites and the compressor's
    /// tables. Numbers are exact up to 2⁵³, as nanoseconds 104 days, which is as far as a
    /// browser counts exactly.
    ///
    /// Needs the cargo feature `html`, which is on by default.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    #[cfg(feature = "html")]
    pub fn write_html(&self, writer: impl Write, options: &Options) -> io::Result<()> {
        Report::new(self).write(writer, options)
    }

    /// Writes a text table of at most 100 columns, a row for each label, by self
    /// time.
    ///
    /// A row adds up all frames of its label. A recursive span counts once in
    /// `total`, each time in `entered`, which is the sum over all intervals from
    /// enter to exit. Pending time has rows of its own, `request;[await]`.
    ///
    /// Below that it says how long calls took, from a span's first enter until it
    /// closed, or until now. `polls` are enters beyond the first. Half of the
    /// calls took no longer than `p50`, which is less than 12.5 % too long, as
    /// `p90` and `p99` are; `mean` and `max` are exact, but for a `max` with `<=`
    /// before it. Calls are not known by thread.
    ///
    /// Where the user named spans operations, it says for each of them what was
    /// done in one on average; of more than eight, those with the most time.
    ///
    /// A dash is a number that a row cannot have. Names too long for their column
    /// go on below, very long ones without their middle.
    ///
    /// By wall-clock time the last line names threads that seem to wait, if any: see
    /// [`LiveThread::seems_to_wait`].
    ///
    /// [`LiveThread::seems_to_wait`]: crate::profile::LiveThread::seems_to_wait
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write_table(&self, writer: impl Write, options: &Options) -> io::Result<()> {
        let view = View::of(self, options);
        table::write(&Frames::lay_out(&view.profile, &view.options), &view.options, writer)
    }

    /// Writes everything that the profile knows as JSON, by a documented schema
    /// with a version ([`docs/json.md`](https://docs.rs/crate/tracing-flame-layer/latest/source/docs/json.md)). No [`Options`] change it: whoever reads
    /// it back chooses anew.
    ///
    /// About 400 bytes a node; nothing is kept in memory but the places of the
    /// callsites.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write_json(&self, writer: impl Write) -> io::Result<()> {
        json::write(self, writer)
    }

    /// Writes a file for <https://www.speedscope.app>: the picture, and below it
    /// a profile for each thread name, by [`Weight::Busy`].
    ///
    /// Times are whole nanoseconds; readers, whose numbers are doubles, add them up
    /// exactly up to 104 days. A stack takes about four bytes a frame.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write_speedscope(&self, writer: impl Write, options: &Options) -> io::Result<()> {
        let view = View::of(self, options);
        speedscope::write(&view.profile, &view.options, writer)
    }

    /// Writes a profile for `go tool pprof`, compressed by gzip. A stack has two
    /// amounts: `calls` (not known by thread), and `wall` or `busy`, nanoseconds of
    /// its own, whichever [`Options`] ask for.
    ///
    /// There are at most 16,000 stacks of at most 1,000 frames in at most 4 MiB
    /// before compression, which is what servers take. Of a larger profile the
    /// frames with the most time are kept; what stands on one of those and is not
    /// kept is a stack `[merged]` on it, so that all sums are as they were, and a
    /// comment tells how many those are. Sums end at 2⁶³.
    ///
    /// Needs the cargo feature `pprof`, which is on by default. The profile is
    /// encoded in memory before the first byte is written.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    #[cfg(feature = "pprof")]
    pub fn write_pprof(&self, writer: impl Write, options: &Options) -> io::Result<()> {
        let view = View::of(self, options);
        pprof::write(&Frames::lay_out(&view.profile, &view.options), &view.options, writer)
    }
}
