//! A file for speedscope, <https://www.speedscope.app>.
//!
//! ```text
//! { "$schema": .., "exporter": .., "name": .., "activeProfileIndex": 0,
//!   "shared": { "frames": [ one symbol a line ] },
//!   "profiles": [ the picture, then each thread name by thread time ] }
//! ```
//!
//! A profile is a list of stacks, bottom first, each with its self time. They
//! come in drawing order, so that the view that speedscope calls "Time Order"
//! is the picture. Its numbers are doubles: whole nanoseconds, and all their
//! sums, are exact up to 2⁵³ of them, which is 104 days.
//!
//! The schema is
//! <https://github.com/jlfwong/speedscope/blob/main/src/lib/file-format-spec.ts>.

use std::{
    io::{self, Write},
    iter,
};

use super::{
    Options, Weight,
    frames::{Frames, Placed},
    json::{
        escape,
        line::{Line, array},
    },
    summary,
    symbols::{Symbol, Symbols},
};
use crate::Profile;

const SCHEMA: &str = "https://www.speedscope.app/file-format-schema.json";
const EXPORTER: &str = concat!(env!("CARGO_PKG_NAME"), "@", env!("CARGO_PKG_VERSION"));

pub(super) fn write(
    profile: &Profile,
    options: &Options,
    mut writer: impl Write,
) -> io::Result<()> {
    let picture = Frames::lay_out(profile, options);
    let by_thread = Frames::lay_out(profile, &Options { threads: true, ..options.clone() });
    let mut symbols = Symbols::default();
    let [of_picture, of_threads] = [&picture, &by_thread].map(|frames| symbols.add(frames));
    let writer = &mut writer;
    writeln!(writer, "{{")?;
    entry(writer, "$schema", SCHEMA)?;
    entry(writer, "exporter", EXPORTER)?;
    entry(writer, "name", &summary::title(options))?;
    write!(writer, "  \"activeProfileIndex\": 0,\n  \"shared\": {{\"frames\": ")?;
    array(writer, "  ", symbols.all(), |writer, symbol| write_symbol(writer, symbol))?;
    write!(writer, "}},\n  \"profiles\": ")?;
    let whole = Stacks {
        name: name(&picture, options),
        frames: picture.all(),
        symbols: &of_picture,
        bottom: 0,
    };
    let profiles: Vec<Stacks<'_>> =
        iter::once(whole).chain(towers(&by_thread, &of_threads)).collect();
    array(writer, "  ", &profiles, |writer, stacks| stacks.write(writer))?;
    writeln!(writer, "\n}}")?;
    writer.flush()
}

fn entry(writer: &mut impl Write, key: &str, text: &str) -> io::Result<()> {
    write!(writer, "  \"{key}\": ")?;
    escape::string(writer, text)?;
    writeln!(writer, ",")
}

fn write_symbol(writer: &mut impl Write, symbol: &Symbol<'_>) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    line.string("name", symbol.label)?;
    if let Some(place) = symbol.place() {
        line.string("file", place.file)?;
        if let Some(number) = place.line {
            line.number("line", number)?;
        }
    }
    line.end()
}

/// Frames that stand together and become a profile of the file.
struct Stacks<'f> {
    name: String,
    frames: &'f [Placed],
    /// Of each frame its symbol's place.
    symbols: &'f [u32],
    /// How many frames at the bottom of each stack only say which stacks these are.
    bottom: usize,
}

/// The towers of a picture by thread, those that have time.
fn towers<'f>(frames: &'f Frames<'_>, symbols: &'f [u32]) -> impl Iterator<Item = Stacks<'f>> {
    let towers = || frames.all().chunk_by(|_, above| above.depth > 0);
    let starts = towers().scan(0, |start, tower| {
        *start += tower.len();
        Some(*start - tower.len())
    });
    towers().zip(starts).filter(|(tower, _)| tower[0].total_nanos > 0).map(move |(tower, start)| {
        Stacks {
            name: format!("{}, thread time", frames.label(&tower[0])),
            frames: tower,
            symbols: &symbols[start..start + tower.len()],
            bottom: 1,
        }
    })
}

impl Stacks<'_> {
    fn write(&self, writer: &mut impl Write) -> io::Result<()> {
        let weights =
            || self.frames.iter().map(|frame| frame.self_nanos).filter(|&nanos| nanos > 0);
        let mut line = Line::begin(writer)?;
        line.string("type", "sampled")?;
        line.string("name", &self.name)?;
        line.string("unit", "nanoseconds")?;
        line.number("startValue", 0)?;
        line.number("endValue", weights().sum::<u64>())?;
        line.key("samples")?;
        self.write_stacks(line.writer())?;
        line.key("weights")?;
        let writer = line.writer();
        writer.write_all(b"[")?;
        for (i, nanos) in weights().enumerate() {
            write!(writer, "{}{nanos}", if i == 0 { "" } else { ", " })?;
        }
        writer.write_all(b"]")?;
        line.end()
    }

    /// The stack of each frame that has time of its own, one a line.
    fn write_stacks(&self, writer: &mut impl Write) -> io::Result<()> {
        let mut stack: Vec<u32> = Vec::new();
        let mut separator = "";
        writer.write_all(b"[")?;
        for (frame, &symbol) in self.frames.iter().zip(self.symbols) {
            stack.truncate(frame.depth as usize);
            stack.push(symbol);
            if frame.self_nanos > 0 {
                write!(writer, "{separator}\n      {:?}", &stack[self.bottom..])?;
                separator = ",";
            }
        }
        writer.write_all(if separator.is_empty() { b"]" } else { b"\n    ]" })
    }
}

/// What the picture is called among the profiles.
fn name(picture: &Frames<'_>, options: &Options) -> String {
    if picture.is_bare() {
        return "the weights that were given".to_owned();
    }
    let what = match options.effective_weight() {
        Weight::Wall if options.hide_await => "wall-clock time at work",
        Weight::Wall => "wall-clock time",
        Weight::Busy => "thread time",
    };
    let of = if options.threads { "by thread name" } else { "all threads" };
    format!("{of}, {what}")
}
