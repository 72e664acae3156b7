//! A client that writes exactly what a test says, and reads what comes.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// After so long without an answer a test is taken to hang, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    pub(super) body: Vec<u8>,
}

/// A connection that nothing has been sent on.
pub(super) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("somebody who listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
    stream.set_write_timeout(Some(PATIENCE)).expect("a limit");
    stream
}

/// A `GET` by an address as its `Host`.
pub(super) fn get(address: SocketAddr, target: &str) -> Answer {
    ask(address, &format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n"))
}

/// A `POST` without an `Origin`.
pub(super) fn post(address: SocketAddr, target: &str) -> Answer {
    ask(address, &format!("POST {target} HTTP/1.1\r\nHost: {address}\r\n"))
}

/// Asks by a head of which the last line is left out, and reads to the end.
pub(super) fn ask(address: SocketAddr, head: &str) -> Answer {
    let mut stream = connect(address);
    stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).expect("a listener");
    Answer::read(&mut stream)
}

/// Sends a request for a window, and does not read the answer.
pub(super) fn wait_for(address: SocketAddr, target: &str) -> TcpStream {
    let mut stream = connect(address);
    let head = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("a listener");
    stream
}

impl Answer {
    /// Reads until the connection ends.
    pub(super) fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        let end = stream.read_to_end(&mut bytes);
        let head_end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let Some(head_end) = head_end else {
            panic!("no head, {end:?}: {}", String::from_utf8_lossy(&bytes))
        };
        let head = String::from_utf8(bytes[..head_end].to_vec()).expect("text");
        let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
        Self { status, head, body: bytes.split_off(head_end + 4) }
    }

    /// A header, if it is there once.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.head.lines().skip(1).filter_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        });
        let first = values.next();
        assert_eq!(values.next(), None, "{name} is there twice");
        first
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// Whether the other side ends the connection without a word.
pub(super) fn is_cut(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0]) {
        Ok(read) => read == 0,
        Err(e) => e.kind() == io::ErrorKind::ConnectionReset,
    }
}
