//! What a browser shows, in a real one.
//!
//! Where there is no Chromium these tests say that they are skipped; see
//! [`tools`](crate::tools). `SCREENSHOTS=<directory>` keeps what the browser shows.

mod access;
mod devtools;
mod figures;
mod firefox;
mod hostile;
mod latency;
mod live;
mod marionette;
mod picture;
pub(crate) mod report;
mod states;
mod svg;
pub(crate) mod tab;
mod viewer;
