//! What is open, from ticks to nanoseconds.

use std::time::{Duration, SystemTime};

use crate::{
    Clock,
    collector::OpenThreadNow,
    engine::OpenNow,
    profile::{OpenKey, OpenOperation, OpenSpan, OpenThread, ThreadState},
    tally::{NodeId, Paths, Step},
};

/// An open operation at a moment, in ticks, which is now.
pub(crate) fn scale_open(
    (open, threads): (OpenNow, Vec<OpenThreadNow>),
    paths: &Paths,
    at: u64,
    clock: &Clock,
) -> OpenOperation {
    let since = |ticks: u64| clock.nanos(at.saturating_sub(ticks));
    let span = |node, ticks| OpenSpan { stack: stack(paths, node), nanos: since(ticks) };
    let OpenNow { root, is_named, begun, fields, threads: places, awaited, left_out } = open;
    let now = SystemTime::now();
    let nanos = since(begun);
    OpenOperation {
        name: stack(paths, root).pop().unwrap_or_default(),
        is_named,
        fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        start: now.checked_sub(Duration::from_nanos(nanos)).unwrap_or(now),
        nanos,
        threads: places
            .into_iter()
            .zip(threads)
            .map(|((_, node, ticks), (name, sleeps))| OpenThread {
                name: name.into(),
                state: match sleeps {
                    Some(true) => ThreadState::Blocked,
                    Some(false) => ThreadState::Ready,
                    None => ThreadState::Unknown,
                },
                span: span(node, ticks),
            })
            .collect(),
        awaited: awaited.into_iter().map(|(node, ticks)| span(node, ticks)).collect(),
        omitted: left_out,
        key: OpenKey { begun, root: root.0 },
    }
}

/// The names from the root down to a node.
fn stack(paths: &Paths, node: NodeId) -> Vec<String> {
    let parent = |node: &NodeId| paths.get(*node).and_then(|path| path.parent);
    let names = std::iter::successors(Some(node), parent).map(|node| {
        match paths.get(node).map(|path| &path.step) {
            Some(Step::Span(metadata, Some(values))) => format!("{}{values}", metadata.name()),
            Some(Step::Span(metadata, None)) => metadata.name().to_owned(),
            Some(Step::Truncated) | None => "[truncated]".to_owned(),
        }
    });
    let mut names: Vec<String> = names.collect();
    names.reverse();
    names
}
