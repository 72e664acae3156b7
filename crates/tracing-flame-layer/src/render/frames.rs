//! A profile as the boxes of a picture.
//!
//! A profile keeps a node for each stack of callsites. What a reader sees are
//! frames: nodes of one label under one parent are one frame, pending time is a
//! child `[await]` of its own, what threads waited in it are children too, and under [`Options::threads`] every thread name
//! is the bottom of a tower. Every format writes the same [`Frames`], so they
//! cannot disagree.
//!
//! ```text
//! Profile::nodes                     Frames::all, in drawing order
//!   0 request  (a.rs)                  request            depth 0
//!   1   parse  (a.rs)    parent 0        db               depth 1
//!   2   db     (b.rs)    parent 0          [await]        depth 2
//!   3   parse  (c.rs)    parent 0        parse  (1 and 3) depth 1
//! ```

use std::{collections::BTreeMap, fmt};

use crate::{
    Profile,
    profile::{BlockedOn, Callsite, Histogram, Reason, StateSource, Switches},
};

use super::{
    Options, Weight,
    human::Nanos,
    label::{LabelId, Labels},
    merge::{Entries, Entry},
    order::{Rows, in_order},
    state::{Parts, State},
};

/// What a frame stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Spans of one label.
    Span,
    /// The time in which spans of the parent frame were in a state.
    State(State),
    /// Spans beyond the recorder's bounds.
    Truncated,
    /// The threads of one name.
    Thread,
}

/// One box of the picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    pub(crate) label: LabelId,
    pub(crate) kind: Kind,
    /// How many frames are below it.
    pub(crate) depth: u32,
    /// The place in [`Frames::all`] of the frame below it.
    pub(crate) parent: Option<u32>,
    /// The number of the frames that are made of entries of their own before it; of
    /// a state, that of its parent.
    pub(crate) group: u32,
    pub(crate) self_nanos: u64,
    pub(crate) total_nanos: u64,
}

/// What was measured at a frame, added up over the nodes it was made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Spans created; not known for a thread's share of a node.
    pub(crate) calls: Option<u64>,
    pub(crate) started: u64,
    pub(crate) enters: u64,
    pub(crate) entered_nanos: u64,
    pub(crate) latency_nanos: u64,
    pub(crate) max_latency_nanos: u64,
    pub(crate) max_is_bound: bool,
    pub(crate) queued_nanos: u64,
    pub(crate) max_queued_nanos: u64,
    pub(crate) switches: Switches,
    pub(crate) latencies: Histogram,
}

impl Tally {
    /// The mean latency, once anything was entered.
    pub(crate) fn mean_nanos(&self) -> Option<u64> {
        self.latency_nanos.checked_div(self.started)
    }

    /// The mean time from creation to first enter, where it was measured.
    pub(crate) fn mean_queued_nanos(&self) -> Option<u64> {
        self.queued_nanos.checked_div(self.started).filter(|_| self.max_queued_nanos > 0)
    }

    /// Enters beyond the first.
    pub(crate) fn polls(&self) -> u64 {
        self.enters.saturating_sub(self.started)
    }

    /// The latency that so many per cent of the calls do not exceed.
    pub(crate) fn percentile_nanos(&self, percent: u8) -> Option<u64> {
        Some(self.latencies.percentile(percent)?.min(self.max_latency_nanos))
    }

    /// The longest latency, once anything was entered.
    pub(crate) fn max(&self) -> Option<Max> {
        let max = Max { nanos: self.max_latency_nanos, is_bound: self.max_is_bound };
        self.mean_nanos().map(|_| max)
    }

