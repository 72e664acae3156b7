//! What a picture shows and how.

use std::fmt;

use crate::profile::ClassRange;

/// The quantity that sets a box's width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Weight {
    /// Wall-clock time: every instant of an operation is worth exactly one.
    #[default]
    Wall,
    /// Thread time: every thread's time goes to the innermost span it has entered.
    Busy,
}

/// What is written into a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Names {
    /// The span's name.
    #[default]
    Name,
    /// The span's target and name, `target::name`.
    Target,
    /// Target, name, file and line.
    Source,
}

/// How a profile is written. The same options give the same frames in every format.
///
/// ```
/// use tracing_flame_layer::render::{Names, Options, Weight};
///
/// let options = Options::default().weight(Weight::Busy).names(Names::Target).title("import");
/// assert_eq!((options.weight, options.hide_await), (Weight::Busy, false));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// What a width means. Defaults to [`Weight::Wall`].
    pub weight: Weight,
    /// Leave `[await]` frames out. Defaults to `false`.
    pub hide_await: bool,
    /// Do not tell what threads did while they were in a frame: what they waited is part
    /// of the frame's own time, as where nobody asked for it. Defaults to `false`.
    pub hide_states: bool,
    /// What is written into a frame. Defaults to [`Names::Name`].
    pub names: Names,
    /// One tower a thread name; always by [`Weight::Busy`]. Defaults to `false`.
    pub threads: bool,
    /// Show only the operations of these classes of latency, which the headline then names,
    /// and in a report against the others. Where none ended in one of them the picture is
    /// empty. `.json` has everything all the same. Defaults to `None`, which is all.
    pub classes: Option<ClassRange>,
    /// The headline. Defaults to `Flamegraph`.
    pub title: String,
    /// What a report tells of the run, such as its host and version: names and values,
    /// in order. Defaults to none; only a report has room for it.
    pub run: Vec<(String, String)>,
}

/// `wall` or `busy`.
impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wall => "wall",
            Self::Busy => "busy",
        })
    }
}

/// `name`, `target` or `source`.
impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::Target => "target",
            Self::Source => "source",
        })
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            weight: Weight::default(),
            hide_await: false,
            hide_states: false,
            names: Names::default(),
            threads: false,
            classes: None,
            title: "Flamegraph".to_owned(),
            run: Vec::new(),
        }
    }
}

impl Options {
    /// What a width means. Defaults to [`Weight::Wall`]; with [`threads`](Self::threads) it is
    /// [`Weight::Busy`] whatever is set.
    #[must_use]
    pub fn weight(self, weight: Weight) -> Self {
        Self { weight, ..self }
    }

    /// Leaves `[await]` frames out, in which nobody worked. Defaults to `false`. What stays is
    /// then less than what the operations took.
    #[must_use]
    pub fn hide_await(self, hide: bool) -> Self {
        Self { hide_await: hide, ..self }
    }

    /// Draws frames whole, without what threads waited in them. Defaults to `false`; changes
    /// nothing where it is not [known](crate::Profile::has_states) what they did.
    #[must_use]
    pub fn hide_states(self, hide: bool) -> Self {
        Self { hide_states: hide, ..self }
    }

    /// What is written into a frame. Defaults to [`Names::Name`]. Frames of one text under one
    /// parent are one frame.
    #[must_use]
    pub fn names(self, names: Names) -> Self {
        Self { names, ..self }
    }

    /// Draws one tower a thread name, always by [`Weight::Busy`]. Defaults to `false`. With
    /// [`classes`](Self::classes) there is nothing to draw, as those are not known by thread.
    #[must_use]
    pub fn threads(self, threads: bool) -> Self {
        Self { threads, ..self }
    }

    /// Shows only the operations of these classes of latency. Defaults to `None`, which is all;
    /// there are none unless [`Builder::classes`](crate::Builder::classes) asked for them.
    #[must_use]
    pub fn classes(self, classes: impl Into<Option<ClassRange>>) -> Self {
        Self { classes: classes.into(), ..self }
    }

    /// The headline. Defaults to `Flamegraph`.
    #[must_use]
    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// Adds what a report tells of the run, such as its host: a name and a value, behind
    /// those that are there. Defaults to none; other formats have no room for it.
    #[must_use]
    pub fn run(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.run.push((name.into(), value.into()));
        self
    }

    /// What sets a width: a tower of a thread has no wall-clock shares.
    pub(crate) fn effective_weight(&self) -> Weight {
        if self.threads { Weight::Busy } else { self.weight }
    }
}
