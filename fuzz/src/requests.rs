use std::{
    ffi::OsStr,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{LazyLock, Mutex},
    time::Duration,
};

use clap::Parser;
use reth_cli_ext::FlameSession;
use tempfile::TempDir;
use tracing::{info_span, subscriber::set_global_default};
use tracing_subscriber::{layer::SubscriberExt, registry};

use crate::flags::{Cli, Quiet};

/// How long an answer is waited for; some come later, as they are asked to.
const PATIENCE: Duration = Duration::from_millis(300);

/// A session that listens for as long as this process lives, and where. It is kept, as
/// what it owns would count as leaked.
static SESSION: LazyLock<(Mutex<FlameSession>, SocketAddr)> = LazyLock::new(|| {
    let directory = TempDir::new().expect("a directory").keep();
    let output = directory.join("spans.folded");
    let line = ["x", "--flame", "--flame-duration", "0", "--flame-listen", "127.0.0.1:0"];
    let line = line.map(OsStr::new).into_iter().chain(["--flame-output".as_ref(), output.as_ref()]);
    let cli = Cli::try_parse_from(line).expect("flags");
    let mut session = cli.flame.session_reporting(Quiet).expect("a session");
    set_global_default(registry().with(session.layer())).expect("the first one");
    info_span!("outer").in_scope(|| info_span!("inner").in_scope(|| ()));
    let address = session.listen_address().expect("it listens");
    (Mutex::new(session), address)
});

/// Sends bytes to a session that listens, as the head of a request and what comes
/// after it; whatever they are, whoever asks next is answered.
pub fn requests(bytes: &[u8]) {
    let answer = ask(&[bytes, b"\r\n\r\n"].concat(), Some(PATIENCE));
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1."), "{}", text(&answer));
    // However busy the machine is, this one comes.
    let status = ask(b"GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n", None);
    assert!(status.starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", text(&status));
}

/// What is answered before a client has had enough, if it ever has.
fn ask(request: &[u8], patience: Option<Duration>) -> Vec<u8> {
    let mut stream = TcpStream::connect(SESSION.1).expect("somebody who listens");
    stream.set_read_timeout(patience).expect("a limit");
    // It may be refused before all of it is sent.
    let _ = stream.write_all(request);
    let mut answer = vec![0; 4096];
    let first = stream.read(&mut answer).unwrap_or_default();
    answer.truncate(first);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read_to_end(&mut answer);
    answer
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
