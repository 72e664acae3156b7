//! The routes, and the one span that each request has.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use tokio::sync::watch;
use tower_http::{timeout::TimeoutLayer, trace::TraceLayer};
use tracing::{Instrument, Span, debug_span, info_span};

use crate::{orders, tally::Tally, users};

/// How long a request for an export may take.
const PATIENCE: Duration = Duration::from_millis(50);

/// What handlers share.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) tally: Arc<Tally>,
    /// Whether the service is about to end, for those who would wait for ever.
    pub(crate) closing: watch::Sender<bool>,
}

impl Default for App {
    fn default() -> Self {
        Self { tally: Arc::default(), closing: watch::Sender::new(false) }
    }
}

impl App {
    pub(crate) fn router(&self) -> Router {
        let exports = Router::new()
            .route("/exports", get(orders::export))
            .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, PATIENCE));
        Router::new()
            .route("/users/{id}", get(users::user))
            .route("/events", get(users::events))
            .route("/orders", post(orders::create))
            .route("/reports/{year}", get(orders::report))
            .merge(exports)
            .layer(middleware::from_fn(authenticate))
            // The last layer is the outermost: what stands above it is in the span.
            .layer(TraceLayer::new_for_http().make_span_with(request_span))
            .with_state(self.clone())
    }
}

/// One operation. The route is the path as it is written in the router; the path that
/// was asked for is never twice the same.
fn request_span(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    info_span!("request", method = %request.method(), route)
}

/// A middleware's own part is in a span; what it hands on to is not.
async fn authenticate(request: Request, next: Next) -> Response {
    look_up_token(request.headers()).instrument(debug_span!("authenticate")).await;
    next.run(request).await
}

async fn look_up_token(headers: &HeaderMap) {
    if headers.contains_key(AUTHORIZATION) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
