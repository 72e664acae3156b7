//! The slow dependency: a server that answers after as many milliseconds as it
//! is asked for. It has no spans, as if it ran elsewhere.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tracing::instrument;

use crate::wire::Lines;

/// Where the dependency is reached.
#[derive(Clone, Copy)]
pub(crate) struct Dependency(SocketAddr);

/// Starts it; it runs until the runtime ends.
pub(crate) async fn start() -> io::Result<Dependency> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    Ok(Dependency(address))
}

/// Answers what is asked on one connection. Who asked may have gone meanwhile:
/// that ends the connection and nothing else.
async fn answer(stream: TcpStream) -> io::Result<()> {
    let mut lines = Lines::new(stream);
    while let Some(line) = lines.read().await? {
        let millis = line.parse().map_err(io::Error::other)?;
        sleep(Duration::from_millis(millis)).await;
        lines.write("done").await?;
    }
    Ok(())
}

impl Dependency {
    /// Asks for an answer that takes `delay`, in whole milliseconds.
    #[instrument(skip_all)]
    pub(crate) async fn call(self, delay: Duration) -> io::Result<String> {
        let mut lines = Lines::connect(self.0).await?;
        lines.ask(&delay.as_millis().to_string()).await
    }
}
