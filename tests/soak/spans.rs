//! The spans there are: one place in the source for each name, so that all that make one
//! make it at the same node.

use tracing::{Span, info_span};

use super::books::{Name, note};

pub(crate) fn request() -> Span {
    note(Name::Request);
    info_span!("request")
}

pub(crate) fn parse() -> Span {
    note(Name::Parse);
    info_span!("parse")
}

pub(crate) fn lookup() -> Span {
    note(Name::Lookup);
    info_span!("lookup")
}

pub(crate) fn row() -> Span {
    note(Name::Row);
    info_span!("row")
}

pub(crate) fn job() -> Span {
    note(Name::Job);
    info_span!(parent: None, "job")
}

/// A part of a job, which another thread may have.
pub(crate) fn chunk(job: &Span) -> Span {
    note(Name::Chunk);
    info_span!(parent: job, "chunk")
}

pub(crate) fn task() -> Span {
    note(Name::Task);
    info_span!(parent: None, "task")
}

pub(crate) fn step() -> Span {
    note(Name::Step);
    info_span!("step")
}
