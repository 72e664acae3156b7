//! RPC calls, on every transport but the engine's own.

use jsonrpsee::{
    core::middleware::{Batch, Notification},
    server::middleware::rpc::RpcServiceT,
    types::Request,
};
use tower::Layer;
use tracing::Instrument;

use super::{Spans, hot_span};

/// A middleware with a span around each call, each batch and each notification.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RpcSpans {
    spans: Spans,
}

impl RpcSpans {
    pub(crate) fn new(spans: Spans) -> Self {
        Self { spans }
    }
}

impl<S> Layer<S> for RpcSpans {
    type Service = RpcSpansService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RpcSpansService { inner, spans: self.spans }
    }
}

/// What [`RpcSpans`] makes of a service.
#[derive(Clone, Debug)]
pub(crate) struct RpcSpansService<S> {
    inner: S,
    spans: Spans,
}

impl<S: RpcServiceT> RpcServiceT for RpcSpansService<S> {
    type MethodResponse = S::MethodResponse;
    type NotificationResponse = S::NotificationResponse;
    type BatchResponse = S::BatchResponse;

    fn call<'a>(
        &self,
        request: Request<'a>,
    ) -> impl Future<Output = Self::MethodResponse> + Send + 'a {
        let span = hot_span!(self.spans, "rpc", method = request.method_name());
        self.inner.call(request).instrument(span)
    }

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = Self::BatchResponse> + Send + 'a {
        let span = hot_span!(self.spans, "rpc_batch");
        self.inner.batch(batch).instrument(span)
    }

    fn notification<'a>(
        &self,
        notification: Notification<'a>,
    ) -> impl Future<Output = Self::NotificationResponse> + Send + 'a {
        let span = hot_span!(self.spans, "rpc_notification");
        self.inner.notification(notification).instrument(span)
    }
}
