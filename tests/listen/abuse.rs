//! The endpoint treated badly: the right answer, and it still answers others.

use std::{io::Write, sync::mpsc::channel, thread, time::Duration};

use super::{
    Listening,
    client::{Answer, ask, connect, get, is_cut, post, wait_for},
};

#[test]
fn idle_connections_keep_nobody_out() {
    let host = Listening::new("");
    let idle: Vec<_> = (0..200).map(|_| connect(host.address)).collect();
    for _ in 0..3 {
        assert_eq!(get(host.address, "/status").status, 200);
    }
    drop(idle);
}

#[test]
fn a_client_that_is_slow_with_its_head_is_cut_off_and_holds_nobody_up() {
    let host = Listening::new("");
    let mut slow = connect(host.address);
    slow.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").expect("a listener");
    let (done, is_done) = channel::<()>();
    let mut writer = slow.try_clone().expect("the same connection");
    let dripping = thread::spawn(move || {
        // A byte now and then, so that it is never quite idle.
        while is_done.recv_timeout(Duration::from_millis(50)).is_err() {
            if writer.write_all(b"x").is_err() {
                return;
            }
        }
    });
    assert_eq!(get(host.address, "/status").status, 200);
    assert!(is_cut(&mut slow));
    drop(done);
    dripping.join().expect("a slow client");
}

#[test]
fn a_head_of_ten_megabytes_is_too_large() {
    let host = Listening::new("");
    for head in ["GET / HTTP/1.1\r\nHost: localhost\r\nX-Big: ", "GET /"] {
        let mut stream = connect(host.address);
        let mut writer = stream.try_clone().expect("the same connection");
        let head = head.to_owned();
        let sending = thread::spawn(move || {
            let piece = vec![b'a'; 64 * 1024];
            let _ = writer.write_all(head.as_bytes());
            (0..160).take_while(|_| writer.write_all(&piece).is_ok()).count()
        });
        let answer = Answer::read(&mut stream);
        assert!([414, 431].contains(&answer.status), "{answer:?}");
        assert!(sending.join().expect("a sender") < 160, "it was not read to the end");
    }
    assert_eq!(get(host.address, "/status").status, 200);
}

#[test]
fn a_thousand_headers_are_too_many() {
    let host = Listening::new("");
    let headers: String = (0..1000).map(|n| format!("X-{n}: 1\r\n")).collect();
    let answer = ask(host.address, &format!("GET / HTTP/1.1\r\nHost: localhost\r\n{headers}"));
    assert_eq!(answer.status, 431);
}

#[test]
fn a_name_that_was_pointed_here_gets_nothing() {
    let host = Listening::new("");
    for (head, status) in [
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n", 403),
        ("GET /flame.json?seconds=3600 HTTP/1.1\r\nHost: evil.example:80\r\n", 403),
        ("POST /stop HTTP/1.1\r\nHost: evil.example\r\n", 403),
        ("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n", 403),
        ("GET / HTTP/1.1\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n", 400),
    ] {
        assert_eq!(ask(host.address, head).status, status, "{head}");
    }
    assert_eq!(get(host.address, "/status").json()["recording"], true);
}

#[test]
fn a_foreign_page_cannot_stop_the_recording() {
    let host = Listening::new("");
    let address = host.address;
    let post = |origin: &str| {
        let head = format!("POST /stop HTTP/1.1\r\nHost: {address}\r\nOrigin: {origin}\r\n");
        ask(address, &head).status
    };
    for origin in ["http://evil.example", "null", "http://localhost:1", "https://evil.example"] {
        assert_eq!(post(origin), 403, "{origin}");
    }
    assert_eq!(get(address, "/status").json()["recording"], true);
    assert_eq!(post(&format!("http://{address}")), 200);
    assert_eq!(get(address, "/status").json()["recording"], false);
}

#[test]
fn a_body_is_refused_unread() {
    let host = Listening::new("");
    for (method, framing) in [
        ("POST /stop", "Content-Length: 10000000000\r\n"),
        ("POST /stop", "Transfer-Encoding: chunked\r\n"),
        ("GET /status", "Content-Length: 5\r\n"),
    ] {
        let head = format!("{method} HTTP/1.1\r\nHost: {}\r\n{framing}", host.address);
        assert_eq!(ask(host.address, &head).status, 413, "{method} {framing}");
    }
    let empty = format!("POST /stop HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\n", host.address);
    assert_eq!(ask(host.address, &empty).status, 200);
}

#[test]
fn what_is_no_request_at_all_is_told_so() {
    let host = Listening::new("");
    assert_eq!(ask(host.address, "\u{16}\u{3}\u{1} hello\r\n").status, 400);
    assert_eq!(ask(host.address, "GET / HTTP/1.1\r\n: x\r\n").status, 400);
    assert_eq!(get(host.address, "/status").status, 200);
}

#[test]
fn a_client_that_leaves_frees_its_place() {
    let host = Listening::new("");
    let mut waits: Vec<_> =
        (0..16).map(|_| wait_for(host.address, "/flame.json?seconds=3600")).collect();
    let enough = |status| {
        // The others are on their way: ask until they have come, or left.
        loop {
            let answer = get(host.address, "/flame.json?seconds=0.01");
            if answer.status == status {
                return answer;
            }
            thread::yield_now();
        }
    };
    let refused = enough(503);
    assert_eq!(refused.header("retry-after"), Some("2"));
    assert!(refused.text().contains("too many"), "{}", refused.text());
    assert_eq!(get(host.address, "/flame.json").status, 200, "which is no wait");
    assert_eq!(post(host.address, "/stop").status, 200);
    waits.truncate(8);
    enough(200);
}

#[test]
fn a_program_whose_runtime_is_blocked_is_looked_at_all_the_same() {
    let host = Listening::new("");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (go, may_go) = channel::<()>();
    let (is_blocked, blocked) = channel();
    let dispatch = host.dispatch.clone();
    let stuck = thread::spawn(move || {
        tracing::dispatcher::with_default(&dispatch, || {
            runtime.block_on(async {
                let _span = tracing::info_span!("stuck").entered();
                is_blocked.send(()).expect("somebody who waits");
                may_go.recv().expect("somebody who lets go");
            });
        });
    });
    blocked.recv().expect("a blocked runtime");
    let answer = get(host.address, "/flame.folded?seconds=0.1");
    let text = answer.text();
    let is_stuck = |line: &str| line.starts_with("stuck ") || line.starts_with("stuck;[");
    assert!(!text.is_empty() && text.lines().all(is_stuck), "{answer:?}");
    go.send(()).expect("a blocked runtime");
    stuck.join().expect("it goes on");
}

#[test]
fn a_session_may_begin_and_end_within_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let host = Listening::new("");
        assert_eq!(get(host.address, "/status").status, 200);
        host.session.finish().expect("a picture");
    });
}
