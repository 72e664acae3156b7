//! Under load from a client that counts: the picture's numbers are the client's and the
//! handlers' own.

use std::process::{Command, Stdio};

use libc::SIGTERM;

use super::{
    picture::{Child, Route, routes},
    support::{FLAME, Service, has},
};

/// A method, a path, what is answered, the route's frame, and the handler's.
const ROUTES: [[&str; 5]; 4] = [
    ["GET", "/users/7", "200", "request /users/{id} GET", "user"],
    ["POST", "/orders", "201", "request /orders POST", "create"],
    ["GET", "/reports/2024", "200", "request /reports/{year} GET", "report"],
    ["GET", "/exports", "504", "request /exports GET", "export"],
];
/// How often each is asked for, a multiple of how many ask at a time.
const REQUESTS: u64 = 300;
const AT_A_TIME: u64 = 10;

/// How many answers of a status `hey` counted.
fn answers(said: &str, status: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.trim_start().starts_with(&format!("[{status}]")))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// What a handler says of itself: its calls, and nanoseconds.
fn own(said: &str, handler: &str) -> (u64, u64) {
    let line = said.lines().find(|line| line.split(' ').next() == Some(handler));
    let mut words = line.unwrap_or_else(|| panic!("no `{handler}` in {said}")).split(' ').skip(1);
    let mut number = || words.next().and_then(|word| word.parse().ok()).expect("a number");
    (number(), number())
}

#[test]
fn under_load_counts_are_the_clients_and_times_the_handlers_own() {
    if !has("hey") {
        return;
    }
    let service = Service::start(&FLAME);
    // All routes at the same time.
    let clients = ROUTES.map(|[method, path, ..]| {
        let mut hey = Command::new("hey");
        hey.args(["-n", &REQUESTS.to_string(), "-c", &AT_A_TIME.to_string(), "-m", method]);
        hey.arg(format!("http://{}{path}", service.address));
        hey.stdout(Stdio::piped()).spawn().expect("a client")
    });
    let clients = clients.map(|client| client.wait_with_output().expect("a client that ends"));
    service.signal(SIGTERM);
    let ended = service.wait();
    assert_eq!(ended.status.code(), Some(0));

    let routes = routes(&ended.read("web.json"));
    let frames: Vec<_> = routes.keys().map(String::as_str).collect();
    let mut expected = ROUTES.map(|[.., frame, _]| frame);
    expected.sort_unstable();
    assert_eq!(frames, expected, "each route is a frame, and nothing else is at the bottom");
    for ([_, _, status, frame, handler], client) in ROUTES.into_iter().zip(clients) {
        let said = String::from_utf8_lossy(&client.stdout);
        assert_eq!(answers(&said, status), Some(REQUESTS), "{said}");
        let Route { calls, own: around, children } = &routes[frame];
        assert_eq!(*calls, REQUESTS, "{frame}");
        let child = children[handler];
        let (own_calls, watched) = own(&ended.out, handler);
        assert_eq!([child.calls, own_calls], [REQUESTS; 2], "{handler}");
        assert_agree(handler, &child, *around, watched);
    }
}

/// That a handler's time is what its own watch says, which runs within its span: within 1 %,
/// which is what two clocks may differ by and more, and what a thread without a CPU may have
/// spent between the watch and the span's edges. That is the frame's own time; and where a
/// poll of the request has begun and that of the handler has not, it is the request's.
fn assert_agree(handler: &str, child: &Child, around: u64, watched: u64) {
    let Child { own, total, .. } = *child;
    let clocks = watched / 100;
    let is_less = total <= watched + own + clocks;
    let is_more = watched <= total + around + clocks;
    assert!(is_less && is_more, "{handler}: {child:?} in {around} ns, {watched} by its own watch");
}
