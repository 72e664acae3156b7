//! What was typed, and nothing about what it means.

use std::path::PathBuf;

use clap::{
    ValueEnum,
    builder::{PathBufValueParser, TypedValueParser, ValueParser},
};
use tracing::Level;
use tracing_flame_layer::{
    ParseSelectorError, SpanFields, SpanSelector, profile::ClassRange, render,
};

#[cfg(feature = "listen")]
use crate::listen::{Address, parse_name};
use crate::{
    directives::{Directives, HOSTS_OWN},
    error::Unusable,
    output::Output,
    remember::{Remember, Remembering},
    slow::{Least, Slowest},
    window::Length,
};

/// Given to each flag by itself: a heading for all would reach the host's flags.
const HEADING: &str = "Flamegraph";

// The flags in the order of `--help`. Each is `None`, empty or `false` where it
// was not typed. No doc comment: clap would make it the host's own description.
#[derive(clap::Args, Clone, Debug, Default)]
#[group(id = "FlameArgs")]
pub(crate) struct Typed {
    /// Record how long spans take and draw a wall-clock flamegraph
    #[arg(long, global = true, help_heading = HEADING)]
    pub(crate) flame: bool,

    // Its number is described, not spelled out: clap has a new line for that.
    /// Where to write the flamegraph; repeat it for several files
    ///
    /// The extension picks the format: `.svg` a picture for a browser, `.html` a
    /// report with tables and a search, `.folded` stacks for other tools, `.txt` a
    /// table, `.json` all that is known, `.speedscope.json` for speedscope.app,
    /// `.pb.gz` for `go tool pprof`. Where a path has none, the format stands in front: `folded:-`, where `-` is standard
    /// output, or `folded:/dev/fd/63`. A file is replaced as a whole or not at all;
    /// one that cannot be replaced, a device and a pipe are written in place, once. In
    /// a file's name `{time}` stands for when
    /// the window began, `{pid}` for the process, and an `n` in such braces for a
    /// number that no such file has yet.
    #[arg(long, global = true, help_heading = HEADING, value_name = "PATH", value_parser = outputs())]
    pub(crate) flame_output: Vec<Remembering<Output>>,

    /// How long to take time: seconds, `90s` or `5m`; `0`: until shutdown
    ///
    /// The flamegraph is written at the end of that time or at shutdown,
    /// whichever comes first. With `--flame-every` or `--flame-slower-than`: until
    /// shutdown, unless typed.
    #[arg(long, global = true, help_heading = HEADING, value_name = "TIME")]
    pub(crate) flame_duration: Option<Length>,

    /// Begin to take time this long after the start
    ///
    /// Spans are followed from the start all the same, so that those that come
    /// later stand under their parents.
    #[arg(long, global = true, help_heading = HEADING, value_name = "TIME")]
    pub(crate) flame_delay: Option<Length>,

    /// Write the flamegraph so far this often; `0`: never
    ///
    /// It goes where the final one will, as a whole or not at all, so that a
    /// program that is killed loses no more than that.
    #[arg(long, global = true, help_heading = HEADING, value_name = "TIME")]
    pub(crate) flame_checkpoint: Option<Length>,

    /// Write a flamegraph for each such stretch of time, until shutdown
    ///
    /// At least a second; `0`: only one for all. An output with neither `{time}`
    /// nor such a number in its name gets `-{time}` before its extension. No instant
    /// is in two of them or in none.
    #[arg(long, global = true, help_heading = HEADING, value_name = "TIME")]
    pub(crate) flame_every: Option<Length>,

    /// How many flamegraphs of `--flame-every` are kept; `0`: all
    ///
    /// Older ones that this process wrote are deleted.
    #[arg(long, global = true, help_heading = HEADING, value_name = "N")]
    pub(crate) flame_keep: Option<usize>,

    /// Which spans to record, as `EnvFilter` directives
    ///
    /// Independent of the filters of the log. `default` stands for the default
    /// given below: `default,foo=trace` means that and more.
    #[arg(long, global = true, help_heading = HEADING, value_name = "DIRECTIVES")]
    pub(crate) flame_filter: Option<Directives>,

    /// What the width of a frame means
    #[arg(long, global = true, help_heading = HEADING, value_name = "WEIGHT", value_enum)]
    pub(crate) flame_weight: Option<Weight>,

