//! Nothing: the service is in `main.rs`. Here the programs of `docs/web.md` are
//! compiled, with the crates that they need.

/// Web services.
#[doc = include_str!("../../../docs/web.md")]
#[cfg(doctest)]
pub struct Web;
