//! The endpoint of a process that is treated badly.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::support::{Bench, Started};

/// Kilobytes by which the process may grow while it is treated badly: what its
/// threads and its allocator keep.
const GROWTH: u64 = 16 * 1024;
/// After so long without an answer a test is taken to hang, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(1_800);

fn start(bench: &Bench) -> (Started, SocketAddr) {
    let mut program = bench.start("--flame --flame-listen 0 --flame-output out.folded serve");
    assert!(program.line().contains("recording"));
    let line = program.line();
    let address = line.split_once("http://").and_then(|(_, rest)| rest.split_once('/'));
    let address = address.and_then(|(address, _)| address.parse().ok());
    (program, address.unwrap_or_else(|| panic!("no address: {line}")))
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("somebody who listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
    stream.set_write_timeout(Some(PATIENCE)).expect("a limit");
    stream
}

/// The status line of an answer; empty where the connection was closed instead.
fn ask(address: SocketAddr, head: &str) -> String {
    let mut stream = connect(address);
    let _ = stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes());
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).lines().next().unwrap_or_default().to_owned()
}

/// What the process has in memory, in kilobytes.
fn resident(program: &Started) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", program.child.id()));
    let status = status.expect("a process that runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn bad_clients_cost_no_memory_and_the_program_goes_on() {
    let bench = Bench::new();
    let (mut program, address) = start(&bench);
    program.greet("Ada");
    let ok = "HTTP/1.1 200 OK";
    let get = format!("GET /flame.svg HTTP/1.1\r\nHost: {address}");
    assert_eq!(ask(address, &get), ok);
    let before = resident(&program);
    let large = format!("GET / HTTP/1.1\r\nHost: {address}\r\nX: {}", "a".repeat(10 << 20));
    for _ in 0..3 {
        let idle: Vec<_> = (0..200).map(|_| connect(address)).collect();
        let left: Vec<_> = (0..40).map(|_| connect(address)).collect();
        for mut stream in left {
            let wait = format!("GET /flame.svg?seconds=1e3 HTTP/1.1\r\nHost: {address}\r\n\r\n");
            let _ = stream.write_all(wait.as_bytes());
        }
        let status = ask(address, &large);
        assert!(status.is_empty() || status.starts_with("HTTP/1.1 431"), "{status}");
        assert!(ask(address, "GET / HTTP/1.1\r\nHost: evil.example").ends_with("403 Forbidden"));
        assert_eq!(ask(address, &get), ok);
        drop(idle);
        program.greet("Grace");
    }
    let grown = resident(&program).saturating_sub(before);
    assert!(grown < GROWTH, "{grown} kB");
    let said = program.end();
    assert!(said.status.success(), "{}", said.err);
}
