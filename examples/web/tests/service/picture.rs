//! What a recording says, by name.

use std::collections::BTreeMap;

use serde_json::Value;

/// A frame at the bottom, and what stands on it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) calls: u64,
    /// Nanoseconds of its own.
    pub(crate) own: u64,
    /// By the name of each span that stands on it.
    pub(crate) children: BTreeMap<String, Child>,
}

/// A frame on a route's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Child {
    pub(crate) calls: u64,
    /// Nanoseconds of its own, and of all that stands on it too.
    pub(crate) own: u64,
    pub(crate) total: u64,
}

/// The towers of a recording, by the frame at the bottom.
pub(crate) fn routes(recording: &str) -> BTreeMap<String, Route> {
    let recording: Value = serde_json::from_str(recording).expect("a whole recording");
    let nodes = recording["nodes"].as_array().expect("nodes");
    let number = |node: &Value, key: &str| node[key].as_u64().expect("a number");
    let parent = |node: usize| nodes[node]["parent"].as_u64().map(|parent| parent as usize);
    let name = |node: usize| {
        let callsite = nodes[node]["callsite"].as_u64().expect("a callsite") as usize;
        let name = recording["callsites"][callsite]["name"].as_str().expect("a name");
        let fields = nodes[node]["fields"].as_array().into_iter().flatten();
        let fields: Vec<&str> = fields.filter_map(|field| field[1].as_str()).collect();
        if fields.is_empty() { name.to_owned() } else { format!("{name} {}", fields.join(" ")) }
    };
    let own = |node: &Value| number(node, "wall_nanos") + number(node, "await_nanos");
    let mut totals: Vec<u64> = nodes.iter().map(own).collect();
    for node in (0..nodes.len()).rev() {
        if let Some(parent) = parent(node) {
            totals[parent] += totals[node];
        }
    }
    let mut routes: BTreeMap<String, Route> = BTreeMap::new();
    for (node, total) in totals.into_iter().enumerate() {
        let calls = number(&nodes[node], "calls");
        match parent(node) {
            None => {
                let route = routes.entry(name(node)).or_default();
                route.calls += calls;
                route.own += own(&nodes[node]);
            }
            Some(below) if parent(below).is_none() => {
                let route = routes.entry(name(below)).or_default();
                let child = route.children.entry(name(node)).or_default();
                child.calls += calls;
                child.own += own(&nodes[node]);
                child.total += total;
            }
            Some(_) => {}
        }
    }
    routes
}
