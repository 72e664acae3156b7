//! A profile of some classes of latency, and one of the others.

use std::collections::BTreeMap;

use super::{
    Class, ClassRange, Histogram, Measures, NodeId, Profile, Switches, class_range::SelectedClasses,
};

/// The operations of some classes of latency, and the others of their names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Split {
    /// Of the classes that were meant.
    pub picked: Profile,
    /// Of all other classes of those names.
    pub rest: Profile,
    /// What they are, by name.
    pub selected: Vec<SelectedClasses>,
}

/// What operations of a name are like that are as long as the median.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Typical {
    /// What the operations of the class did that the median is in; their number is
    /// [`Profile::operations`].
    pub profile: Profile,
    /// That class.
    pub selected: SelectedClasses,
    /// Its [`Class::counted`].
    pub counted: [Histogram; Switches::NAMES.len()],
}

impl Profile {
    /// What is typical of the operations of a name: their median class. `None` where fewer
    /// than two have ended.
    #[must_use]
    pub fn typical(&self, name: &str) -> Option<Typical> {
        let counts = self.counts_by_name().remove(name)?;
        let median = ClassRange::MEDIAN.powers(&counts)?;
        let selected = SelectedClasses::new(name.to_owned(), median, &counts);
        let is_in = |class: &Class| class.power == median.0 && self.name_of(class.root) == name;
        (selected.of > 1).then(|| self.like(is_in, selected))
    }

    /// The operations of a name that took far longer than most: those of three classes above the
    /// median's or more, so that each took at least four times as long as any in that. `None`
    /// where there is none.
    pub(crate) fn standing_out(&self, name: &str) -> Option<Typical> {
        let counts = self.counts_by_name().remove(name)?;
        let (median, _) = ClassRange::MEDIAN.powers(&counts)?;
        let from = median.saturating_add(3);
        let (last, _) = *counts.last()?;
        let selected = SelectedClasses::new(name.to_owned(), (from, last), &counts);
        let is_in = |class: &Class| class.power >= from && self.name_of(class.root) == name;
        (from <= last).then(|| self.like(is_in, selected))
    }

    /// What operations of some classes are like.
    fn like(&self, is_in: impl Fn(&Class) -> bool, selected: SelectedClasses) -> Typical {
        let mut counted: [Histogram; Switches::NAMES.len()] = Default::default();
        for class in self.classes.iter().filter(|class| is_in(class)) {
            counted.iter_mut().zip(&class.counted).for_each(|(sum, more)| sum.merge(more));
        }
        Typical { profile: self.of_classes(is_in), selected, counted }
    }

    /// Tells the operations of some classes from the others of their names; `None` where no
    /// operation ended in one of them.
    ///
    /// Threads, percentiles of latencies and what is open are not known by class. A longest
    /// latency is that of the class.
    #[must_use]
    pub fn split(&self, range: &ClassRange) -> Option<Split> {
        let mut powers: BTreeMap<&str, (u8, u8)> = BTreeMap::new();
        let mut selected = Vec::new();
        for (name, counts) in self.counts_by_name() {
            if let Some(found) = range.powers(&counts).filter(|_| range.is_of(name)) {
                powers.insert(name, found);
                selected.push(SelectedClasses::new(name.to_owned(), found, &counts));
            }
        }
        let is_of = |class: &Class| powers.get(self.name_of(class.root));
        let is_in = |class: &Class, (from, to): &(u8, u8)| (*from..=*to).contains(&class.power);
        (!selected.is_empty()).then(|| Split {
            picked: self.of_classes(|class| is_of(class).is_some_and(|found| is_in(class, found))),
            rest: self.of_classes(|class| is_of(class).is_some_and(|found| !is_in(class, found))),
            selected,
        })
    }

    /// Of each name the operations by power of two, ascending.
    fn counts_by_name(&self) -> BTreeMap<&str, Vec<(u8, u64)>> {
        let mut names: BTreeMap<&str, BTreeMap<u8, u64>> = BTreeMap::new();
        for class in &self.classes {
            let counts = names.entry(self.name_of(class.root)).or_default();
            let sum = counts.entry(class.power).or_default();
            *sum = sum.saturating_add(class.operations);
        }
        names.into_iter().map(|(name, counts)| (name, counts.into_iter().collect())).collect()
    }

    fn name_of(&self, root: NodeId) -> &str {
        let callsite = self.tree.frame(root.index()).callsite();
        callsite.map_or("[truncated]", |callsite| &callsite.name)
    }

