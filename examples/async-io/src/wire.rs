//! What goes over the sockets: lines of text, a question and its answer.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// A connection over which lines go.
pub(crate) struct Lines(BufReader<TcpStream>);

impl Lines {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self(BufReader::new(stream))
    }

    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        TcpStream::connect(address).await.map(Self::new)
    }

    /// The next line without its end; `None` where the other side has hung up.
    pub(crate) async fn read(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let length = self.0.read_line(&mut line).await?;
        Ok((length > 0).then(|| line.trim_end().to_owned()))
    }

    pub(crate) async fn write(&mut self, line: &str) -> io::Result<()> {
        self.0.write_all(format!("{line}\n").as_bytes()).await
    }

    /// Sends a question and waits for its answer.
    pub(crate) async fn ask(&mut self, question: &str) -> io::Result<String> {
        self.write(question).await?;
        let answer = self.read().await?;
        answer.ok_or_else(|| {
            let problem = format!("no answer to `{question}`: the connection was closed");
            io::Error::new(io::ErrorKind::UnexpectedEof, problem)
        })
    }
}
