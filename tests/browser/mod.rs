//! What a browser shows, in a real one.
//!
//! Where there is no Chromium these tests say that they are skipped; see
//! [`tools`](crate::tools). `SCREENSHOTS=<directory>` keeps what the browser shows.

mod devtools;
mod live;
mod picture;
mod svg;
pub(crate) mod tab;