    pub(crate) fn add(&mut self, other: &Self) {
        if let Some(calls) = other.calls {
            self.calls = Some(self.calls.unwrap_or(0).saturating_add(calls));
        }
        self.started = self.started.saturating_add(other.started);
        self.entered_nanos = self.entered_nanos.saturating_add(other.entered_nanos);
        self.latency_nanos = self.latency_nanos.saturating_add(other.latency_nanos);
        self.enters = self.enters.saturating_add(other.enters);
        if other.max_latency_nanos > self.max_latency_nanos {
            self.max_latency_nanos = other.max_latency_nanos;
            self.max_is_bound = other.max_is_bound;
        } else if other.max_latency_nanos == self.max_latency_nanos {
            self.max_is_bound &= other.max_is_bound;
        }
        self.queued_nanos = self.queued_nanos.saturating_add(other.queued_nanos);
        self.max_queued_nanos = self.max_queued_nanos.max(other.max_queued_nanos);
        self.switches = self.switches.plus(other.switches);
        self.latencies.merge(&other.latencies);
    }
}

/// The longest of some calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Max {
    pub(crate) nanos: u64,
    /// It is only known to be no longer.
    pub(crate) is_bound: bool,
}

impl fmt::Display for Max {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = if self.is_bound { "<= " } else { "" };
        write!(f, "{bound}{}", Nanos(self.nanos))
    }
}

/// Whether so much time awaited is too little to be drawn: below one in a thousand of
/// what was awaited.
///
/// Between a span's last exit and its close lies a moment in which it is open and
/// entered nowhere. That is tracing's own work, and no wait: it must not make a box, a
/// row and a legend in the picture of a program that never awaits.
pub(crate) fn is_moment(await_nanos: u64, total_nanos: u64) -> bool {
    u128::from(await_nanos) * 1_000 < u128::from(total_nanos)
}

/// All frames of a picture.
#[derive(Debug)]
pub(crate) struct Frames<'p> {
    profile: &'p Profile,
    entries: Entries<'p>,
    /// The entries of each group.
    groups: Rows,
    /// Depth first, each frame before its children, siblings by label: the
    /// order is the same for the same spans, however they were recorded.
    all: Vec<Placed>,
    total_nanos: u64,
    is_bare: bool,
    /// Whether it is known what threads did, and shown.
    has_states: bool,
    /// What threads were asleep for, in the order of nodes; nothing where a picture is about
    /// time that is not told apart so.
    blocked_on: Vec<&'p BlockedOn>,
    /// By what it is told.
    weight: Weight,
}

impl<'p> Frames<'p> {
    pub(crate) fn lay_out(profile: &'p Profile, options: &Options) -> Self {
        let entries = Entries::new(profile, options);
        let (mut all, groups) = in_order(&entries);
        let total_nanos = bound(&mut all);
        add_up(&mut all);
        let is_bare = total_nanos > 0 && profile.is_empty();
        let has_states = !options.hide_states
            && (profile.states.as_ref().is_some_and(StateSource::is_known)
                || all.iter().any(is_of_threads));
        let weight = options.weight;
        let mut blocked_on: Vec<_> = match has_states && !options.threads {
            true => profile.blocked_on().iter().collect(),
            false => Vec::new(),
        };
        blocked_on.sort_by_key(|blocked| blocked.node);
        Self { profile, entries, groups, all, total_nanos, is_bare, has_states, blocked_on, weight }
    }

    /// Whether there are widths and nothing else: time at spans that nobody
    /// entered. Folded stacks that were read back are that.
    pub(crate) fn is_bare(&self) -> bool {
        self.is_bare
    }

    /// Whether it is known of all frames what threads did in them, and shown.
    pub(crate) fn has_states(&self) -> bool {
        self.has_states
    }

    /// Of each frame, by its place, what its time is made of: of its own, or with all on
    /// it. States are part of what they stand on.
    pub(crate) fn parts(&self, with_all_on_it: bool) -> Vec<Parts> {
        let mut all = vec![Parts::default(); self.all.len()];
        for (place, frame) in self.all.iter().enumerate().rev() {
            match (frame.kind, frame.parent) {
                (Kind::State(state), Some(parent)) => {
                    let sum = &mut all[parent as usize].states[state.index()];
                    *sum = sum.saturating_add(frame.self_nanos);
                }
                (_, parent) => {
                    all[place].on_cpu = all[place].on_cpu.saturating_add(frame.self_nanos);
                    if let Some(parent) = parent.filter(|_| with_all_on_it) {
                        let above = all[place];
                        all[parent as usize].add(&above);
                    }
                }
            }
        }
        all
    }