    /// The operations of some classes alone.
    pub(super) fn of_classes(&self, is_in: impl Fn(&Class) -> bool) -> Self {
        let mut measured: BTreeMap<NodeId, Measures> = BTreeMap::new();
        let mut profile = Self::new(self.window);
        profile.so_far = self.so_far;
        profile.states.clone_from(&self.states);
        for class in self.classes.iter().filter(|class| is_in(class)) {
            profile.operations = profile.operations.saturating_add(class.operations);
            for part in &class.nodes {
                self.keep(part.node, &mut measured).add(&part.measures);
            }
        }
        let mut ids: BTreeMap<NodeId, NodeId> = BTreeMap::new();
        for (node, measures) in measured {
            let parent =
                self.tree.parent(node.index()).and_then(|parent| ids.get(&parent).copied());
            let id = profile.push(parent, self.tree.frame(node.index()).clone(), measures);
            if parent.is_none() {
                profile.name_operation(id);
            }
            ids.insert(node, id);
        }
        profile
    }

    /// What is measured at a node, which is kept with all that it stands on.
    fn keep<'m>(
        &self,
        node: NodeId,
        measured: &'m mut BTreeMap<NodeId, Measures>,
    ) -> &'m mut Measures {
        let mut below = self.tree.parent(node.index());
        while let Some(parent) = below.filter(|parent| !measured.contains_key(parent)) {
            measured.insert(parent, Measures::default());
            below = self.tree.parent(parent.index());
        }
        measured.entry(node).or_default()
    }
}

impl Measures {
    /// Adds what was measured elsewhere at the same node: sums, and of the longest the longer.
    pub fn add(&mut self, other: &Self) {
        let Self {
            calls,
            started,
            enters,
            wall_nanos,
            await_nanos,
            busy_nanos,
            entered_nanos,
            latency_nanos,
            max_latency_nanos,
            max_latency_is_bound,
            open_before,
            queued_nanos,
            max_queued_nanos,
            wall_states,
            busy_states,
            switches,
        } = other;
        let sums = [
            (&mut self.calls, calls),
            (&mut self.started, started),
            (&mut self.enters, enters),
            (&mut self.wall_nanos, wall_nanos),
            (&mut self.await_nanos, await_nanos),
            (&mut self.busy_nanos, busy_nanos),
            (&mut self.entered_nanos, entered_nanos),
            (&mut self.latency_nanos, latency_nanos),
            (&mut self.open_before, open_before),
            (&mut self.queued_nanos, queued_nanos),
        ];
        sums.into_iter().for_each(|(sum, more)| *sum = sum.saturating_add(*more));
        if *max_latency_nanos > self.max_latency_nanos {
            self.max_latency_nanos = *max_latency_nanos;
            self.max_latency_is_bound = *max_latency_is_bound;
        }
        self.max_queued_nanos = self.max_queued_nanos.max(*max_queued_nanos);
        self.wall_states = self.wall_states.plus(*wall_states);
        self.busy_states = self.busy_states.plus(*busy_states);
        self.switches = self.switches.plus(*switches);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        time::{Duration, SystemTime},
    };

    use super::{
        super::{Callsite, ClassNode, Frame, Window},
        *,
    };

    fn profile() -> Profile {
        let window = Window { start: SystemTime::UNIX_EPOCH, length: Duration::from_secs(1) };
        let mut profile = Profile::new(window);
        let frame = |name: &'static str| Frame::Span(Arc::new(Callsite::new(name, "host")));
        let measures = |nanos| Measures { wall_nanos: nanos, started: 1, ..Measures::default() };
        let block = profile.push(None, frame("block"), measures(111));
        let commit = profile.push(Some(block), frame("commit"), measures(222));
        for (power, nanos) in [(20, 1), (21, 10), (24, 100)] {
            let nodes = [(block, nanos), (commit, 2 * nanos)];
            let nodes = nodes.map(|(node, nanos)| ClassNode { node, measures: measures(nanos) });
            profile.push_class(Class {
                operations: 100,
                nodes: nodes.into(),
                ..Class::new(block, power)
            });
        }
        profile
    }

    fn wall(profile: &Profile) -> Vec<u64> {
        profile.nodes().iter().map(|node| node.measures.wall_nanos).collect()
    }

    #[test]
    fn what_is_picked_and_the_rest_add_up_to_all_classes() {
        let split = profile().split(&"p60..".parse().expect("a range")).expect("some");
        assert_eq!(wall(&split.picked), [100, 200]);
        assert_eq!(wall(&split.rest), [11, 22]);
        assert_eq!((split.picked.operations(), split.rest.operations()), (100, 200));
        assert_eq!(split.picked.named_operations().len(), 1);
        assert_eq!(split.selected[0].from_nanos, 1 << 24);
    }

    #[test]
    fn classes_that_nothing_is_in_are_none() {
        for range in ["1s..", "tx:p50"] {
            assert_eq!(profile().split(&range.parse().expect("a range")), None, "{range}");
        }
    }
}
