//! The server: a task for each connection, a root span for each request.

use std::{
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr},
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinHandle,
};
use tracing::{Instrument, Span, info_span, instrument};

use crate::{page::Pages, wire::Lines};

/// A server that runs.
pub(crate) struct Server {
    address: SocketAddr,
    accepting: JoinHandle<()>,
    guests: Receiver<Infallible>,
}

/// Held by everything that the server waits for at its end.
pub(crate) type Guest = Sender<Infallible>;

impl Server {
    /// Listens on a free port of loopback.
    pub(crate) async fn start(pages: Pages) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (guest, guests) = channel(1);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, pages.clone(), guest.clone()));
            }
        });
        Ok(Self { address, accepting, guests })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more connections, and waits for the end of all that runs.
    pub(crate) async fn stop(mut self) {
        self.accepting.abort();
        // Nothing is ever sent: this is the end of the last guest.
        self.guests.recv().await;
    }
}

/// Serves one connection. Waiting for the next question is no request's time.
async fn serve(stream: TcpStream, pages: Pages, guest: Guest) -> io::Result<()> {
    let mut lines = Lines::new(stream);
    while let Some(question) = lines.read().await? {
        let request = info_span!(parent: None, "request");
        handle(&mut lines, &question, &pages, &guest).instrument(request).await?;
    }
    Ok(())
}

async fn handle(lines: &mut Lines, question: &str, pages: &Pages, guest: &Guest) -> io::Result<()> {
    let page = pages.make(question).await.unwrap_or_else(|e| format!("error: {e}"));
    respond(lines, &page).await?;
    pages.audit(&Span::current(), guest.clone());
    Ok(())
}

#[instrument(skip_all)]
async fn respond(lines: &mut Lines, page: &str) -> io::Result<()> {
    lines.write(page).await
}
