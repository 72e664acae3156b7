//! Orders: two things at once, work that blocks, and one that takes too long.

use std::{fmt::Write, future, time::Duration};

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use tokio::{task::spawn_blocking, time::sleep};
use tracing::{debug_span, instrument};

use crate::app::App;

/// How many lines a report has.
const LINES: u64 = 1_000;

#[instrument(skip_all)]
pub(crate) async fn create(State(app): State<App>) -> StatusCode {
    let _timed = app.tally.time("create");
    tokio::join!(reserve(), charge());
    StatusCode::CREATED
}

#[instrument(level = "debug")]
async fn reserve() {
    sleep(Duration::from_millis(3)).await;
}

#[instrument(level = "debug")]
async fn charge() {
    sleep(Duration::from_millis(6)).await;
}

#[instrument(skip_all)]
pub(crate) async fn report(
    State(app): State<App>,
    Path(year): Path<u64>,
) -> Result<String, StatusCode> {
    let _timed = app.tally.time("report");
    // Made here, where its parent is current, and entered there, where nothing is.
    let span = debug_span!("sum_up");
    let report = spawn_blocking(move || span.in_scope(|| sum_up(year)));
    report.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

fn sum_up(year: u64) -> String {
    std::thread::sleep(Duration::from_millis(5));
    (0..LINES).fold(String::new(), |mut report, line| {
        let _ = writeln!(report, "{year} {line} {}", line * line);
        report
    })
}

/// Never gets there; the timeout's layer drops it.
#[instrument(skip_all)]
pub(crate) async fn export(State(app): State<App>) {
    let _timed = app.tally.time("export");
    future::pending().await
}
