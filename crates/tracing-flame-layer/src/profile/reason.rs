//! What threads were asleep for.

use std::{borrow::Cow, fmt, sync::Arc};

use super::NodeId;

/// A kind of things that a thread sleeps for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ReasonKind {
    /// A page that has to be read: a page fault.
    Fault,
    /// A file, to be read, written or brought to its disk.
    Disk,
    /// Another thread, by a futex: a lock, a condition variable, a channel, a park.
    Lock,
    /// A socket, or whatever is waited for by `poll`, `select` or `epoll_wait`.
    Net,
    /// A time, by `nanosleep`.
    Timer,
    /// Anything else. Pictures show it as `[blocked]`, as what is not known.
    Other,
}

impl ReasonKind {
    /// All of them that pictures have a frame for.
    pub(crate) const DRAWN: [Self; 5] =
        [Self::Fault, Self::Disk, Self::Lock, Self::Net, Self::Timer];

    const NAMES: [(Self, &str); 6] = [
        (Self::Fault, "fault"),
        (Self::Disk, "disk"),
        (Self::Lock, "lock"),
        (Self::Net, "net"),
        (Self::Timer, "timer"),
        (Self::Other, "other"),
    ];

    /// What it is called in a file.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(kind, _)| *kind == self).map_or("other", |(_, name)| name)
    }

    /// That of a [name](Self::name); [`Other`](Self::Other) where it is none.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let known = Self::NAMES.into_iter().find(|(_, known)| *known == name);
        known.map_or(Self::Other, |(kind, _)| kind)
    }
}

/// What a thread was found to sleep for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Reason {
    /// What kind of thing it is.
    pub kind: ReasonKind,
    /// The system call that it slept in, such as `fdatasync`; `None` for a page fault, which
    /// is none.
    pub call: Option<Cow<'static, str>>,
    /// The file that it was about, as Linux names it: a path, or `socket`, `pipe` and the
    /// like. `None` where there is none, where it is not known, and beyond the first 255
    /// reasons of a recording.
    pub file: Option<Arc<str>>,
}

impl Reason {
    /// A page fault, or something of a kind of which no more is known.
    #[must_use]
    pub fn new(kind: ReasonKind) -> Self {
        Self { kind, call: None, file: None }
    }
}

/// `fdatasync /data/mdbx.dat`
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.call.as_deref().unwrap_or("page fault"))?;
        match &self.file {
            Some(file) => write!(f, " {file}"),
            None => Ok(()),
        }
    }
}

/// For how long threads were asleep for one reason in the spans of a node: a part of its
/// [`blocked_nanos`](super::States::blocked_nanos).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockedOn {
    /// The node.
    pub node: NodeId,
    /// What it was.
    pub reason: Arc<Reason>,
    /// Nanoseconds of the node's own `wall`.
    pub wall_nanos: u64,
    /// Nanoseconds of its `busy`.
    pub busy_nanos: u64,
}

impl BlockedOn {
    /// No time yet, at a node.
    #[must_use]
    pub fn new(node: NodeId, reason: Arc<Reason>) -> Self {
        Self { node, reason, wall_nanos: 0, busy_nanos: 0 }
    }
}