    /// What threads were asleep for in the spans of a frame, the longest first; where a frame
    /// stands for a state, what is told there.
    pub(crate) fn reasons(&self, frame: &Placed) -> Vec<(&'p Reason, u64)> {
        let mut sums: BTreeMap<&Reason, u64> = BTreeMap::new();
        for node in self.nodes(frame) {
            let from = self.blocked_on.partition_point(|blocked| blocked.node.index() < node);
            let here = self.blocked_on.iter().skip(from);
            for blocked in here.take_while(|blocked| blocked.node.index() == node) {
                let nanos = match self.weight {
                    Weight::Wall => blocked.wall_nanos,
                    Weight::Busy => blocked.busy_nanos,
                };
                let sum = sums.entry(&*blocked.reason).or_default();
                *sum = sum.saturating_add(nanos);
            }
        }
        let is_told = |reason: &Reason| match frame.kind {
            Kind::State(state) => State::of_kind(reason.kind) == state,
            _ => true,
        };
        let told = sums.into_iter().filter(|(reason, nanos)| *nanos > 0 && is_told(reason));
        let mut told: Vec<_> = told.collect();
        told.sort_by_key(|(_, nanos)| std::cmp::Reverse(*nanos));
        told
    }

    /// In how much of all time threads were ready to run and waited for a CPU, hidden or
    /// not.
    pub(crate) fn runnable_nanos(&self) -> u64 {
        self.entries.all_runnable_nanos().min(self.total_nanos)
    }

