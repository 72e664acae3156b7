//! One operation from the JSON that the live page has; see `docs/json.md`.
//!
//! What only says something in words is passed over, and so is what is computed from the rest. The
//! critical path is not: it was found by strands that are not in the file.

use serde::Deserialize;
use serde_json::value::RawValue;
use tracing_flame_layer::profile::{
    self, Absence, Activity, Chart, NodeId, Omitted, States as Times, Strand, Visit,
};

use super::{Nodes, bounds, build, list::List, parse, schema};
use crate::error::Bad;

/// Stretches of time, some ten numbers each at the most.
const MOST_STRETCHES: usize = 1 << 14;

/// Enough to tell whether it is one.
#[derive(Deserialize)]
pub(super) struct Head {
    #[serde(default)]
    visits: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    profile: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct Operation {
    number: u64,
    nanos: u64,
    #[serde(default)]
    fields: List<(String, String)>,
    threads: List<String>,
    visits: List<(u64, u64, u16, u64, u64)>,
    /// Not told by every version.
    #[serde(default)]
    visit_spans: List<u32>,
    waits: List<(u64, u64, u64)>,
    #[serde(default)]
    path: Option<List<Step>>,
    absences: List<(u64, u64, u64, Vec<u64>)>,
    visits_left_out: LeftOut,
    strands_left_out: LeftOut,
    absences_left_out: LeftOut,
    profile: Box<RawValue>,
}

/// The node, what it did, its thread, from when to when, and what the thread did meanwhile.
type Step = (u64, Going, Option<u64>, u64, u64, Vec<u64>);

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Going {
    Working,
    Awaited,
    Unknown,
}

#[derive(Deserialize)]
struct LeftOut {
    count: u64,
    longest_nanos: u64,
}

impl Head {
    pub(super) fn is_operation(&self) -> bool {
        self.visits.is_some() && self.profile.is_some()
    }
}

impl Operation {
    /// What its profile calls itself.
    pub(super) fn head(&self) -> Result<schema::Head, Bad> {
        parse(self.profile.get().as_bytes())
    }

    pub(super) fn build(self) -> Result<profile::Operation, Bad> {
        let (profile, nodes) = build(parse(self.profile.get().as_bytes())?)?;
        let counts = [self.visits.0.len(), self.waits.0.len(), self.absences.0.len()];
        // A path may come to each of them twice, before and after what is below it.
        if counts.into_iter().any(|count| count > MOST_STRETCHES)
            || self.steps().len() > 8 * MOST_STRETCHES
        {
            return Err(Bad::anywhere(format!(
                "it has more than {MOST_STRETCHES} visits, waits or absences, or more than eight \
                 times as many steps of its critical path"
            )));
        }
        let texts = self.threads.0.iter().chain(self.fields.0.iter().flat_map(|(f, v)| [f, v]));
        if texts.into_iter().any(|text| text.len() > bounds::MOST_NAME) {
            return Err(Bad::anywhere(format!(
                "a thread's name, a field or a value longer than {} bytes",
                bounds::MOST_NAME
            )));
        }
        let chart = self.chart(&nodes)?;
        let path = self.path(&nodes)?;
        let operation = profile::Operation::new(self.number, self.fields.0, profile, chart);
        Ok(operation.with_critical_path(path))
    }

    fn steps(&self) -> &[Step] {
        self.path.as_ref().map_or(&[], |path| &path.0)
    }

    fn path(&self, nodes: &Nodes) -> Result<Vec<profile::Step>, Bad> {
        let mut path: Vec<profile::Step> = Vec::new();
        for (node, going, thread, from, to, states) in self.steps() {
            let (node, nanos) = (self.node(nodes, *node)?, self.stretch(*from, *to)?);
            if nanos.start != path.last().map_or(0, |step| step.to_nanos) {
                return Err(Bad::anywhere("the steps of `path` leave a gap, or overlap"));
            }
            let thread = thread.map(|thread| self.thread(thread)).transpose()?;
            let mut step = profile::Step::new(node, going.activity(), thread, nanos);
            step.states = times(states);
            path.push(step);
        }
        Ok(path)
    }

    fn chart(&self, nodes: &Nodes) -> Result<Chart, Bad> {
        let mut chart = Chart::default();
        chart.threads = self.threads.0.iter().map(|name| name.as_str().into()).collect();
        for (at, (node, thread, depth, from, to)) in self.visits.0.iter().enumerate() {
            let (node, thread) = (self.node(nodes, *node)?, self.thread(*thread)?);
            let mut visit = Visit::new(node, thread, self.stretch(*from, *to)?);
            visit.depth = *depth;
            // Where spans are not told apart, each visit is one of its own.
            visit.span = self.visit_spans.0.get(at).copied().unwrap_or(at as u32);
            chart.visits.push(visit);
        }
        for (node, from, to) in &self.waits.0 {
            let node = self.node(nodes, *node)?;
            chart.strands.push(Strand::new(node, None, self.stretch(*from, *to)?));
        }
        for (thread, from, to, states) in &self.absences.0 {
            let (thread, nanos) = (self.thread(*thread)?, self.stretch(*from, *to)?);
            chart.absences.push(Absence::new(thread, nanos, times(states)));
        }
        chart.omitted_visits = self.visits_left_out.omitted();
        chart.omitted_strands = self.strands_left_out.omitted();
        chart.omitted_absences = self.absences_left_out.omitted();
        Ok(chart)
    }

    fn node(&self, nodes: &Nodes, place: u64) -> Result<NodeId, Bad> {
        nodes.named(place, "visits and waits")
    }

    fn thread(&self, place: u64) -> Result<usize, Bad> {
        let count = self.threads.0.len();
        usize::try_from(place).ok().filter(|place| *place < count).ok_or_else(|| {
            Bad::anywhere(format!("thread {place} is none of the {count} there are"))
        })
    }

    fn stretch(&self, from: u64, to: u64) -> Result<std::ops::Range<u64>, Bad> {
        let nanos = self.nanos;
        if from > to || to > nanos {
            return Err(Bad::anywhere(format!(
                "from {from} to {to} is no stretch of its {nanos} nanoseconds"
            )));
        }
        Ok(from..to)
    }
}

impl Going {
    fn activity(self) -> Activity {
        match self {
            Self::Working => Activity::Working,
            Self::Awaited => Activity::Awaited,
            Self::Unknown => Activity::Unknown,
        }
    }
}

impl LeftOut {
    fn omitted(&self) -> Omitted {
        Omitted::new(self.count, self.longest_nanos)
    }
}

/// In the order in which the layer writes them; those that are missing are 0.
fn times(states: &[u64]) -> Times {
    let at = |place: usize| states.get(place).copied().unwrap_or(0);
    let mut times = Times::default();
    times.runnable_nanos = at(0);
    times.blocked_nanos = at(1);
    times.off_cpu_nanos = at(2);
    times.unknown_nanos = at(3);
    times.fault_nanos = at(4);
    times.disk_nanos = at(5);
    times.lock_nanos = at(6);
    times.net_nanos = at(7);
    times.timer_nanos = at(8);
    times
}
