//! What a program does, as a list of (time, thread, event).

use std::{collections::BTreeSet, fmt};

/// A span instance: its place in the order of creation.
pub type SpanKey = usize;

/// What a new span's parent is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// The Registry's current span on the creating thread.
    Current,
    /// None, explicitly.
    Root,
    /// This span, explicitly.
    Of(SpanKey),
}

/// One thing that happens. A forgotten guard is an exit that never comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Makes the next span, with one handle.
    Create {
        name: String,
        parent: Parent,
    },
    Clone(SpanKey),
    Drop(SpanKey),
    Enter(SpanKey),
    Exit(SpanKey),
    /// Gives the span's field a value.
    Record(SpanKey, u8),
    /// The thread ends; what its slot does next, a new thread does.
    ThreadEnd,
    Start,
    Stop,
    Snapshot,
}

impl Event {
    /// Whether the layer's handle does it, not the program.
    pub fn is_of_the_handle(&self) -> bool {
        matches!(self, Self::Start | Self::Stop | Self::Snapshot)
    }
}

/// An event, when, and on which thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub at: u64,
    pub thread: usize,
    pub event: Event,
}

/// Where the filter stands that keeps spans from the layer; to the measures it is
/// all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FilterPlace {
    /// Inside the layer, which sees the others' stacks.
    #[default]
    Inside,
    /// Inside the layer, and asked about callsites only.
    Callsites,
    /// Around the layer, as any layer can be filtered.
    Around,
}

/// What spans of certain names are, as the host's settings say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub idle: BTreeSet<String>,
    pub skip: BTreeSet<String>,
    pub operations: BTreeSet<String>,
    /// Operations that are no part of what started them.
    pub detached: BTreeSet<String>,
    /// Spans whose field is part of their frame's name.
    pub fields: BTreeSet<String>,
    pub filtered: BTreeSet<String>,
    pub filter: FilterPlace,
}

/// Settings, and what happens under them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Program {
    pub marks: Marks,
    /// Whether no time is taken until the first [`Event::Start`].
    pub paused: bool,
    pub steps: Vec<Step>,
}

impl Program {
    pub fn idle(mut self, names: &[&str]) -> Self {
        self.marks.idle.extend(names.iter().map(ToString::to_string));
        self
    }

    pub fn skip(mut self, names: &[&str]) -> Self {
        self.marks.skip.extend(names.iter().map(ToString::to_string));
        self
    }

    pub fn operations(mut self, names: &[&str]) -> Self {
        self.marks.operations.extend(names.iter().map(ToString::to_string));
        self
    }

    pub fn detached(mut self, names: &[&str]) -> Self {
        self.marks.detached.extend(names.iter().map(ToString::to_string));
        self
    }

    pub fn fields(mut self, names: &[&str]) -> Self {
        self.marks.fields.extend(names.iter().map(ToString::to_string));
        self
    }

    pub fn filtered(mut self, names: &[&str]) -> Self {
        self.marks.filtered.extend(names.iter().map(ToString::to_string));
        self
    }

    pub fn filter(mut self, place: FilterPlace) -> Self {
        self.marks.filter = place;
        self
    }

    /// Those created that are neither filtered nor skipped.
    pub fn recorded_spans(&self) -> u64 {
        let Marks { skip, filtered, .. } = &self.marks;
        let recorded = |step: &&Step| match &step.event {
            Event::Create { name, .. } => !skip.contains(name) && !filtered.contains(name),
            _ => false,
        };
        self.steps.iter().filter(recorded).count() as u64
    }

    pub fn paused(mut self) -> Self {
        self.paused = true;
        self
    }
}

/// The same as for people: failures print programs, and scripts can be pasted.
impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// As a script that [`Program::nanos`] reads, to paste into a regression test.
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<String> = Vec::new();
        writeln!(f, "{:?}, paused: {}", self.marks, self.paused)?;
        for step in &self.steps {
            let name = |key: &SpanKey| format!("{}#{key}", names[*key]);
            let text = match &step.event {
                Event::Create { name: new, parent } => {
                    let parent = match parent {
                        Parent::Current => String::new(),
                        Parent::Root => " at root".to_owned(),
                        Parent::Of(key) => format!(" under {}", name(key)),
                    };
                    names.push(new.clone());
                    format!("new {new}#{}{parent}", names.len() - 1)
                }
                Event::Clone(key) => format!("clone {}", name(key)),
                Event::Drop(key) => format!("drop {}", name(key)),
                Event::Enter(key) => format!("enter {}", name(key)),
                Event::Exit(key) => format!("exit {}", name(key)),
                Event::Record(key, value) => format!("record {value} in {}", name(key)),
                Event::ThreadEnd => "end".to_owned(),
                Event::Start => "start".to_owned(),
                Event::Stop => "stop".to_owned(),
                Event::Snapshot => "snapshot".to_owned(),
            };
            writeln!(f, "{} t{}: {text}", step.at, step.thread)?;
        }
        Ok(())
    }
}