    /// Leave the `[await]` frames out
    #[arg(long, global = true, help_heading = HEADING)]
    pub(crate) flame_hide_await: bool,

    /// Spans that mostly wait: they do not work, their children do
    ///
    /// Each is a span's name or `target::name`, with `{field=value}` behind it or
    /// not. A name with a comma or a brace in it stands in double quotes, which a shell
    /// is kept from by single ones: '"GET /users/{id}"'. `default` stands for the
    /// default given below, if any: `default,mine` means those and one more.
    #[arg(long, global = true, help_heading = HEADING, value_name = "SPAN,..", value_parser = spans())]
    pub(crate) flame_idle: Vec<Remembering<Vec<SpanSelector>>>,

    /// Spans to leave out; their children hang under the nearest kept span
    ///
    /// Each is written as for `--flame-idle`.
    #[arg(long, global = true, help_heading = HEADING, value_name = "SPAN,..", value_parser = spans())]
    pub(crate) flame_skip: Vec<Remembering<Vec<SpanSelector>>>,

    /// Spans that are an operation each, beside those without a parent
    ///
    /// Each is written as for `--flame-idle`.
    #[arg(long, global = true, help_heading = HEADING, value_name = "SPAN,..", value_parser = spans())]
    pub(crate) flame_operation: Vec<Remembering<Vec<SpanSelector>>>,

    /// Spans whose work is no part of what started them
    ///
    /// What goes on after an answer, say. They are operations too, but never have
    /// pictures of their own. What started them ends when only they go on; whether it
    /// waits then shows once it does something again, and counts from then on. Each is
    /// written as for `--flame-idle`.
    #[arg(long, global = true, help_heading = HEADING, value_name = "SPAN,..", value_parser = spans())]
    pub(crate) flame_detached: Vec<Remembering<Vec<SpanSelector>>>,

    /// Fields whose values become part of a frame's name, as in `stage{name=Merkle}`
    ///
    /// Each is a span's name or `target::name`, and fields: `stage{name}`,
    /// `job{kind,size}`. Of each span 64 distinct values are told apart. `default`
    /// before them stands for the default given below, if any: `default,job{kind}`.
    #[arg(long, global = true, help_heading = HEADING, value_name = "SPAN{FIELD},..", value_parser = fields())]
    pub(crate) flame_fields: Vec<Remembering<Fields>>,

    /// Measure how long spans wait from their creation to their first enter
    #[arg(long, global = true, help_heading = HEADING)]
    pub(crate) flame_queued: bool,

    /// Whether threads say what they did in spans: on a CPU, waiting for one, or blocked
    ///
    /// `auto`, the default, where that can be known exactly: Linux on x86-64 with glibc 2.35
    /// or later. `partial` knows something where that is not to be had (musl, or a program
    /// that has restartable sequences for itself): all of threads that make up to some 2,500
    /// spans a second, less of others, at some CPU time. The first line, the footer and the
    /// JSON say what is in force.
    #[arg(long, global = true, help_heading = HEADING, value_name = "HOW", value_enum)]
    pub(crate) flame_states: Option<States>,

    /// Count page faults and blocks read and written of what threads do in spans, on Linux
    ///
    /// Each frame has those of its own time, and each named operation those of its threads, on
    /// its page, in the JSON and by percentiles of its class of latency. Each enter and exit
    /// makes two system calls then, some half a microsecond. Without it switches and major
    /// faults are counted, where threads say what they do.
    #[arg(long, global = true, help_heading = HEADING)]
    pub(crate) flame_resources: bool,

    /// How many of the slowest operations get a picture of their own; `0`: none
    ///
    /// Of the spans that `--flame-operation` names. The pictures are written at each
    /// checkpoint and at the end, beside the output, in `spans.operations/` for
    /// `spans.svg`, with a page that lists them; those of an earlier run go.
    #[arg(long, global = true, help_heading = HEADING, value_name = "N")]
    pub(crate) flame_slowest: Option<Slowest>,

    /// Draw each operation that takes at least so long: `250ms`, `2s`, or `p99`
    ///
    /// As it happens, until shutdown unless a duration is typed, beside those of
    /// `--flame-slowest`; of many the latest 100 are kept. `p99` follows the latest few
    /// thousand operations: what takes longer than 99 of 100. `0` draws every one. A line says
    /// of each what was slow about it.
    #[arg(long, global = true, help_heading = HEADING, value_name = "TIME")]
    pub(crate) flame_slower_than: Option<Least>,

