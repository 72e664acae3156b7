//! The two layers that ours is measured against.

use std::{cell::Cell, hint::black_box};

use tracing::{Subscriber, span::Id};
use tracing_subscriber::{Layer, layer::Context};

use crate::clock::raw_ticks;

/// Does nothing. A Registry without any layer never frees a closed span, so this
/// is what the Registry itself costs.
#[derive(Clone, Copy, Debug)]
pub struct NoOp;

impl<S: Subscriber> Layer<S> for NoOp {}

/// The least that a layer can do to tell a duration: two raw clock reads and one
/// addition in a thread-local.
#[derive(Clone, Copy, Debug)]
pub struct Floor;

thread_local! {
    static TICKS: Cell<u64> = const { Cell::new(0) };
}

impl<S: Subscriber> Layer<S> for Floor {
    #[inline]
    fn on_enter(&self, _: &Id, _: Context<'_, S>) {
        black_box(raw_ticks());
    }

    #[inline]
    fn on_exit(&self, _: &Id, _: Context<'_, S>) {
        TICKS.set(TICKS.get().wrapping_add(raw_ticks()));
    }
}
