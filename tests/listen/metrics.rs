//! What Prometheus reads.

use serde_json::Value;
use tracing::{dispatcher::with_default, info_span};

use super::{Listening, client::get, openmetrics::Metrics, start};

fn metrics(host: &Listening) -> Metrics {
    let answer = get(host.address, "/metrics");
    assert_eq!(answer.status, 200, "{answer:?}");
    let announced = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.header("content-type"), Some(announced));
    Metrics::read(answer.text())
}

/// The nodes of a name in the JSON, and what is above each.
fn nodes(host: &Listening, name: &str) -> Vec<Value> {
    let profile = get(host.address, "/flame.json").json();
    let callsites = profile["callsites"].as_array().expect("callsites").clone();
    let nodes = profile["nodes"].as_array().expect("nodes").iter();
    let is_it =
        |node: &&Value| callsites[node["callsite"].as_u64().unwrap() as usize]["name"] == name;
    nodes.filter(is_it).cloned().collect()
}

fn sum(nodes: &[Value], key: &str) -> u64 {
    nodes.iter().map(|node| node[key].as_u64().expect("a number")).sum()
}

/// How many calls took no longer than so many seconds, by the latencies in the JSON.
fn within(nodes: &[Value], bound: &str) -> u64 {
    let seconds: f64 = bound.replace("+Inf", "inf").parse().expect("a bound");
    let nanos = (seconds * 1e9).round();
    let latencies = nodes.iter().flat_map(|node| node["latencies"].as_array().expect("a list"));
    let within = latencies.filter(|pair| pair[0].as_f64().expect("an edge") <= nanos);
    within.map(|pair| pair[1].as_u64().expect("calls")).sum()
}

/// Whether seconds, which are read as a double, are so many nanoseconds.
fn is_nanos(seconds: f64, nanos: u64) -> bool {
    (seconds * 1e9).round() as u64 == nanos
}

#[test]
fn histograms_are_the_latencies_of_the_json() {
    let host = Listening::new("--flame-operation block --flame-metrics commit,elsewhere::load");
    with_default(&host.dispatch, || {
        for _ in 0..50 {
            info_span!("block").in_scope(|| {
                info_span!("commit").in_scope(|| std::hint::black_box(vec![0_u8; 10_000]));
                info_span!("load").in_scope(|| info_span!("commit").in_scope(|| ()));
                info_span!(target: "elsewhere", "load").in_scope(|| ());
            });
        }
    });
    let told = metrics(&host);
    let families = [
        ("operation", "block", nodes(&host, "block"), 50.0),
        ("span", "commit", nodes(&host, "commit"), 100.0),
    ];
    for (kind, name, nodes, calls) in families {
        let family = format!("flame_{kind}_latency_seconds");
        let mut buckets = 0;
        for (labels, count) in told.all(&format!("{family}_bucket")) {
            if labels[0].1 != name {
                continue;
            }
            assert_eq!(count as u64, within(&nodes, &labels[1].1), "{labels:?}");
            buckets += 1;
        }
        assert_eq!(buckets, 28, "{name}");
        assert_eq!(told.get(&format!("{family}_count"), &[(kind, name)]), Some(calls));
        let seconds = told.get(&format!("{family}_sum"), &[(kind, name)]).expect("a sum");
        assert!(is_nanos(seconds, sum(&nodes, "latency_nanos")), "{name}: {seconds}");
    }
    let chosen = told.get("flame_span_latency_seconds_count", &[("span", "elsewhere::load")]);
    assert_eq!(chosen, Some(50.0), "the other target's are not among them");
}

