//! What a browser shows, in a real one.
//!
//! Where there is no Chromium these tests say that they are skipped; see
//! [`tools`](crate::tools). `SCREENSHOTS=<directory>` keeps what the browser shows.

mod devtools;
mod figures;
mod live;
mod picture;
mod report;
mod svg;
pub(crate) mod tab;
mod viewer;
