//! A session that listens, beside the other layer, and the tool that scrapes it.

use std::{
    env, fs,
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    process, thread,
    time::{Duration, Instant},
};

use clap::Parser;
use reth_cli_ext::{FlameArgs, FlameSession};

/// The time between scrapes.
const BETWEEN: Duration = Duration::from_millis(100);
const PATHS: [&str; 5] = ["/flame.folded", "/flame.json", "/debug/pprof/wall", "/status", "/"];

#[derive(Debug, Parser)]
struct Host {
    #[command(flatten)]
    flame: FlameArgs,
}

/// Scrapes, by how they went.
#[derive(Debug, Default)]
pub(crate) struct Scrapes {
    pub(crate) answered: u64,
    pub(crate) failed: u64,
}

/// A directory for a session's files, which goes with it.
#[derive(Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> io::Result<Self> {
        let path = env::temp_dir().join(format!("flame-soak-{}", process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    /// A session that listens, and writes the picture so far each second.
    pub(crate) fn session(&self) -> FlameSession {
        let output = self.0.join("spans.folded");
        let flags = ["x", "--flame", "--flame-listen", "0", "--flame-checkpoint", "1"];
        let flags = flags.map(Into::into).into_iter();
        let flags = flags.chain(["--flame-duration".into(), "0".into(), "--flame-output".into()]);
        let host = Host::parse_from(flags.chain([output.into_os_string()]));
        host.flame.session().unwrap_or_else(|error| error.exit())
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Asks for one thing after another.
pub(crate) fn scrape(address: SocketAddr, until: Instant) -> Scrapes {
    let mut scrapes = Scrapes::default();
    for path in PATHS.into_iter().cycle().take_while(|_| Instant::now() < until) {
        match ask(address, path) {
            Ok(answer) if answer.starts_with(b"HTTP/1.1 200 ") => scrapes.answered += 1,
            _ => scrapes.failed += 1,
        }
        thread::sleep(BETWEEN);
    }
    scrapes
}

fn ask(address: SocketAddr, path: &str) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}