    pub(crate) fn profile(&self) -> &'p Profile {
        self.profile
    }

    pub(crate) fn all(&self) -> &[Placed] {
        &self.all
    }

    /// The time of all frames together, which is that of all roots.
    pub(crate) fn total_nanos(&self) -> u64 {
        self.total_nanos
    }

    pub(crate) fn labels(&self) -> &Labels {
        self.entries.labels()
    }

    pub(crate) fn label(&self, frame: &Placed) -> &str {
        self.labels().text(frame.label)
    }

    pub(crate) fn parent(&self, frame: &Placed) -> Option<&Placed> {
        frame.parent.map(|parent| &self.all[parent as usize])
    }

    /// Whether a frame is a state that is too little to be drawn: an `[await]` that
    /// [is no wait](is_moment), or another that is below one in a thousand of the picture.
    #[cfg(feature = "svg")]
    pub(crate) fn is_moment(&self, frame: &Placed) -> bool {
        let whole = match frame.kind {
            Kind::State(State::Await) => self.parent(frame).map(|parent| parent.total_nanos),
            Kind::State(_) => Some(self.total_nanos),
            _ => None,
        };
        whole.is_some_and(|whole| is_moment(frame.total_nanos, whole))
    }

    fn entries(&self, frame: &Placed) -> impl Iterator<Item = Entry<'p>> {
        self.groups.of(frame.group).iter().filter_map(|&entry| self.entries.get(entry))
    }

    /// What was measured at a frame; nothing for one that has no spans.
    pub(crate) fn tally(&self, frame: &Placed) -> Tally {
        let mut tally = Tally::default();
        if matches!(frame.kind, Kind::Span | Kind::Truncated) && !self.is_bare {
            for entry in self.entries(frame) {
                tally.add(&entry.tally(self.profile));
            }
        }
        tally
    }

    /// How many spans were created at a frame; 0 where that is not known.
    #[cfg(feature = "pprof")]
    pub(crate) fn calls(&self, frame: &Placed) -> u64 {
        if !matches!(frame.kind, Kind::Span | Kind::Truncated) {
            return 0;
        }
        let nodes = self.entries(frame).filter_map(Entry::node);
        let calls = nodes.map(|node| self.profile.tree.measures(node).calls);
        calls.fold(0, u64::saturating_add)
    }

    /// How many operations a frame at the bottom had, where the user named some
    /// of its spans operations.
    pub(crate) fn operations(&self, frame: &Placed) -> Option<u64> {
        let lived = self.lived(frame)?;
        let named = self.profile.named_operations();
        self.nodes(frame)
            .find(|node| named.binary_search_by_key(node, |root| root.index()).is_ok())?;
        Some(lived.max(1))
    }

    /// How many operations a frame at the bottom had, where it shows spans.
    pub(crate) fn lived(&self, frame: &Placed) -> Option<u64> {
        if frame.depth > 0 || frame.kind != Kind::Span || self.is_bare {
            return None;
        }
        let lived = self.nodes(frame).map(|node| self.profile.tree.measures(node).lived());
        Some(lived.fold(0_u64, u64::saturating_add))
    }

    /// How many operations of a frame at the bottom are most likely parts of others, and
    /// in which frame's spans most of those waited.
    pub(crate) fn orphans(&self, frame: &Placed) -> Option<(u64, &str)> {
        let lived = self.lived(frame)?;
        let mut waits: BTreeMap<&str, u64> = BTreeMap::new();
        let roots: Vec<usize> = self.nodes(frame).collect();
        let orphans = self.profile.orphans().iter();
        for orphans in orphans.filter(|orphans| roots.contains(&orphans.root.index())) {
            let label = self.labels().text(self.entries.label_of_node(orphans.waiting.index()));
            let count = waits.entry(label).or_default();
            *count = count.saturating_add(orphans.count);
        }
        let (most, _) = waits.iter().max_by_key(|(_, count)| **count)?;
        // Some may have ended before the window in which that was found.
        let count =
            waits.values().fold(0, |sum, count| u64::saturating_add(sum, *count)).min(lived);
        (count > 0).then_some((count, *most))
    }

    /// The nodes of the profile that a frame was made of; of a state those that were in
    /// it.
    pub(crate) fn nodes(&self, frame: &Placed) -> impl Iterator<Item = usize> {
        self.entries(frame).filter_map(Entry::node)
    }

    /// The frame at the bottom below a frame.
    #[cfg(feature = "svg")]
    pub(crate) fn bottom<'a>(&'a self, mut frame: &'a Placed) -> &'a Placed {
        while let Some(parent) = self.parent(frame) {
            frame = parent;
        }
        frame
    }

    /// The callsites whose spans a frame shows, each once, in order.
    pub(crate) fn sources(&self, frame: &Placed) -> Vec<&'p Callsite> {
        if frame.kind != Kind::Span {
            return Vec::new();
        }
        let entries = self.entries(frame);
        let mut sources: Vec<_> =
            entries.filter_map(|entry| entry.callsite(self.profile)).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }
}

/// Whether a frame says what threads did in the one below it.
fn is_of_threads(frame: &Placed) -> bool {
    matches!(frame.kind, Kind::State(state) if state.is_of_threads())
}

/// Cuts self times off where their sum would pass 2⁶⁴ nanoseconds, which is 584
/// years, so that no total has to be checked again; returns the sum.
fn bound(all: &mut [Placed]) -> u64 {
    let mut total = 0_u64;
    for frame in all {
        frame.self_nanos = frame.self_nanos.min(u64::MAX - total);
        frame.total_nanos = frame.self_nanos;
        total += frame.self_nanos;
    }
    total
}

/// Adds every frame's total to its parent's; children stand behind parents.
fn add_up(all: &mut [Placed]) {
    for i in (0..all.len()).rev() {
        if let Some(parent) = all[i].parent {
            all[parent as usize].total_nanos += all[i].total_nanos;
        }
    }
}
