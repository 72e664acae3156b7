//! Finding out what the system does on a thread of ours, not the host's.

use std::{
    sync::mpsc::{RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

use super::without_signals;

/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// What `find` finds out on a thread of ours; `None` where there is none to be had, or where it
/// takes too long.
pub(super) fn elsewhere<T: Send + 'static>(find: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, hear) = sync_channel(1);
    let thread = thread::Builder::new().name("flame-states".to_owned());
    without_signals(|| thread.spawn(move || tell.send(find()))).ok()?;
    hear.recv_timeout(PATIENCE).map_err(|_: RecvTimeoutError| ()).ok()
}
