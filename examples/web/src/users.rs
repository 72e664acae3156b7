//! Users, and a response that goes on for as long as the service does.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Path, State},
};
use futures_util::stream;
use tracing::{debug_span, instrument};

use crate::app::App;

#[instrument(skip_all)]
pub(crate) async fn user(State(app): State<App>, Path(id): Path<u64>) -> String {
    let _timed = app.tally.time("user");
    let name = query(Duration::from_millis(4), id).await;
    debug_span!("render").in_scope(|| format!("user {name}\n"))
}

/// Stands for a query to a database, of whose clients few have spans of their own.
#[instrument(level = "debug", skip_all)]
async fn query(takes: Duration, id: u64) -> u64 {
    tokio::time::sleep(takes).await;
    id
}

/// Says that it has begun, and when the service is about to end, that.
#[instrument(skip_all)]
pub(crate) async fn events(State(app): State<App>) -> Body {
    let _timed = app.tally.time("events");
    let closing = app.closing.subscribe();
    let lines = stream::unfold((0, closing), |(line, mut closing)| async move {
        let text = match line {
            0 => "begun\n",
            1 => {
                let _ = closing.wait_for(|closing| *closing).await;
                "ended\n"
            }
            _ => return None,
        };
        Some((Ok::<_, std::io::Error>(text), (line + 1, closing)))
    });
    Body::from_stream(lines)
}
