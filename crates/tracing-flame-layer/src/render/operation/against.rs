//! What takes longer in an operation than in the typical one of its name: by frame, and by
//! what threads did there.

use std::collections::BTreeMap;

use crate::{
    Profile,
    profile::{Activity, Operation, Switches, Typical},
    render::state::{Parts, State},
};

/// An operation against the typical one. Items add up to both: what they take more, and less,
/// is what the operation took longer.
#[derive(Debug)]
pub(in crate::render) struct Against {
    /// All times of the operation, and of the typical one.
    pub(in crate::render) nanos: u64,
    pub(in crate::render) typical_nanos: u64,
    /// By what they take more, the most first.
    pub(in crate::render) items: Vec<Item>,
    /// What the system counted in both; of the typical one on average, in thousandths.
    pub(in crate::render) switches: Switches,
    pub(in crate::render) typical_switches: Switches,
    /// Whether it is known what threads did.
    pub(in crate::render) has_states: bool,
}

/// A part of both: a frame's own time in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::render) struct Item {
    pub(in crate::render) place: Place,
    pub(in crate::render) nanos: u64,
    /// On average.
    pub(in crate::render) typical_nanos: u64,
}

/// Where, and in which state; none is on a CPU, or all of it where no state is known. What
/// threads waited for a CPU is of no frame.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::render) struct Place {
    pub(in crate::render) frame: Option<String>,
    state: Option<usize>,
}

impl Place {
    pub(in crate::render) fn state(&self) -> Option<State> {
        self.state.map(|at| State::ALL[at])
    }
}

impl Item {
    /// What it takes more than is typical.
    pub(in crate::render) fn more(&self) -> u64 {
        self.nanos.saturating_sub(self.typical_nanos)
    }

    fn change(&self) -> i128 {
        i128::from(self.nanos) - i128::from(self.typical_nanos)
    }
}

impl Against {
    /// `None` where nothing is known of what is typical.
    pub(in crate::render) fn of(operation: &Operation) -> Option<Self> {
        let Typical { profile: typical, .. } = operation.typical()?;
        Some(Self::between(operation.profile(), 1, typical, typical.operations().max(1)))
    }

    /// One of so many operations on average, against one of as many others; neither is 0.
    pub(in crate::render) fn between(
        own: &Profile,
        own_operations: u64,
        typical: &Profile,
        operations: u64,
    ) -> Self {
        let switches = [switches(own, own_operations), switches(typical, operations)];
        let has_states = own.has_states() || typical.has_states();
        let (own, sums) = (parts(own), parts(typical));
        let places: std::collections::BTreeSet<&Place> = own.keys().chain(sums.keys()).collect();
        let items = places.into_iter().map(|place| Item {
            place: place.clone(),
            nanos: own.get(place).copied().unwrap_or(0) / own_operations,
            typical_nanos: sums.get(place).copied().unwrap_or(0) / operations,
        });
        let mut items: Vec<Item> = items.collect();
        // Stable: of several that take as much more they are in the order of their names.
        items.sort_by_key(|item| std::cmp::Reverse(item.change()));
        let sum = |of: fn(&Item) -> u64| items.iter().map(of).fold(0, u64::saturating_add);
        let [switches, typical_switches] = switches;
        Self {
            nanos: sum(|item| item.nanos),
            typical_nanos: sum(|item| item.typical_nanos),
            switches,
            typical_switches,
            has_states,
            items,
        }
    }
}

/// The times of all frames of one name in each state.
fn parts(profile: &Profile) -> BTreeMap<Place, u64> {
    let mut parts = BTreeMap::new();
    for node in profile.nodes().iter() {
        let measures = &node.measures;
        let own =
            Parts::of(measures.wall_nanos, measures.wall_states).awaited(measures.await_nanos);
        // A root's values tell it from others, which it is to be compared with.
        let frame = match (node.parent, node.frame.callsite()) {
            (None, Some(callsite)) => callsite.name.to_string(),
            _ => super::label(&node.frame),
        };
        let mut add = |frame: Option<&str>, state: Option<State>, nanos: u64| {
            let place = Place { frame: frame.map(str::to_owned), state: state.map(State::index) };
            let sum: &mut u64 = parts.entry(place).or_default();
            *sum = sum.saturating_add(nanos);
        };
        add(Some(&frame), None, own.on_cpu);
        for state in State::ALL.into_iter().filter(|state| own.get(*state) > 0) {
            let frame = (state != State::Runnable).then_some(&*frame);
            add(frame, Some(state), own.get(state));
        }
    }
    parts
}

/// What the system counted in one of so many operations, in thousandths.
fn switches(profile: &Profile, operations: u64) -> Switches {
    let all = profile.nodes().iter().map(|node| node.measures.switches);
    let all = all.fold(Switches::default(), Switches::plus);
    let one = |count: u64| count.saturating_mul(1_000) / operations;
    Switches {
        voluntary: one(all.voluntary),
        involuntary: one(all.involuntary),
        major_faults: one(all.major_faults),
        minor_faults: one(all.minor_faults),
        blocks_read: one(all.blocks_read),
        blocks_written: one(all.blocks_written),
    }
}

/// How much of the critical path is at frames of a name themselves: at work, and awaited.
pub(super) fn on_path(operation: &Operation) -> BTreeMap<(String, bool), u64> {
    let frames: Vec<String> = operation.profile().nodes().frames().map(super::label).collect();
    let mut path = BTreeMap::new();
    for step in operation.critical_path() {
        let place = (frames[step.node.index()].clone(), step.activity == Activity::Awaited);
        let sum: &mut u64 = path.entry(place).or_default();
        *sum = sum.saturating_add(step.nanos());
    }
    path
}
