//! What a picture shows and how.

use crate::profile::ClassRange;

/// The quantity that sets a box's width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// Wall-clock time: every instant of an operation is worth exactly one.
    #[default]
    Wall,
    /// Thread time: every thread's time goes to the innermost span it has entered.
    Busy,
}

/// What is written into a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// What sets a width: a tower of a thread has no wall-clock shares.
    pub(crate) fn effective_weight(&self) -> Weight {
        if self.threads { Weight::Busy } else { self.weight }
    }
}
