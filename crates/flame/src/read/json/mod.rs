//! A profile from the JSON that the layer writes; see `docs/json.md`.

mod list;
mod operation;
mod schema;

use std::{
    io::Read,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::de::DeserializeOwned;
use tracing_flame_layer::{
    Profile,
    profile::{
        Anomalies, BlockedOn, Callsite, Class, ClassNode, FieldValues, Frame, HeatCell, HeatColumn,
        LiveThread, NodeId, Operation, Orphans, Reason, ReasonKind, Switches, ThreadNode,
        ThreadProfile, Window,
    },
};

use super::{Failure, bounds};
use crate::error::Bad;

/// What the layer's files call themselves.
const FORMAT: &str = "tracing-flame-layer profile";
/// The only version so far.
const VERSION: u64 = 1;

/// A profile, and what wrote it.
pub(super) fn read(reader: impl Read) -> Result<(Profile, Option<String>), Failure> {
    let bytes = all(reader)?;
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let head: schema::Head = parse(bytes)?;
    check(&head)?;
    Ok((build(parse(bytes)?)?.0, head.generator))
}

/// Whether a text is of one operation, as far as that can be told before it is read.
pub(super) fn is_operation(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    parse::<operation::Head>(bytes).is_ok_and(|head| head.is_operation())
}

/// One operation, as `GET /slowest/N.json` of the live page has it.
pub(super) fn read_operation(reader: impl Read) -> Result<Operation, Failure> {
    let bytes = all(reader)?;
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let head: operation::Head = parse(bytes)?;
    if !head.is_operation() {
        return Err(Bad::anywhere(
            "it is not of one operation; give what `GET /slowest/N.json` of the live page has",
        )
        .into());
    }
    let operation: operation::Operation = parse(bytes)?;
    check(&operation.head()?)?;
    Ok(operation.build()?)
}

fn all(reader: impl Read) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    reader.take(bounds::MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bounds::MOST_BYTES {
        let most = bounds::MOST_BYTES >> 20;
        return Err(Bad::anywhere(format!("larger than {most} MiB")).into());
    }
    Ok(bytes)
}

/// Refuses what is no profile, or of a version that is not known.
fn check(head: &schema::Head) -> Result<(), Bad> {
    if head.format.as_deref() != Some(FORMAT) {
        return Err(Bad::anywhere(format!(
            "it is JSON, but `format` is not `{FORMAT}`; give a file that was written with \
             `--flame-output <NAME>.json`"
        )));
    }
    if head.version != Some(VERSION) {
        let found = head.version.map_or("none".to_owned(), |version| version.to_string());
        return Err(Bad::anywhere(format!(
            "its schema has version {found}; this program reads version {VERSION}"
        )));
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Bad> {
    serde_json::from_slice(bytes).map_err(|error| {
        let text = error.to_string();
        // The line is told before the message, once.
        let why = text.rsplit_once(" at line ").map_or(&*text, |(why, _)| why);
        Bad::at(error.line() as u64, format!("column {}: {why}", error.column()))
    })
}

/// A profile, and its nodes by their places.
fn build(mut file: schema::File) -> Result<(Profile, Nodes), Bad> {
    let mut profile = Profile::new(window(&file.window)?);
    if file.states.as_ref().is_some_and(|states| !states.is_known()) {
        file.forget_states();
    }
    let callsites = callsites(file.callsites.0)?;
    let mut nodes = Nodes { ids: Vec::new(), heights: Vec::new() };
    for (place, node) in file.nodes.0.into_iter().enumerate() {
        nodes
            .push(&mut profile, &callsites, &node)
            .map_err(|why| Bad::anywhere(format!("node {place}: {why}")))?;
    }
    for root in file.named_operations.0 {
        profile.name_operation(nodes.root(root.node, "named operations")?);
    }
    if let Some(covered) = file.covered_nanos {
        profile.set_covered(covered);
    }
    for orphans in file.orphans.0 {
        profile.push_orphans(nodes.orphans(&orphans)?);
    }
    for class in file.classes.0 {
        profile.push_class(nodes.class(class)?);
    }
    profile.set_unclassified_operations(file.left_out_of_classes);
    for column in file.heatmap.0 {
        profile.push_heat_column(nodes.heat_column(column)?);
    }
    profile.set_left_out_of_heatmap(file.left_out_of_heatmap);
    let reasons = reasons(file.reasons.0)?;
    for blocked_on in file.blocked_on.0 {
        profile.push_blocked_on(nodes.blocked_on(&blocked_on, &reasons)?);
    }
    for thread in file.threads.0 {
        profile.push_thread(nodes.thread(thread)?);
    }
    for thread in file.live_threads.0 {
        profile.push_live(nodes.live(thread)?);
    }
    profile.set_so_far(file.so_far);
    profile.set_operations(file.operations);
    profile.set_anomalies(Anomalies::from(file.troubles));
    if let Some(source) = file.states {
        profile.set_states(source.into());
    }
    if let Some(flags) = file.recorded_with {
        profile.set_recorded_with(flags);
    }
    Ok((profile, nodes))
}

fn window(window: &schema::Window) -> Result<Window, Bad> {
    let nanos = window.start_unix_nanos;
    let distance = Duration::from_nanos(nanos.unsigned_abs());
    let start: Option<SystemTime> = match nanos {
        0.. => UNIX_EPOCH.checked_add(distance),
        _ => UNIX_EPOCH.checked_sub(distance),
    };
    let length = Duration::from_nanos(window.length_nanos);
    let start = start.ok_or_else(|| {
        Bad::anywhere(format!("`start_unix_nanos` {nanos} is not a time that this system knows"))
    })?;
    Ok(Window::new(start, length))
}

fn callsites(callsites: Vec<schema::Callsite>) -> Result<Vec<Arc<Callsite>>, Bad> {
    let checked = callsites.into_iter().enumerate().map(|(place, callsite)| {
        let texts = [Some(&callsite.name), Some(&callsite.target), callsite.file.as_ref()];
        if texts.into_iter().flatten().any(|text| text.len() > bounds::MOST_NAME) {
            let most = bounds::MOST_NAME;
            return Err(Bad::anywhere(format!(
                "callsite {place}: a name, target or file longer than {most} bytes"
            )));
        }
        let mut made = Callsite::new(callsite.name, callsite.target);
        made.file = callsite.file.map(Into::into);
        made.line = callsite.line;
        made.is_label = callsite.is_label;
        Ok(Arc::new(made))
    });
    checked.collect()
}

fn reasons(reasons: Vec<schema::Reason>) -> Result<Vec<Arc<Reason>>, Bad> {
    let checked = reasons.into_iter().enumerate().map(|(place, reason)| {
        let schema::Reason { kind, call, file } = reason;
        if [&call, &file].into_iter().flatten().any(|text| text.len() > bounds::MOST_NAME) {
            let most = bounds::MOST_NAME;
            return Err(Bad::anywhere(format!(
                "reason {place}: a call or file longer than {most} bytes"
            )));
        }
        let mut reason = Reason::new(ReasonKind::from_name(&kind));
        (reason.call, reason.file) = (call.map(Into::into), file.map(Into::into));
        Ok(Arc::new(reason))
    });
    checked.collect()
}

/// The nodes so far.
struct Nodes {
    ids: Vec<NodeId>,
    /// Of each node the frames of its stack, and the bytes of their names.
    heights: Vec<(u32, usize)>,
}

impl Nodes {
    fn push(
        &mut self,
        profile: &mut Profile,
        callsites: &[Arc<Callsite>],
        node: &schema::Node,
    ) -> Result<(), String> {
        let frame = frame(callsites, node)?;
        let (parent, (depth, bytes)) = match node.parent {
            None => (None, (0, 0)),
            Some(place) => {
                let place = self.place(place).ok_or_else(|| {
                    format!("its parent {place} is not before it; parents come before children")
                })?;
                (Some(self.ids[place]), self.heights[place])
            }
        };
        let height = (depth + 1, bytes + length(&frame) + 1);
        if height.0 > bounds::MOST_DEPTH || height.1 > bounds::MOST_LINE {
            let (deep, long) = (bounds::MOST_DEPTH, bounds::MOST_LINE);
            return Err(format!("its stack has more than {deep} frames, or {long} bytes of names"));
        }
        self.heights.push(height);
        let id = profile.push(parent, frame, node.into());
        profile.set_latencies(id, &node.histogram());
        self.ids.push(id);
        Ok(())
    }

    fn place(&self, place: u64) -> Option<usize> {
        usize::try_from(place).ok().filter(|&place| place < self.ids.len())
    }

    /// A node that was named, by whom a message says.
    fn named(&self, place: u64, by: &str) -> Result<NodeId, Bad> {
        let count = self.ids.len();
        self.place(place).map(|place| self.ids[place]).ok_or_else(|| {
            Bad::anywhere(format!("{by}: node {place} is none of the {count} there are"))
        })
    }

    fn root(&self, place: u64, by: &str) -> Result<NodeId, Bad> {
        let root = self.named(place, by)?;
        if self.heights[root.index()].0 > 1 {
            return Err(Bad::anywhere(format!("{by}: node {place} is not a root")));
        }
        Ok(root)
    }

    fn orphans(&self, orphans: &schema::Orphans) -> Result<Orphans, Bad> {
        let by = "orphans";
        let root = self.root(orphans.root, by)?;
        Ok(Orphans::new(root, self.named(orphans.waiting, by)?, orphans.count))
    }

    fn class(&self, class: schema::Class) -> Result<Class, Bad> {
        let by = "classes";
        if class.power > Class::HIGHEST {
            let (power, highest) = (class.power, Class::HIGHEST);
            return Err(Bad::anywhere(format!("{by}: 2^{power} is more than 2^{highest}")));
        }
        let part = |part: schema::ClassNode| {
            Ok(ClassNode::new(self.named(part.node, by)?, (&part).into()))
        };
        let mut read = Class::new(self.root(class.root, by)?, class.power);
        read.operations = class.operations;
        for (name, counted) in Switches::NAMES.iter().zip(&mut read.counted) {
            let buckets = class.counted.get(*name).into_iter().flat_map(|pairs| &pairs.0);
            *counted = buckets.copied().collect();
        }
        read.nodes = class.nodes.0.into_iter().map(part).collect::<Result<_, Bad>>()?;
        Ok(read)
    }

    fn heat_column(&self, column: schema::HeatColumn) -> Result<HeatColumn, Bad> {
        let (by, schema::HeatColumn { from_nanos: from, below_nanos: below, cells }) =
            ("heatmap", column);
        if below < from {
            let why = format!("{by}: a column from {from} ns on ends at {below} ns");
            return Err(Bad::anywhere(why));
        }
        let cell =
            |(root, most, operations)| Ok(HeatCell::new(self.root(root, by)?, most, operations));
        Ok(HeatColumn::new(from, below, cells.0.into_iter().map(cell).collect::<Result<_, Bad>>()?))
    }

    fn blocked_on(
        &self,
        blocked: &schema::BlockedOn,
        reasons: &[Arc<Reason>],
    ) -> Result<BlockedOn, Bad> {
        let by = "blocked_on";
        let node = self.named(blocked.node, by)?;
        let reason = usize::try_from(blocked.reason).ok().and_then(|place| reasons.get(place));
        let reason = reason.ok_or_else(|| {
            let (place, count) = (blocked.reason, reasons.len());
            Bad::anywhere(format!("{by}: reason {place} is none of the {count} there are"))
        })?;
        let mut read = BlockedOn::new(node, Arc::clone(reason));
        (read.wall_nanos, read.busy_nanos) = (blocked.wall_nanos, blocked.busy_nanos);
        Ok(read)
    }

    fn thread(&self, thread: schema::Thread) -> Result<ThreadProfile, Bad> {
        let by = by_thread(&thread.name)?;
        let share = |share: schema::Share| {
            let mut read = ThreadNode::new(self.named(share.node, &by)?);
            read.enters = share.enters;
            read.busy_nanos = share.busy_nanos;
            read.busy_states = share.busy_states.into();
            read.entered_nanos = share.entered_nanos;
            Ok(read)
        };
        let nodes = thread.nodes.0.into_iter().map(share).collect::<Result<_, Bad>>()?;
        Ok(ThreadProfile::new(thread.name, thread.threads, nodes))
    }

    fn live(&self, thread: schema::LiveThread) -> Result<LiveThread, Bad> {
        let innermost = self.named(thread.innermost, &by_thread(&thread.name)?)?;
        let mut read = LiveThread::new(thread.name, innermost);
        (read.open_nanos, read.cpu_nanos) = (thread.open_nanos, thread.cpu_nanos);
        Ok(read)
    }
}

fn frame(callsites: &[Arc<Callsite>], node: &schema::Node) -> Result<Frame, String> {
    let Some(place) = node.callsite else { return Ok(Frame::Truncated) };
    let callsite = usize::try_from(place).ok().and_then(|place| callsites.get(place));
    let callsite = Arc::clone(callsite.ok_or_else(|| {
        format!("its callsite {place} is none of the {} there are", callsites.len())
    })?);
    let fields = &node.fields.0;
    if fields.iter().any(|(field, value)| field.len().max(value.len()) > bounds::MOST_NAME) {
        return Err(format!("a field or value longer than {} bytes", bounds::MOST_NAME));
    }
    let values = match (node.other_fields, fields.is_empty()) {
        (true, _) => FieldValues::Others,
        (false, true) => return Ok(Frame::Span(callsite)),
        (false, false) => {
            let named = fields.iter().map(|(field, value)| (field.clone().into(), value.clone()));
            FieldValues::Known(named.collect())
        }
    };
    Ok(Frame::Fields(callsite, Arc::new(values)))
}

/// The bytes of what is written into a frame.
fn length(frame: &Frame) -> usize {
    let callsite =
        frame.callsite().map_or(0, |callsite| callsite.name.len() + callsite.target.len());
    let values = match frame.fields().map(|values| &**values) {
        Some(FieldValues::Known(values)) => values.iter().map(|(f, v)| f.len() + v.len() + 2).sum(),
        _ => 0,
    };
    callsite + values
}

/// What a message calls a thread.
fn by_thread(name: &str) -> Result<String, Bad> {
    if name.len() > bounds::MOST_NAME {
        let most = bounds::MOST_NAME;
        return Err(Bad::anywhere(format!("a thread's name is longer than {most} bytes")));
    }
    Ok(format!("thread {name:?}"))
}
