//! How the service ends.

use std::io;

use clap::ValueEnum;
use tokio::{net::TcpListener, signal::ctrl_c};

use crate::app::App;

/// What to do about Ctrl-C and SIGTERM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shutdown {
    /// Finish the responses that have begun, on either of them
    Graceful,
    /// End at once on Ctrl-C, as many programs do; nothing about SIGTERM
    CtrlC,
    /// Nothing: they end the process
    None,
}

impl Shutdown {
    /// Serves until it is time to end.
    pub(crate) async fn serve(self, listener: TcpListener, app: &App) -> io::Result<()> {
        let server = axum::serve(listener, app.router());
        match self {
            Self::Graceful => {
                let asked = Asked::new()?;
                let closing = app.closing.clone();
                let asked = async move {
                    asked.wait().await;
                    closing.send_replace(true);
                };
                server.with_graceful_shutdown(asked).await
            }
            Self::CtrlC => tokio::select! {
                // The handler is set before anything is served.
                biased;
                asked = ctrl_c() => asked,
                served = server => served,
            },
            Self::None => server.await,
        }
    }
}

/// Ctrl-C or SIGTERM, handled from when it is made.
#[cfg(unix)]
struct Asked {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Asked {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
struct Asked;

#[cfg(not(unix))]
impl Asked {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn wait(self) {
        let _ = ctrl_c().await;
    }
}
