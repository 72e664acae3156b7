//! What is served, and as what.

use tracing::{dispatcher::with_default, info_span};
use tracing_flame_layer::render::Format;

use super::{
    Listening,
    client::{Answer, ask, get},
};

fn worked() -> Listening {
    let host = Listening::new("");
    with_default(&host.dispatch, || info_span!("work").in_scope(|| ()));
    host
}

/// What every answer says about itself.
fn is_guarded(answer: &Answer) -> bool {
    answer.header("x-content-type-options") == Some("nosniff")
        && answer.header("cache-control") == Some("no-store")
        && answer.header("cross-origin-resource-policy") == Some("same-origin")
        && answer
            .header("content-security-policy")
            .is_some_and(|policy| policy.starts_with("default-src 'none'"))
}

#[test]
fn every_format_is_served_whole_and_for_a_window() {
    let host = worked();
    for format in Format::ALL {
        let path = format!("/flame{}", format.extension());
        for target in [path.clone(), format!("{path}?seconds=0.01"), format!("{path}?last=0.1")] {
            let answer = get(host.address, &target);
            assert_eq!(answer.status, 200, "{target}");
            assert!(is_guarded(&answer), "{target}: {answer:?}");
            let length = answer.header("content-length").and_then(|length| length.parse().ok());
            assert_eq!(length, Some(answer.body.len()), "{target}");
        }
    }
    let served = |path| {
        let answer = get(host.address, path);
        (answer.header("content-type").map(str::to_owned), answer.text().to_owned())
    };
    let (content_type, folded) = served("/flame.folded");
    assert_eq!(content_type.as_deref(), Some("text/plain; charset=utf-8"));
    assert!(folded.starts_with("work"), "{folded}");
    let (content_type, json) = served("/flame.json");
    assert_eq!(content_type.as_deref(), Some("application/json"));
    assert!(json.contains("\"work\""), "{json}");
    let (content_type, report) = served("/flame.html");
    assert_eq!(content_type.as_deref(), Some("text/html; charset=utf-8"));
    assert!(report.starts_with("<!doctype html>"), "{report}");
    let (content_type, svg) = served("/flame.svg");
    assert_eq!(content_type.as_deref(), Some("image/svg+xml"));
    assert!(
        roxmltree::Document::parse_with_options(
            &svg,
            roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() }
        )
        .is_ok()
    );
}

#[test]
fn a_weight_can_be_asked_for() {
    let host = worked();
    for (query, meaning) in [("", "wall-clock time"), ("?weight=busy", "thread time")] {
        let answer = get(host.address, &format!("/flame.txt{query}"));
        assert!(answer.text().contains(&format!("width = {meaning}")), "{}", answer.text());
    }
}

