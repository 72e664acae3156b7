//! Folded stacks, `frame;frame;frame weight` on each line, whoever wrote them.
//!
//! Names come back as they were before they were made labels. What kind of
//! weight a file has it does not say: it is taken for wall-clock time, and
//! nothing else is known of a node.

use std::{
    collections::HashMap,
    io::{BufRead, Read},
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use tracing_flame_layer::{
    Profile,
    profile::{Callsite, Frame, Measures, NodeId, Window},
};

use super::{
    Failure, Unit, bounds,
    label::{self, Label},
};
use crate::error::Bad;

pub(super) fn read(mut reader: impl BufRead, unit: Unit) -> Result<Profile, Failure> {
    let mut stacks = Stacks::default();
    let mut bytes = Vec::new();
    let most = bounds::MOST_LINE as u64;
    for number in 1.. {
        bytes.clear();
        if reader.by_ref().take(most + 1).read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        let line = if bytes.len() > bounds::MOST_LINE {
            Err(format!("longer than {most} bytes"))
        } else {
            std::str::from_utf8(&bytes).map_err(|_| "not UTF-8 text".to_owned())
        };
        let line =
            line.map(|line| if number == 1 { line.trim_start_matches('\u{feff}') } else { line });
        line.and_then(|line| stacks.line(line, unit)).map_err(|why| Bad::at(number, why))?;
    }
    Ok(stacks.finish())
}

/// What comes before the first stack of a tree.
const BOTTOM: u32 = u32::MAX;
/// The name of what has none of its own: everything truncated.
const TRUNCATED: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Node {
    parent: u32,
    name: u32,
    weight: u64,
    awaited: u64,
}

#[derive(Default)]
struct Stacks {
    nodes: Vec<Node>,
    places: HashMap<(u32, u32), u32>,
    names: HashMap<Arc<str>, u32>,
    name_bytes: usize,
}

impl Stacks {
    fn line(&mut self, line: &str, unit: Unit) -> Result<(), String> {
        let line = line.trim();
        if line.is_empty() || line == "#" || line.starts_with("# ") {
            return Ok(());
        }
        let (stack, weight) = line.rsplit_once([' ', '\t']).ok_or_else(|| {
            format!("`{}` has no stack before a weight; {VALID}", shortened(line))
        })?;
        let weight: u64 = weight.parse().map_err(|_| {
            format!("the weight `{}` is not a whole number below 2^64; {VALID}", shortened(weight))
        })?;
        let nanos = unit
            .nanos(weight)
            .ok_or_else(|| format!("the weight {weight} of {unit} each is above 2^64 ns"))?;
        self.stack(stack.trim_end(), nanos)
    }

    fn stack(&mut self, stack: &str, nanos: u64) -> Result<(), String> {
        let mut at = BOTTOM;
        let mut labels = stack.split(';').peekable();
        let mut depth = 0;
        while let Some(text) = labels.next() {
            let name = match label::read(text) {
                Label::Await if at != BOTTOM && labels.peek().is_none() => {
                    let waiting = &mut self.nodes[at as usize].awaited;
                    *waiting = waiting.saturating_add(nanos);
                    return Ok(());
                }
                Label::Await => self.name("[await]")?,
                Label::Truncated => TRUNCATED,
                Label::Name(name) => self.name(&name)?,
            };
            depth += 1;
            if depth > bounds::MOST_DEPTH {
                return Err(format!("more than {} frames", bounds::MOST_DEPTH));
            }
            at = self.child(at, name)?;
        }
        // There is at least one frame: splitting gives one.
        let weight = &mut self.nodes[at as usize].weight;
        *weight = weight.saturating_add(nanos);
        Ok(())
    }

    fn name(&mut self, name: &str) -> Result<u32, String> {
        if let Some(&known) = self.names.get(name) {
            return Ok(known);
        }
        if name.len() > bounds::MOST_NAME {
            let start = shortened(name);
            return Err(format!("`{start}`: a name longer than {} bytes", bounds::MOST_NAME));
        }
        self.name_bytes += name.len();
        if self.name_bytes > bounds::MOST_NAMES {
            return Err(format!("more than {} bytes of distinct names", bounds::MOST_NAMES));
        }
        let id = u32::try_from(self.names.len()).unwrap_or(TRUNCATED);
        self.names.insert(name.into(), id);
        Ok(id)
    }

    fn child(&mut self, parent: u32, name: u32) -> Result<u32, String> {
        if let Some(&known) = self.places.get(&(parent, name)) {
            return Ok(known);
        }
        if self.nodes.len() == bounds::MOST_NODES {
            return Err(format!("more than {} distinct stacks so far", bounds::MOST_NODES));
        }
        let id = u32::try_from(self.nodes.len()).unwrap_or(BOTTOM);
        self.nodes.push(Node { parent, name, weight: 0, awaited: 0 });
        self.places.insert((parent, name), id);
        Ok(id)
    }

    fn finish(self) -> Profile {
        let mut names: Vec<(u32, Arc<str>)> =
            self.names.into_iter().map(|(name, id)| (id, name)).collect();
        names.sort_unstable_by_key(|(id, _)| *id);
        let frames: Vec<Frame> = names
            .into_iter()
            .map(|(_, name)| Frame::Span(Arc::new(Callsite::new(name.to_string(), ""))))
            .collect();
        let mut profile = Profile::new(Window { start: UNIX_EPOCH, length: Duration::ZERO });
        let mut ids: Vec<NodeId> = Vec::with_capacity(self.nodes.len());
        for node in self.nodes {
            let frame = frames.get(node.name as usize).cloned().unwrap_or(Frame::Truncated);
            let measures = Measures {
                wall_nanos: node.weight,
                await_nanos: node.awaited,
                ..Measures::default()
            };
            let parent = ids.get(node.parent as usize).copied();
            ids.push(profile.push(parent, frame, measures));
        }
        profile
    }
}

/// What a line must be.
const VALID: &str = "a line is `frame;frame;frame weight`";

/// As much of a text as a message has room for.
fn shortened(text: &str) -> String {
    let start: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    if text.chars().nth(40).is_some() { start + "…" } else { start }
}
