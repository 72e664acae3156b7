//! Faults of what we build on that a picture shows, as `docs/upstream.md` tells them.
//!
//! These tests hold while the fault is there. One that fails after an update says
//! that upstream is mended: take the test out, and what the documents say of it.

mod closed;
mod lost_closes;
mod race;
mod stretched;