    /// Append a line of JSON for each such operation to a file: `slow.jsonl`
    ///
    /// When it began and how long it took, what was slow about it, for how long its spans were
    /// entered, what threads did, and what the system counted. All of them, also those of which
    /// no line of the log or picture is left. Refused without `--flame-slower-than`.
    #[arg(long, global = true, help_heading = HEADING, value_name = "PATH")]
    pub(crate) flame_slow_lines: Option<PathBuf>,

    /// Tell of each named operation that is open for so long, and where it is: `10s`
    ///
    /// A line, once for each: for how long, the innermost spans and the state of each thread that
    /// is in it, and what it awaits. For the program that hangs. Until shutdown, unless a
    /// duration is typed.
    #[arg(long, global = true, help_heading = HEADING, value_name = "TIME")]
    pub(crate) flame_stuck: Option<Length>,

    /// Show what is logged within those operations, down to this level: `info`
    ///
    /// Beside the picture, the first 200 lines of each. Independent of the filters
    /// of the log. Refused where `--flame-slowest 0` leaves no picture.
    #[arg(long, global = true, help_heading = HEADING, value_name = "LEVEL")]
    pub(crate) flame_events: Option<Level>,

    /// Draw only operations that took about so long: `p98..`, `64ms..`, `block:..8ms`
    ///
    /// From a time or a percentile on, up to one, or both; alone it means the class with it
    /// in. Of the spans that `--flame-operation` names, or the one before the colon. Operations
    /// are told apart by powers of two of a nanosecond: the nearest counts, and the headline
    /// says which. A report compares them with all others. `.json` has all classes whatever
    /// is typed, unless `--flame-slowest 0` is.
    #[arg(long, global = true, help_heading = HEADING, value_name = "RANGE")]
    pub(crate) flame_class: Option<ClassRange>,

    /// What is written into a frame
    #[arg(long, global = true, help_heading = HEADING, value_name = "NAMES", value_enum)]
    pub(crate) flame_names: Option<Names>,

    /// Draw one tower for each thread name, by busy time
    #[arg(long, global = true, help_heading = HEADING)]
    pub(crate) flame_threads: bool,

    /// Show the flamegraph live at this address, and profiles for tools
    ///
    /// A port alone is for this machine only; `0` picks one that is free. Whoever
    /// can reach the address can read the spans' names and times and stop the
    /// recording. Recording goes on until shutdown, whatever the duration.
    #[cfg(feature = "listen")]
    #[arg(long, global = true, help_heading = HEADING, value_name = "ADDR")]
    pub(crate) flame_listen: Option<Address>,

    /// Spans of which `/metrics` at `--flame-listen` has histograms, besides operations
    ///
    /// Each is a span's name or `target::name`; 64 at the most. Roots have histograms
    /// anyway.
    #[cfg(feature = "listen")]
    #[arg(long, global = true, help_heading = HEADING, value_name = "SPAN,..", value_parser = names_of_spans())]
    pub(crate) flame_metrics: Vec<Remembering<Vec<SpanSelector>>>,

    /// Names to answer to at `--flame-listen`, besides `localhost` and addresses
    ///
    /// Such as one that a proxy or a scraper uses. Every other name is refused, so
    /// that no web page can reach the endpoint through a name of its own.
    #[cfg(feature = "listen")]
    #[arg(long, global = true, help_heading = HEADING, value_name = "NAME,..", value_delimiter = ',', value_parser = names())]
    pub(crate) flame_allow_host: Vec<Remembering<String>>,
}

#[cfg(feature = "listen")]
fn names_of_spans() -> ValueParser {
    ValueParser::new(Remember::new(|list: &str| {
        let spans = SpanSelector::parse_list(list).map_err(|why| why.to_string())?;
        match spans.iter().find(|span| span.has_fields()) {
            Some(span) => Err(format!(
                "`{span}` picks spans by fields of theirs; give a span's name, or `target::name`"
            )),
            None => Ok(spans),
        }
    }))
}

#[cfg(feature = "listen")]
fn names() -> ValueParser {
    ValueParser::new(Remember::new(parse_name))
}

