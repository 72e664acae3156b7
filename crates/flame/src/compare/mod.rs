//! Several runs a side compared: what changed, how sure that is, and why.
//!
//! ```text
//! run       one recording, as the trees of its pictures: all time, and time on a CPU
//! times     all runs in one tree
//! row       one frame's time of one kind, a number a run
//! judged    its change, where that lies, and a verdict
//! reason    the frames that changed by themselves
//! table, markdown, json, report, gate    what is told of that
//! ```
//!
//! The statistics are in [`stats`](crate::stats); this says what they are asked.

mod compared;
mod gate;
mod json;
mod judged;
mod markdown;
mod measure;
mod order;
mod reason;
mod refusal;
#[cfg(feature = "html")]
mod report;
mod row;
mod run;
mod sum;
mod table;
mod text;
mod times;

#[cfg(test)]
mod tests;

pub(crate) use compared::{Compared, How, Sides};
pub(crate) use gate::{FailOn, Gate};
pub(crate) use json::write as write_json;
pub(crate) use judged::Floors;
pub(crate) use markdown::write as write_markdown;
pub(crate) use refusal::{Origin, different, recorded_alike, whole};
#[cfg(feature = "html")]
pub(crate) use report::write as write_report;
pub(crate) use run::{Run, Times as RunTimes};
pub(crate) use sum::sum;
pub(crate) use table::write as write_table;
