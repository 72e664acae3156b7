//! One operation by itself.

use std::time::SystemTime;

use tracing::Level;

use super::{Callsite, Chart, Profile, Step, Typical, critical};

/// One operation: its own call tree, its course in time, and its fields.
///
/// Which operations are kept is said by [`Builder::slowest`] and
/// [`Builder::slower_than`]; [`Flame::slowest`] and [`Flame::take_slow`] hand
/// them out.
///
/// [`Builder::slowest`]: crate::Builder::slowest
/// [`Builder::slower_than`]: crate::Builder::slower_than
/// [`Flame::slowest`]: crate::Flame::slowest
/// [`Flame::take_slow`]: crate::Flame::take_slow
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub(crate) number: u64,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) profile: Profile,
    pub(crate) chart: Chart,
    pub(crate) path: Vec<Step>,
    pub(crate) log: Log,
    pub(crate) typical: Option<Typical>,
}

/// What was logged within an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Log {
    /// The first lines.
    pub lines: Vec<LogLine>,
    /// How many more there were.
    pub omitted: u64,
}

/// An event of `tracing`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogLine {
    /// When it happened, in nanoseconds since the operation came to life.
    pub at_nanos: u64,
    /// Its level.
    pub level: Level,
    /// Its target, by default a module's path.
    pub target: String,
    /// Its message, and its other fields as `name=value`; long ones are cut off.
    pub text: String,
}

impl Log {
    /// Some lines, and how many more there were.
    #[must_use]
    pub fn new(lines: Vec<LogLine>, omitted: u64) -> Self {
        Self { lines, omitted }
    }
}

impl LogLine {
    /// An event, so long after the operation came to life.
    #[must_use]
    pub fn new(
        at_nanos: u64,
        level: Level,
        target: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self { at_nanos, level, target: target.into(), text: text.into() }
    }
}

impl Operation {
    /// An operation of parts: `profile` has its window from the operation's first
    /// enter to its last close, and one root.
    #[must_use]
    pub fn new(number: u64, fields: Vec<(String, String)>, profile: Profile, chart: Chart) -> Self {
        let end = u64::try_from(profile.window.length.as_nanos()).unwrap_or(u64::MAX);
        let path = if profile.nodes().is_empty() {
            Vec::new()
        } else {
            critical::walk(&profile, &chart, end)
        };
        Self { number, fields, profile, chart, path, log: Log::default(), typical: None }
    }

    /// Sets a critical path that was found before: a file has the path, but not all
    /// strands that it was found by. Steps stand one after the other, from the beginning.
    #[must_use]
    pub fn with_critical_path(self, path: Vec<Step>) -> Self {
        Self { path, ..self }
    }

    /// The same with what was logged in it.
    #[must_use]
    pub fn with_log(self, log: Log) -> Self {
        Self { log, ..self }
    }

    /// This operation, to be shown beside what is typical of its name.
    #[must_use]
    pub fn with_typical(self, typical: Option<Typical>) -> Self {
        Self { typical, ..self }
    }

    /// What is typical of the operations of its name that had ended when it was handed out,
    /// where [`Builder::classes`](crate::Builder::classes) asked for that.
    #[must_use]
    pub fn typical(&self) -> Option<&Typical> {
        self.typical.as_ref()
    }

    /// What was logged within it, where [`Builder::events`](crate::Builder::events) asked
    /// for that.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Which of the kept operations it is: no two of one layer have one number.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Where its root span comes from.
    #[must_use]
    pub fn callsite(&self) -> Option<&Callsite> {
        let root = self.profile.tree.distinct().first()?;
        root.callsite().map(AsRef::as_ref)
    }

    /// The name of its root span.
    #[must_use]
    pub fn name(&self) -> &str {
        self.callsite().map_or("[truncated]", |callsite| &callsite.name)
    }

    /// The time of day at its first enter.
    #[must_use]
    pub fn start(&self) -> SystemTime {
        self.profile.window.start
    }

    /// From its first enter until its last span closed.
    #[must_use]
    pub fn nanos(&self) -> u64 {
        u64::try_from(self.profile.window.length.as_nanos()).unwrap_or(u64::MAX)
    }

    /// The fields of its root span and their values, as far as they are known.
    #[must_use]
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// Its own call tree. Percentiles are not kept for a single operation.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Its course in time.
    #[must_use]
    pub fn chart(&self) -> &Chart {
        &self.chart
    }

    /// Its critical path, from the beginning to the end.
    #[must_use]
    pub fn critical_path(&self) -> &[Step] {
        &self.path
    }
}
