//! The runs of one side as one profile, for a picture.

use std::collections::HashMap;

use tracing_flame_layer::{
    Profile,
    profile::{Frame, Histogram, Measures, NodeId, Window},
};

/// The sum of some runs: of each stack all that was measured, of which operations divide it by
/// how many there were. What each thread did is left out.
///
/// `None` of none.
pub(crate) fn sum(runs: &[&Profile]) -> Option<Profile> {
    let first = runs.first()?;
    let mut places: HashMap<(Option<usize>, Frame), usize> = HashMap::new();
    let mut nodes: Vec<(Option<usize>, Frame, Measures, Histogram)> = Vec::new();
    let mut named: Vec<usize> = Vec::new();
    for run in runs {
        let mut ids: Vec<usize> = Vec::with_capacity(run.nodes().len());
        for node in run.nodes().iter() {
            let parent = node.parent.map(|parent| ids[parent.index()]);
            let place = *places.entry((parent, node.frame.clone())).or_insert(nodes.len());
            if place == nodes.len() {
                nodes.push((parent, node.frame.clone(), Measures::default(), Histogram::new()));
            }
            nodes[place].2.add(&node.measures);
            nodes[place].3.merge(&node.latencies);
            ids.push(place);
        }
        named.extend(run.named_operations().iter().map(|root| ids[root.index()]));
    }
    let length = runs.iter().map(|run| run.window().length).sum();
    let mut sum = Profile::new(Window { start: first.window().start, length });
    let mut ids: Vec<NodeId> = Vec::with_capacity(nodes.len());
    for (parent, frame, measures, latencies) in nodes {
        let id = sum.push(parent.map(|parent| ids[parent]), frame, measures);
        sum.set_latencies(id, &latencies);
        ids.push(id);
    }
    named.into_iter().for_each(|root| sum.name_operation(ids[root]));
    sum.set_operations(runs.iter().map(|run| run.operations()).fold(0, u64::saturating_add));
    if let Some(source) = first.states() {
        sum.set_states(source.clone());
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        time::{Duration, UNIX_EPOCH},
    };

    use tracing_flame_layer::profile::Callsite;

    use super::*;

    fn run(children: &[(&'static str, u64)]) -> Profile {
        let window = Window { start: UNIX_EPOCH, length: Duration::from_secs(1) };
        let mut profile = Profile::new(window);
        let span = |name| Frame::Span(Arc::new(Callsite::new(name, "target")));
        let took = |wall_nanos| Measures { started: 1, wall_nanos, ..Measures::default() };
        let root = profile.push(None, span("root"), took(1));
        for (name, nanos) in children {
            profile.push(Some(root), span(name), took(*nanos));
        }
        profile.name_operation(root);
        profile.set_operations(1);
        profile
    }

    #[test]
    fn stacks_of_any_run_are_there_once_with_all_that_was_measured() {
        let (one, two) = (run(&[("a", 5), ("b", 7)]), run(&[("c", 1), ("b", 2)]));
        let sum = sum(&[&one, &two]).expect("a sum");
        let found: Vec<(String, u64, u64)> = sum
            .nodes()
            .iter()
            .map(|node| {
                let name = node.frame.callsite().expect("a span").name.to_string();
                (name, node.measures.wall_nanos, node.measures.started)
            })
            .collect();
        let expected = [("root", 2, 2), ("a", 5, 1), ("b", 9, 2), ("c", 1, 1)];
        assert_eq!(found, expected.map(|(name, nanos, calls)| (name.to_owned(), nanos, calls)));
        assert_eq!((sum.operations(), sum.named_operations().len()), (2, 1));
        assert_eq!(sum.window().length, Duration::from_secs(2));
    }
}