#[test]
fn times_by_state_add_up_to_the_widths() {
    let host = Listening::new("--flame-metrics commit");
    with_default(&host.dispatch, || {
        info_span!("block").in_scope(|| {
            info_span!("commit").in_scope(std::thread::yield_now);
        });
    });
    let told = metrics(&host);
    let (block, commit) = (nodes(&host, "block"), nodes(&host, "commit"));
    let width = |nodes: &[Value]| sum(nodes, "wall_nanos") + sum(nodes, "await_nanos");
    for (kind, name, nanos) in
        [("operation", "block", width(&block) + width(&commit)), ("span", "commit", width(&commit))]
    {
        let states = told.all(&format!("flame_{kind}_seconds_total"));
        let states: Vec<f64> = states
            .into_iter()
            .filter(|(labels, _)| labels[0].1 == name)
            .map(|(_, seconds)| seconds)
            .collect();
        assert_eq!(states.len(), 11, "{name}");
        assert!(is_nanos(states.iter().sum(), nanos), "{name}: {states:?} {nanos}");
    }
}

#[test]
fn a_call_that_goes_on_is_in_no_bucket_and_counters_do_not_go_back() {
    let host = Listening::new("--flame-metrics work");
    let count = |told: &Metrics| told.get("flame_span_latency_seconds_count", &[("span", "work")]);
    let none = metrics(&host);
    assert_eq!(count(&none), Some(0.0), "a span that was chosen has a series from the start");
    let span = with_default(&host.dispatch, || info_span!("work"));
    let entered = span.enter();
    let open = metrics(&host);
    assert_eq!(count(&open), Some(0.0));
    assert_eq!(nodes(&host, "work")[0]["latencies"].as_array().map(Vec::len), Some(1));
    drop(entered);
    drop(span);
    let ended = metrics(&host);
    assert_eq!(count(&ended), Some(1.0));
    for (later, earlier) in [(&open, &none), (&ended, &open)] {
        assert_eq!(later.gone_back(earlier), Vec::<String>::new());
    }
}

/// Makes a root of each name.
macro_rules! roots {
    ($($name:literal)*) => { $( info_span!($name).in_scope(|| ()); )* };
}

#[test]
fn series_are_bounded_and_what_has_none_is_counted() {
    let host = Listening::new("--flame-operation last");
    with_default(&host.dispatch, || {
        roots!("a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s");
    });
    let few = metrics(&host);
    assert_eq!(few.get("flame_omitted_operations", &[]), Some(0.0));
    with_default(&host.dispatch, || {
        roots!("a2" "b2" "c2" "d2" "e2" "f2" "g2" "h2" "i2" "j2" "k2" "l2" "m2" "n2" "o2" "p2");
        roots!("last" "he said \"so\\\"");
    });
    let many = metrics(&host);
    assert_eq!(many.get("flame_omitted_operations", &[]), Some(4.0));
    let names = many.all("flame_operation_latency_seconds_count");
    assert_eq!(names.len(), 33, "32 that nobody named, and the one that was");
    let last = many.get("flame_operation_latency_seconds_count", &[("operation", "last")]);
    assert_eq!(last, Some(1.0), "what was named has room of its own");
    assert_eq!(many.gone_back(&few), Vec::<String>::new());
    assert!(many.len() < 33 * 45 + 20, "{}", many.len());
}

#[test]
fn names_may_have_any_characters() {
    let host = Listening::new("");
    with_default(&host.dispatch, || {
        roots!("he said \"so\\\" {a=\"b\"}\n# EOF");
    });
    let told = metrics(&host);
    let name = "he said \"so\\\" {a=\"b\"} # EOF";
    let count = told.get("flame_operation_latency_seconds_count", &[("operation", name)]);
    assert_eq!(count, Some(1.0), "{told:?}");
}

#[test]
fn what_has_no_metrics_is_refused() {
    let why = |flags: &str| start(flags).0.expect_err(flags).to_string();
    assert!(why("--flame-metrics a").contains("`--flame-metrics` needs `--flame-listen`"));
    let many: Vec<String> = (0..65).map(|number| format!("s{number}")).collect();
    let many = why(&format!("--flame-listen 0 --flame-metrics {}", many.join(",")));
    assert!(many.contains("names 65 spans; name 64 at the most"), "{many}");
}
