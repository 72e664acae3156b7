//! From the session's start to its end.

use std::{fs, net::TcpListener};

use tracing::{Span, dispatcher::with_default, info_span};

use super::{
    Listening,
    client::{ask, connect, get, is_cut, post, wait_for},
    start,
};

#[test]
fn the_session_says_where_it_listens_and_gives_the_port_back_at_its_end() {
    let Listening { session, address, lines, directory: _keep, .. } = Listening::new("");
    assert!(address.ip().is_loopback() && address.port() != 0, "{address}");
    assert!(lines.recv().expect("a line").starts_with("recording "));
    let line = lines.recv().expect("a line");
    assert_eq!(line, format!("live at http://{address}/ until shutdown"));
    let mut idle = connect(address);
    let mut waiting = wait_for(address, "/flame.json?seconds=3600");
    session.finish().expect("a picture");
    assert!(is_cut(&mut idle) && is_cut(&mut waiting));
    TcpListener::bind(address).expect("a port that is free again");
}

#[test]
fn an_address_that_is_taken_is_named_before_anything_starts() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let (session, lines, _directory) = start(&format!("--flame-listen {}", address.port()));
    let why = session.expect_err("it is taken").to_string();
    assert!(why.starts_with(&format!("cannot listen on `--flame-listen {address}`: ")), "{why}");
    assert_eq!(lines.iter().count(), 0, "nothing was begun");
}

#[test]
fn an_address_for_other_machines_is_warned_of() {
    let (session, lines, _directory) = start("--flame-listen 0.0.0.0:0");
    let _session = session.expect("a session");
    lines.recv().expect("the first line");
    let line = lines.recv().expect("a line");
    assert!(line.contains("0.0.0.0") && line.contains("warning: whoever can reach"), "{line}");
}

#[test]
fn hosts_to_answer_to_mean_nothing_without_an_address() {
    let (session, ..) = start("--flame-allow-host reth.example");
    let why = session.expect_err("no address").to_string();
    assert!(why.contains("`--flame-allow-host` needs `--flame-listen`"), "{why}");
}

#[test]
fn recording_goes_on_for_the_page_when_the_window_has_been_written() {
    let host = Listening::new("--flame-duration 0.05");
    with_default(&host.dispatch, || info_span!("within").in_scope(|| ()));
    let lines = host.lines.iter().take(3).last().expect("three lines");
    assert!(lines.starts_with("wrote "), "{lines}");
    with_default(&host.dispatch, || info_span!("after").in_scope(|| ()));
    let folded = get(host.address, "/flame.folded");
    assert!(folded.text().contains("after"), "{}", folded.text());
    let Listening { session, directory, .. } = host;
    let flame = session.flame().expect("a session that is on");
    assert!(flame.is_recording());
    session.finish().expect("a picture");
    flame.start();
    assert!(!flame.is_recording(), "the host is rid of the layer");
    let written = fs::read_to_string(directory.path().join("spans.folded")).expect("a picture");
    assert!(!written.contains("after"), "{written}");
}

#[test]
fn recording_is_stopped_and_started_by_a_post() {
    let host = Listening::new("");
    let call = |span: fn() -> Span| with_default(&host.dispatch, || span().in_scope(|| ()));
    let is_recording = |answer: &super::client::Answer| answer.json()["recording"].as_bool();
    call(|| info_span!("before"));
    assert_eq!(is_recording(&post(host.address, "/stop")), Some(false));
    assert_eq!(is_recording(&post(host.address, "/stop")), Some(false), "it is already");
    call(|| info_span!("while"));
    for path in ["/flame.svg?seconds=0.01", "/flame.json", "/"] {
        assert_eq!(get(host.address, path).status, 200, "{path}");
    }
    assert_eq!(is_recording(&get(host.address, "/status")), Some(false));
    assert_eq!(is_recording(&post(host.address, "/start")), Some(true));
    call(|| info_span!("after"));
    let folded = get(host.address, "/flame.folded");
    let folded = folded.text();
    assert!(folded.contains("before") && folded.contains("after"), "{folded}");
    assert!(!folded.contains("while"), "{folded}");
}

#[test]
fn a_listed_name_is_answered_to() {
    let host = Listening::new("--flame-allow-host reth.example,node --flame-allow-host three");
    let status =
        |name: &str| ask(host.address, &format!("GET /status HTTP/1.1\r\nHost: {name}\r\n")).status;
    for name in ["reth.example", "node:9060", "three", "localhost", "127.0.0.1", "[::1]:1"] {
        assert_eq!(status(name), 200, "{name}");
    }
    assert_eq!(status("other.example"), 403);
}
