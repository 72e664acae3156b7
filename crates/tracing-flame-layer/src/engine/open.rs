//! What is open at a moment, and where it is.

use std::collections::{HashMap, HashSet};

use super::{
    Engine, NodeId, OperationKey, ThreadKey,
    span::{Span, SpanKey},
    thread::Frame,
};

/// An operation that lives.
#[derive(Debug)]
pub(crate) struct OpenNow {
    pub(crate) root: NodeId,
    /// Whether the user named it an operation.
    pub(crate) is_named: bool,
    /// Ticks at its first enter.
    pub(crate) begun: u64,
    /// The root's fields, where it is followed.
    pub(crate) fields: Vec<(&'static str, String)>,
    /// Threads that are in it: the innermost span of it, and when that was entered first.
    pub(crate) threads: Vec<(ThreadKey, NodeId, u64)>,
    /// What it awaits: spans that are entered nowhere and have none such below, and when they
    /// were entered first.
    pub(crate) awaited: Vec<(NodeId, u64)>,
    /// How many threads and spans more there are.
    pub(crate) left_out: u64,
}

/// How many threads, and how many awaited spans, are told of an operation.
const MOST: usize = 32;

impl Engine {
    /// The operations that live, those that began first at first; at most so many.
    ///
    /// What is held in all its spans is left out: it may have ended.
    pub(crate) fn open_now(&mut self, most: usize) -> Vec<OpenNow> {
        self.release_loose();
        for thread in self.threads.all_keys() {
            self.leave_chain(thread);
        }
        let roles = &self.settings.roles;
        let named = self.tree.operations(|metadata| roles.are_operations(metadata));
        let mut keys: Vec<OperationKey> = self.operations.all_keys().collect();
        keys.retain(|key| self.operations[*key].lives && !self.operations[*key].is_held());
        keys.sort_by_key(|key| self.operations[*key].begun);
        keys.truncate(most);
        let places: HashMap<usize, usize> =
            keys.iter().enumerate().map(|(place, key)| (key.index(), place)).collect();
        let mut open: Vec<OpenNow> = keys
            .iter()
            .map(|key| {
                let operation = &self.operations[*key];
                let fields = operation.capture.as_ref().map(|capture| capture.fields.clone());
                OpenNow {
                    root: operation.root,
                    is_named: named.contains(&operation.root),
                    begun: operation.begun,
                    fields: fields.unwrap_or_default(),
                    threads: Vec::new(),
                    awaited: Vec::new(),
                    left_out: 0,
                }
            })
            .collect();
        for (operation, thread, node, since) in self.innermost() {
            if let Some(place) = places.get(&operation.index()) {
                put(&mut open[*place], |open| &mut open.threads, (thread, node, since));
            }
        }
        for (operation, node, since) in self.awaited() {
            if let Some(place) = places.get(&operation.index()) {
                put(&mut open[*place], |open| &mut open.awaited, (node, since));
            }
        }
        open
    }

    pub(crate) fn thread_name(&self, thread: ThreadKey) -> &str {
        &self.names[self.threads[thread].name.index()].text
    }

    /// The innermost span of each operation on each thread.
    fn innermost(&mut self) -> Vec<(OperationKey, ThreadKey, NodeId, u64)> {
        let mut found = Vec::new();
        for thread in self.threads.all_keys() {
            let mut seen = HashSet::new();
            let frames = self.threads[thread].stack.frames().iter().rev();
            for key in frames.filter_map(Frame::recorded) {
                let Span { operation, node, started, .. } = self.spans[key];
                if seen.insert(operation.index()) {
                    found.push((operation, thread, node, started));
                }
            }
        }
        found
    }

    /// Spans that are pending, and have no pending one below.
    fn awaited(&mut self) -> Vec<(OperationKey, NodeId, u64)> {
        let all: Vec<SpanKey> = self.spans.all_keys().collect();
        let is_pending = |span: &Span| {
            !span.is_clear
                && !span.is_closed
                && !span.is_held()
                && span.has_started()
                && span.entered == 0
        };
        let pending = all.into_iter().filter(|key| is_pending(&self.spans[*key]));
        let pending: Vec<SpanKey> = pending.collect();
        let mut above: HashSet<usize> = HashSet::new();
        for key in &pending {
            let mut parent = self.spans[*key].parent;
            // Whatever is above one that was seen was seen with it.
            while let Some(key) = parent.filter(|key| above.insert(key.index())) {
                parent = self.spans[key].parent;
            }
        }
        let leaves = pending.iter().filter(|key| !above.contains(&key.index()));
        let told = leaves.map(|key| {
            let Span { operation, node, started, .. } = self.spans[*key];
            (operation, node, started)
        });
        told.collect()
    }
}

/// Adds one, or counts it where there are many.
fn put<T>(open: &mut OpenNow, of: impl Fn(&mut OpenNow) -> &mut Vec<T>, one: T) {
    if of(open).len() < MOST { of(open).push(one) } else { open.left_out += 1 }
}
