//! The thread that listens.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{Arc, mpsc},
    thread::JoinHandle,
};

use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
};

use super::{aside, server, site::Site};
use crate::threads;

/// An endpoint that answers until it is closed.
#[derive(Debug)]
pub(crate) struct Listening {
    address: SocketAddr,
    close: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Listening {
    /// Answers on a socket from a thread of its own.
    pub(crate) fn start(socket: TcpListener, site: Site) -> io::Result<Self> {
        let address = socket.local_addr()?;
        socket.set_nonblocking(true)?;
        let site = Arc::new(site);
        let (close, closed) = oneshot::channel();
        let (sender, started) = mpsc::channel();
        let thread = threads::start("flame-listen", move || {
            // It is built, and ends, here: where the host calls from there may be
            // a runtime of its own, in which this may not be done.
            match prepare(socket, site) {
                Ok(runtime) => {
                    let _ = sender.send(Ok(()));
                    let _ = runtime.block_on(closed);
                    runtime.shutdown_background();
                }
                Err(e) => {
                    let _ = sender.send(Err(e));
                }
            }
        })?;
        started.recv().unwrap_or_else(|_| Err(io::Error::other("its thread ended")))?;
        Ok(Self { address, close, thread })
    }

    /// The address that it answers on, with the port that the system chose.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends every connection and gives the port back.
    pub(crate) fn close(self) {
        drop(self.close);
        // Nothing on it panics on the host's account.
        let _ = self.thread.join();
    }
}

/// A runtime on which the endpoint is served while anything runs on it.
fn prepare(socket: TcpListener, site: Arc<Site>) -> io::Result<Runtime> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(aside::THREADS)
        .thread_name("flame-draw")
        .build()?;
    let listener = {
        let _context = runtime.enter();
        tokio::net::TcpListener::from_std(socket)?
    };
    runtime.spawn(server::serve(listener, site));
    Ok(runtime)
}
