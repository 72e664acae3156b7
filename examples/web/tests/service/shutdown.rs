//! Interrupted while a response streams: with the flag everything ends as without it, and
//! there is a picture.

use std::{io::Read, os::unix::process::ExitStatusExt};

use libc::{SIGHUP, SIGINT, SIGTERM};

use super::{
    picture::routes,
    support::{Ended, FLAME, Service},
};

/// Interrupts a service while a response streams. Returns the rest of the response, if
/// it was completed.
fn interrupt(arguments: &[&str], signal: i32) -> (Ended, Option<String>) {
    let service = Service::start(arguments);
    let mut response = service.begin("/events");
    service.signal(signal);
    let mut rest = String::new();
    let read = response.read_to_string(&mut rest);
    // A response in chunks is complete where the chunk without length is.
    let completed = read.is_ok() && rest.ends_with("0\r\n\r\n");
    (service.wait(), completed.then_some(rest))
}

#[test]
fn an_interrupted_service_ends_as_it_would_have_and_leaves_a_picture() {
    for (shutdown, signal, code, completes) in [
        ("none", SIGINT, None, false),
        ("none", SIGTERM, None, false),
        ("none", SIGHUP, None, false),
        ("ctrl-c", SIGINT, Some(0), false),
        ("ctrl-c", SIGTERM, None, false),
        ("ctrl-c", SIGHUP, None, false),
        ("graceful", SIGINT, Some(0), true),
        ("graceful", SIGTERM, Some(0), true),
        ("graceful", SIGHUP, None, false),
    ] {
        let what = format!("{shutdown}, signal {signal}");
        let arguments = ["--shutdown", shutdown];
        let (plain, plain_rest) = interrupt(&arguments, signal);
        let (flamed, rest) = interrupt(&[&arguments[..], &FLAME].concat(), signal);
        assert_eq!(plain.status, flamed.status, "{what}");
        assert_eq!(plain_rest, rest, "{what}");
        assert_eq!(rest.is_some_and(|rest| rest.contains("ended\n")), completes, "{what}");
        assert_eq!(flamed.status.code(), code, "{what}");
        assert_eq!(flamed.status.signal(), code.is_none().then_some(signal), "{what}");
        let routes = routes(&flamed.read("web.json"));
        let route = &routes["request /events GET"];
        assert_eq!((route.calls, route.children["events"].calls), (1, 1), "{what}");
    }
}
