//! What a recording says, by name.

use std::collections::BTreeMap;

use serde_json::Value;

/// A frame at the bottom, and what stands on it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) calls: u64,
    /// By the name of each span that stands on it: its calls and all its time.
    pub(crate) children: BTreeMap<String, (u64, u64)>,
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
    let mut totals: Vec<u64> =
        nodes.iter().map(|node| number(node, "wall_nanos") + number(node, "await_nanos")).collect();
    for node in (0..nodes.len()).rev() {
        if let Some(parent) = parent(node) {
            totals[parent] += totals[node];
        }
    }
    let mut routes: BTreeMap<String, Route> = BTreeMap::new();
    for (node, total) in totals.into_iter().enumerate() {
        let calls = number(&nodes[node], "calls");
        match parent(node) {
            None => routes.entry(name(node)).or_default().calls += calls,
            Some(below) if parent(below).is_none() => {
                let route = routes.entry(name(below)).or_default();
                let (all_calls, all_time) = route.children.entry(name(node)).or_default();
                *all_calls += calls;
                *all_time += total;
            }
            Some(_) => {}
        }
    }
    routes
}
