//! One run: the self time of every stack, and how many operations each root had.

use std::{
    collections::{BTreeSet, HashMap},
    io::{self, Write},
};

use tracing_flame_layer::{
    Profile,
    profile::{Frame, Histogram, Measures, Window},
    render::Options,
};

use super::{state, tree::Tree};

/// One of the two runs.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(super) name: String,
    pub(crate) tree: Tree,
    /// For each label at the bottom, the operations that lived in the window.
    pub(crate) operations: HashMap<String, u64>,
    /// The labels of those that the user named operations, and of which there were any.
    pub(crate) named: BTreeSet<String>,
}

impl Run {
    /// Takes the frames that a picture of the profile would have, or of these only the time
    /// on a CPU.
    pub(crate) fn new(
        profile: &Profile,
        options: &Options,
        on_cpu: bool,
        name: String,
    ) -> io::Result<Self> {
        let mut tree = Tree::default();
        // What is compared is what is drawn, so it comes from the same writer.
        let mut lines = Lines::new(|stack, nanos| {
            if !(on_cpu && state::is_off_cpu(stack)) {
                tree.add(stack.split(';'), nanos);
            }
        });
        profile.write_folded(&mut lines, options)?;
        let operations = operations(profile, options)?;
        Ok(Self { name, tree, operations, named: named(profile, options)? })
    }

    /// Whether it took no time at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.tree.frames().iter().all(|frame| frame.own_nanos == 0)
    }
}

fn named(profile: &Profile, options: &Options) -> io::Result<BTreeSet<String>> {
    let roots = profile.named_operations().iter().map(|&root| profile.node(root));
    let lived = roots.filter(|root| root.lived() > 0);
    lived.map(|root| label(&root.frame, profile.window(), options)).collect()
}

fn operations(profile: &Profile, options: &Options) -> io::Result<HashMap<String, u64>> {
    let mut operations: HashMap<String, u64> = HashMap::new();
    for node in profile.nodes().iter().filter(|node| node.parent.is_none()) {
        if node.lived() > 0 {
            let count =
                operations.entry(label(&node.frame, profile.window(), options)?).or_default();
            *count = count.saturating_add(node.lived());
        }
    }
    Ok(operations)
}

/// For each label at the bottom how long its operations took, and the longest of them.
pub(crate) fn latencies(
    profile: &Profile,
    options: &Options,
) -> io::Result<HashMap<String, (Histogram, u64)>> {
    let mut all: HashMap<String, (Histogram, u64)> = HashMap::new();
    for node in profile.nodes().iter().filter(|node| node.parent.is_none()) {
        let label = label(&node.frame, profile.window(), options)?;
        let (latencies, longest) = all.entry(label).or_default();
        latencies.merge(&node.latencies);
        *longest = (*longest).max(node.measures.max_latency_nanos);
    }
    Ok(all)
}

/// What is written into a frame.
fn label(frame: &Frame, window: Window, options: &Options) -> io::Result<String> {
    let mut alone = Profile::new(window);
    let mut measures = Measures::default();
    (measures.wall_nanos, measures.busy_nanos) = (1, 1);
    alone.push(None, frame.clone(), measures);
    let mut label = String::new();
    alone.write_folded(&mut Lines::new(|stack, _| stack.clone_into(&mut label)), options)?;
    Ok(label)
}

/// Reads the layer's folded stacks while they are being written, so that they
/// are never in memory as a whole.
struct Lines<F> {
    begun: Vec<u8>,
    each: F,
}

impl<F: FnMut(&str, u64)> Lines<F> {
    fn new(each: F) -> Self {
        Self { begun: Vec::new(), each }
    }

    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        let (stack, nanos) = std::str::from_utf8(line)
            .ok()
            .and_then(|line| line.rsplit_once(' '))
            .and_then(|(stack, nanos)| Some((stack, nanos.parse().ok()?)))
            .ok_or_else(|| io::Error::other("a folded line without a weight"))?;
        (self.each)(stack, nanos);
        Ok(())
    }
}

impl<F: FnMut(&str, u64)> Write for Lines<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            self.begun.extend_from_slice(&rest[..end]);
            let mut line = std::mem::take(&mut self.begun);
            self.line(&line)?;
            line.clear();
            self.begun = line;
            rest = &rest[end + 1..];
        }
        self.begun.extend_from_slice(rest);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