#[test]
fn a_profile_is_explained_in_words_and_for_programs() {
    let host = Listening::new("--flame-operation block --flame-slowest 2");
    with_default(&host.dispatch, || {
        info_span!("block", number = 7).in_scope(|| info_span!("work").in_scope(|| ()));
    });
    for target in ["/explain", "/explain?budget=100", "/explain?last=0.1", "/explain?seconds=0.01"]
    {
        let answer = get(host.address, target);
        assert!(answer.status == 200 && is_guarded(&answer), "{target}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(answer.text().contains("## Recorded"), "{target}: {}", answer.text());
        let words = answer.text().split_whitespace().count();
        assert!(words <= if target.contains("budget") { 100 } else { 1_500 }, "{target}: {words}");
    }
    let data = get(host.address, "/explain.json").json();
    assert_eq!(data["format"], "tracing-flame-layer explanation");
    assert!(data["findings"].as_array().is_some_and(|findings| !findings.is_empty()), "{data}");
    assert_eq!(get(host.address, "/explain?budget=99").status, 400);
}

#[test]
fn a_head_request_gets_the_headers_at_once_and_nothing_else() {
    let host = worked();
    let head = |target: &str| {
        let answer =
            ask(host.address, &format!("HEAD {target} HTTP/1.1\r\nHost: {}\r\n", host.address));
        assert!(answer.body.is_empty() && is_guarded(&answer), "{target}: {answer:?}");
        answer
    };
    for path in ["/", "/viewer.js", "/viewer.css", "/debug/pprof/"] {
        let (head, get) = (head(path), get(host.address, path));
        assert_eq!((head.status, get.status), (200, 200), "{path}");
        for name in ["content-type", "content-length", "content-security-policy"] {
            assert!(head.header(name).is_some(), "{path}: {name}");
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
    // An hour would be too long for this test.
    let profile = head("/flame.svg?seconds=3600");
    assert_eq!((profile.status, profile.header("content-type")), (200, Some("image/svg+xml")));
    assert_eq!(head("/flame.svg?seconds=0").status, 400);
    assert_eq!(head("/elsewhere").status, 404);
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let host = worked();
    for path in ["/", "/viewer.js", "/viewer.css", "/debug/pprof/", "/status"] {
        let answer = get(host.address, path);
        assert_eq!(answer.status, 200, "{path}");
        let text = answer.text().replace("http://www.w3.org/2000/svg", "");
        assert!(!text.contains("//") || !text.contains("http"), "{path}");
    }
    let policy = get(host.address, "/").header("content-security-policy").map(str::to_owned);
    let policy = policy.expect("a policy");
    assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
}

#[test]
fn the_index_lists_every_format() {
    let host = worked();
    let index = get(host.address, "/debug/pprof/");
    for format in Format::ALL {
        let link = format!("href=\"/flame{}\"", format.extension());
        assert!(index.text().contains(&link), "{link}");
    }
}

#[test]
fn a_path_or_method_that_is_not_there_is_named() {
    let host = worked();
    let status = |request: &str| {
        let answer = ask(host.address, &format!("{request} HTTP/1.1\r\nHost: localhost\r\n"));
        assert!(is_guarded(&answer), "{request}");
        let allowed = answer.header("allow").map(str::to_owned);
        (answer.status, allowed.unwrap_or_default())
    };
    assert_eq!(status("GET /elsewhere"), (404, String::new()));
    assert_eq!(status("GET /debug/pprof/heap"), (404, String::new()));
    assert_eq!(status("GET /stop"), (405, "POST".to_owned()));
    assert_eq!(status("HEAD /start"), (405, "POST".to_owned()));
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"] {
        assert_eq!(status(&format!("{method} /flame.svg")), (405, "GET, HEAD".to_owned()));
    }
}

#[test]
fn the_slowest_operations_are_listed_with_a_picture_each() {
    let host = Listening::new("--flame-operation block --flame-slowest 2");
    let list = || {
        let answer = get(host.address, "/slowest.json");
        assert!(answer.status == 200 && is_guarded(&answer), "{answer:?}");
        let list: serde_json::Value = serde_json::from_str(answer.text()).expect("JSON");
        list["operations"].as_array().expect("a list").clone()
    };
    assert_eq!(list(), Vec::<serde_json::Value>::new());
    with_default(&host.dispatch, || {
        for number in 1..=3 {
            info_span!("block", number).in_scope(|| info_span!("work").in_scope(|| ()));
        }
        info_span!("not one").in_scope(|| ());
    });
    let operations = list();
    assert_eq!(operations.len(), 2);
    assert!(operations[0]["nanos"].as_u64() >= operations[1]["nanos"].as_u64());
    for operation in &operations {
        let name = operation["name"].as_str().expect("a name");
        let picture = operation["picture"].as_str().expect("a path");
        let answer = get(host.address, &format!("/{picture}"));
        assert_eq!(answer.header("content-type"), Some("image/svg+xml"), "{answer:?}");
        assert!(name.starts_with("block{number="), "{name}");
        let data = get(host.address, &format!("/slowest/{}.json", operation["number"]));
        let data: serde_json::Value = serde_json::from_str(data.text()).expect("JSON");
        assert_eq!((&data["name"], &data["nanos"]), (&operation["name"], &operation["nanos"]));
        assert_eq!(data["profile"]["nodes"].as_array().map(Vec::len), Some(2));
        assert!(answer.text().contains(name) && answer.text().contains("work"));
        for (format, announced) in
            [(".perfetto-trace", "application/octet-stream"), (".trace.json", "application/json")]
        {
            let trace = get(host.address, &format!("/slowest/{}{format}", operation["number"]));
            assert_eq!(trace.header("content-type"), Some(announced), "{trace:?}");
            assert!(trace.body.windows(4).any(|four| four == b"work"), "{format}");
        }
    }
    assert_eq!(list(), operations);
    assert_eq!(get(host.address, "/slowest/999.svg").status, 404);
    assert_eq!(get(host.address, "/slowest/999.json").status, 404);
    assert_eq!(get(host.address, "/slowest/999.perfetto-trace").status, 404);
}
