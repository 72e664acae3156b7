//! Takes connections, as many as are good for the host, and serves each.

use std::{convert::Infallible, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};

use super::{
    activity::{Activity, Connections},
    patience::Patient,
    site::Site,
};

/// How many connections are open at a time.
const CONNECTIONS: usize = 64;
/// How long a client may take for the head of a request, and be idle between two.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the head of a request may be, in bytes.
const HEAD_BYTES: usize = 16 * 1024;
/// How many headers a request may have.
const HEADERS: usize = 64;
/// How long to wait after a failure to take a connection: nothing else may help.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, site: Arc<Site>) -> Infallible {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = Connections::default();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Mostly it is that there are no more file descriptors.
            sleep(AFTER_FAILURE).await;
            continue;
        };
        if slots.available_permits() == 0 {
            connections.end_idlest();
        }
        // Where all are busy, whoever knocks next waits in the system's queue.
        let Ok(slot) = slots.clone().acquire_owned().await else { continue };
        let activity = Activity::new();
        let task = tokio::spawn(connection(stream, site.clone(), activity.clone(), slot));
        connections.add(activity, task.abort_handle());
    }
}

async fn connection(
    stream: TcpStream,
    site: Arc<Site>,
    activity: Activity,
    _slot: OwnedSemaphorePermit,
) {
    // Without it the end of an answer may wait for the client's receipt.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let (site, busy) = (site.clone(), activity.begin());
        async move {
            let mut response = site.answer(&request).await;
            response.body_mut().hold_busy(busy);
            Ok::<_, Infallible>(response)
        }
    });
    // What goes wrong with a connection is the client's to know.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .writev(true)
        .serve_connection(TokioIo::new(Patient::new(stream)), service)
        .await;
}
