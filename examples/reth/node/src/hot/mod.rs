//! Spans for what reth has none for and can be reached from outside.
//!
//! All of them have the target `reth_flame` and the level `TRACE`, so
//! that reth's own logs, whose filters are coarser, take no notice of them.

mod evm;
mod executor;
mod payload;
mod rpc;

pub(crate) use evm::{HotEvm, HotExecutorBuilder};
pub(crate) use payload::HotPayloadServiceBuilder;
pub(crate) use rpc::RpcSpans;

/// Whether the spans are opened. Where not, they cost a test of this.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spans(bool);

impl Spans {
    pub(crate) fn new(on: bool) -> Self {
        Self(on)
    }

    /// Whether to open spans.
    pub(crate) fn on(self) -> bool {
        self.0
    }
}

/// A span like `trace_span!`'s, or none where spans are off.
macro_rules! hot_span {
    ($spans:expr, $($span:tt)*) => {
        if $spans.on() {
            tracing::trace_span!(target: "reth_flame", $($span)*)
        } else {
            tracing::Span::none()
        }
    };
}
pub(crate) use hot_span;
