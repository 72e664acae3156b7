//! One operation in the order of time, for viewers of timelines.
//!
//! ```text
//! Chart          tracks             slices                      written as
//! visits      -> a thread           a visit each, nested     -> Perfetto's protocol buffers
//! absences    -> a thread's states  an absence each             Chrome's JSON
//! waits       -> [await]            a wait each
//! ```
//!
//! Both formats write the same [tracks](tracks::Track) and [flows](flows::Flow), to the
//! nanosecond, from the operation's first enter on.

mod chrome;
mod flows;
mod perfetto;
mod tracks;

use std::{
    fmt,
    io::{self, Write},
    path::Path,
};

use crate::profile::Operation;
use flows::Flow;
use tracks::Track;

/// A format that an [`Operation`]'s course in time can be written in, for viewers of timelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TraceFormat {
    /// For <https://ui.perfetto.dev>: `.perfetto-trace`.
    Perfetto,
    /// Chrome's JSON, which the Firefox Profiler and others read, too: `.trace.json`.
    Chrome,
}

impl TraceFormat {
    /// Every one of them.
    pub const ALL: &'static [Self] = &[Self::Perfetto, Self::Chrome];

    /// The end of a file name that asks for this format, with its dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Perfetto => ".perfetto-trace",
            Self::Chrome => ".trace.json",
        }
    }

    /// The format that a path's extension asks for, in capitals or not, if it is one of these.
    #[must_use]
    pub fn from_path(path: impl AsRef<Path>) -> Option<Self> {
        let name = path.as_ref().file_name()?.to_string_lossy().to_ascii_lowercase();
        Self::ALL.iter().copied().find(|format| name.ends_with(format.extension()))
    }
}

/// The extension, with its dot.
impl fmt::Display for TraceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

impl Operation {
    /// Writes the operation's course in time for a viewer of timelines.
    ///
    /// Each thread is a track with a slice for each visit of a span; where it is known what
    /// threads did, another track has a slice for each stretch at whose end the thread was found
    /// to have been off its CPU, with how long it was in which state; what was awaited stands on
    /// tracks `[await]`. Flows lead from thread to thread: from a span's visit to its next one on
    /// another, and from a visit to the first one of a span below it, where that visit alone of
    /// that stack was under way. Times are in nanoseconds since the first enter. What the
    /// [chart](Operation::chart) leaves out is missing here, too, and is counted in the name of
    /// the process.
    ///
    /// Some 150 bytes a slice in either format; made in memory before the first byte is written.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write_trace(&self, format: TraceFormat, mut writer: impl Write) -> io::Result<()> {
        let timeline = Timeline::of(self);
        let bytes = match format {
            TraceFormat::Perfetto => perfetto::write(&timeline),
            TraceFormat::Chrome => chrome::write(&timeline)?,
        };
        writer.write_all(&bytes)?;
        writer.flush()
    }
}

/// What both formats write.
struct Timeline<'o> {
    name: String,
    tracks: Vec<Track<'o>>,
    flows: Vec<Flow>,
}

impl<'o> Timeline<'o> {
    fn of(operation: &'o Operation) -> Self {
        let tracks = tracks::of(operation);
        let flows = flows::of(operation, &tracks);
        Self { name: name(operation), tracks, flows }
    }
}

/// The operation, and how much of it is missing.
fn name(operation: &Operation) -> String {
    let chart = operation.chart();
    let omitted = [
        ("visits", chart.omitted_visits),
        ("waits and works", chart.omitted_strands),
        ("absences", chart.omitted_absences),
    ];
    let omitted = omitted.into_iter().filter(|(_, omitted)| omitted.count > 0);
    let told = omitted.map(|(what, omitted)| format!("{} shorter {what}", omitted.count));
    let told: Vec<String> = told.collect();
    let headline = operation.headline();
    if told.is_empty() { headline } else { format!("{headline} (without {})", told.join(", ")) }
}
