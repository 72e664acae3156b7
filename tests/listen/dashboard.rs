//! The dashboard for Grafana asks for what there is.

use std::collections::BTreeSet;

use serde_json::Value;
use tracing::{dispatcher::with_default, info_span};

use super::{Listening, client::get, openmetrics::Metrics};

const DASHBOARD: &str = include_str!("../../docs/grafana/flame.json");

/// What Prometheus and Grafana know besides: functions, labels of targets, words of the language.
const KNOWN: [&str; 14] = [
    "histogram_quantile",
    "sum",
    "by",
    "rate",
    "increase",
    "max",
    "instance",
    "le",
    "label_values",
    "__rate_interval",
    "runnable",
    "datasource",
    "flame",
    "e",
];

/// Every query of the panels and of the variables.
fn queries(dashboard: &Value) -> Vec<&str> {
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().expect("targets"));
    let variables = dashboard["templating"]["list"].as_array().expect("variables").iter();
    let of_panels = targets.map(|target| target["expr"].as_str().expect("a query"));
    of_panels.chain(variables.filter_map(|variable| variable["definition"].as_str())).collect()
}

fn words(query: &str) -> impl Iterator<Item = &str> {
    let words = query.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
}

#[test]
fn each_query_of_the_dashboard_names_metrics_and_labels_that_there_are() {
    let host = Listening::new("--flame-metrics work");
    with_default(&host.dispatch, || info_span!("work").in_scope(|| ()));
    let told = Metrics::read(get(host.address, "/metrics").text());
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("JSON");
    let queries = queries(&dashboard);
    assert!(queries.len() > 10, "{queries:?}");
    let mut asked = BTreeSet::new();
    for query in &queries {
        for word in words(query).filter(|word| !KNOWN.contains(word)) {
            let is_metric = !told.all(word).is_empty();
            assert!(is_metric || told.has_label(word), "{word} in {query}");
            asked.extend(is_metric.then_some(word));
        }
    }
    let families = told.types.keys().filter(|name| *name != "flame");
    for family in families {
        assert!(
            asked.iter().any(|name| name.starts_with(family.as_str())),
            "nobody asks for {family}"
        );
    }
}
