//! What is open now, and where it is.

use std::{fmt, sync::Arc, time::SystemTime};

/// An operation that has not ended.
///
/// As text it is one line: what it is, for how long it has been open, and where each thread
/// is that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenOperation {
    /// The name of its root span.
    pub name: String,
    /// Whether the user named it an operation.
    pub is_named: bool,
    /// The fields of its root span and their values, where it is
    /// [followed](crate::Builder::classes).
    pub fields: Vec<(String, String)>,
    /// The time of day at its first enter.
    pub start: SystemTime,
    /// How long ago that is.
    pub nanos: u64,
    /// The threads that are in it, at most 32.
    pub threads: Vec<OpenThread>,
    /// What it awaits: spans that are entered on no thread and have none such below, at most
    /// 32.
    pub awaited: Vec<OpenSpan>,
    /// How many more threads and spans there are.
    pub omitted: u64,
    pub(crate) key: OpenKey,
}

/// Tells an open operation from any other of one layer, now and later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OpenKey {
    pub(crate) begun: u64,
    pub(crate) root: u32,
}

/// A thread that is in an open operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenThread {
    /// The thread's name; threads without one are called `<unnamed>`.
    pub name: Arc<str>,
    /// What it does at this moment.
    pub state: ThreadState,
    /// Its innermost span of the operation.
    pub span: OpenSpan,
}

/// A span that has not closed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenSpan {
    /// The names of the spans on its stack, the operation's root first, itself last.
    pub stack: Vec<String>,
    /// How long ago it was entered first.
    pub nanos: u64,
}

/// What a thread does at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ThreadState {
    /// It is on a CPU, or waits for one.
    Ready,
    /// It is asleep.
    Blocked,
    /// Nobody knows: [states](crate::Builder::states) are switched off, or cannot be had.
    Unknown,
}

impl OpenOperation {
    /// What tells it from any other.
    #[must_use]
    pub fn key(&self) -> OpenKey {
        self.key
    }
}

impl fmt::Display for ThreadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready => "on a CPU or waiting for one",
            Self::Blocked => "blocked",
            Self::Unknown => "in a state that is not known",
        })
    }
}