fn outputs() -> ValueParser {
    let parser = PathBufValueParser::new()
        .try_map(|path| Output::parse(path).map_err(|why| Unusable::Extension(why).to_string()));
    ValueParser::new(Remember::new(parser))
}

fn spans() -> ValueParser {
    ValueParser::new(Remember::new(SpanSelector::parse_list))
}

fn fields() -> ValueParser {
    ValueParser::new(Remember::new(parse_fields))
}

/// What one `--flame-fields` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fields {
    /// Whether the host's own stand before them.
    pub(crate) after_hosts_own: bool,
    pub(crate) fields: Vec<SpanFields>,
}

fn parse_fields(text: &str) -> Result<Fields, ParseSelectorError> {
    let (first, rest) = text.split_once(',').unwrap_or((text, ""));
    let after_hosts_own = first.trim() == HOSTS_OWN;
    let fields = match (after_hosts_own, rest.trim()) {
        (true, "") => Vec::new(),
        (true, rest) => SpanFields::parse_list(rest)?,
        (false, _) => SpanFields::parse_list(text)?,
    };
    Ok(Fields { after_hosts_own, fields })
}

/// What `--flame-weight` can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Weight {
    /// Wall-clock time: every instant of an operation counts once
    Wall,
    /// Thread time: that of each thread goes to the innermost span it has entered
    Busy,
}

/// What `--flame-states` can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum States {
    /// Where it can be known exactly
    #[default]
    Auto,
    /// Else of some spans, where it takes readings at each: for musl
    Partial,
    /// Not at all
    Off,
}

/// What `--flame-names` can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Names {
    /// The span's name
    Name,
    /// `target::name`
    Target,
    /// Target, name, file and line
    Source,
}

impl From<Weight> for render::Weight {
    fn from(weight: Weight) -> Self {
        match weight {
            Weight::Wall => Self::Wall,
            Weight::Busy => Self::Busy,
        }
    }
}

impl From<Names> for render::Names {
    fn from(names: Names) -> Self {
        match names {
            Names::Name => Self::Name,
            Names::Target => Self::Target,
            Names::Source => Self::Source,
        }
    }
}

impl Typed {
    /// The flags typed beside `--flame` itself, as typed.
    pub(crate) fn details(&self) -> Vec<&'static str> {
        [
            ("--flame-output", !self.flame_output.is_empty()),
            ("--flame-duration", self.flame_duration.is_some()),
            ("--flame-delay", self.flame_delay.is_some()),
            ("--flame-checkpoint", self.flame_checkpoint.is_some()),
            ("--flame-every", self.flame_every.is_some()),
            ("--flame-keep", self.flame_keep.is_some()),
            ("--flame-filter", self.flame_filter.is_some()),
            ("--flame-weight", self.flame_weight.is_some()),
            ("--flame-hide-await", self.flame_hide_await),
            ("--flame-idle", !self.flame_idle.is_empty()),
            ("--flame-skip", !self.flame_skip.is_empty()),
            ("--flame-operation", !self.flame_operation.is_empty()),
            ("--flame-detached", !self.flame_detached.is_empty()),
            ("--flame-fields", !self.flame_fields.is_empty()),
            ("--flame-queued", self.flame_queued),
            ("--flame-states", self.flame_states.is_some()),
            ("--flame-resources", self.flame_resources),
            ("--flame-slowest", self.flame_slowest.is_some()),
            ("--flame-events", self.flame_events.is_some()),
            ("--flame-slower-than", self.flame_slower_than.is_some()),
            ("--flame-slow-lines", self.flame_slow_lines.is_some()),
            ("--flame-stuck", self.flame_stuck.is_some()),
            ("--flame-class", self.flame_class.is_some()),
            ("--flame-names", self.flame_names.is_some()),
            ("--flame-threads", self.flame_threads),
            #[cfg(feature = "listen")]
            ("--flame-listen", self.flame_listen.is_some()),
            #[cfg(feature = "listen")]
            ("--flame-metrics", !self.flame_metrics.is_empty()),
            #[cfg(feature = "listen")]
            ("--flame-allow-host", !self.flame_allow_host.is_empty()),
        ]
        .into_iter()
        .filter_map(|(flag, typed)| typed.then_some(flag))
        .collect()
    }
}
