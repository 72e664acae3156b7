//! Metrics for Prometheus and the like: histograms of latencies, and times by state.
//!
//! The series are few and stay: a histogram for each name of a root and for each span that was
//! chosen, and the time of both by state. Names of roots come in the order in which they were met,
//! up to a bound; whatever came later has no series, and one says how many those are.
//!
//! A counter must not go back, as who reads it takes that for a restart. What a [`Profile`] has of
//! ended calls only grows, and so does each of its times; but sums of times that were rounded to
//! nanoseconds one by one may go back by some. So the highest that was told is told again.

mod openmetrics;

use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::{Mutex, PoisonError},
};

use openmetrics::{Family, Kind, Text};

use super::{
    anomalies::{self, Anomaly},
    label::{TRUNCATED, printable},
    state::{Parts, State},
    summary::AUTHOR,
};
use crate::{
    Profile, SpanSelector,
    profile::{Frame, Histogram, Node, StateSource},
};

/// How many names of roots that were named operations have series, and how many others.
const MOST_NAMED: usize = 64;
const MOST_OTHERS: usize = 32;
/// The bounds of buckets are these powers of two of nanoseconds: 1.02 us to 68.7 s.
const BOUNDS: std::ops::RangeInclusive<u32> = 10..=36;

/// What is told of a recording as metrics.
///
/// ```
/// # use tracing_flame_layer::{FlameLayer, render::Metrics};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (layer, flame) = FlameLayer::new();
/// let metrics = Metrics::new(vec!["commit".parse()?]);
/// // ... at each scrape:
/// metrics.write(&flame.snapshot_of_ended(), std::io::stdout())?;
/// # drop(layer);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Metrics {
    spans: Vec<SpanSelector>,
    /// The highest of each counter that was told.
    told: Mutex<BTreeMap<String, u64>>,
}

/// What is told of the spans of one name.
#[derive(Debug, Default)]
struct Series {
    latencies: Histogram,
    latency_nanos: u64,
    parts: Parts,
}

/// The series of one kind, by name.
struct Group {
    /// What the families are called by, and the label.
    kind: &'static str,
    what: &'static str,
    parts: &'static str,
    series: Vec<(String, Series)>,
}

impl Metrics {
    /// How a response with metrics is announced.
    pub const CONTENT_TYPE: &'static str =
        "application/openmetrics-text; version=1.0.0; charset=utf-8";
    /// How many spans can be chosen.
    pub const MOST_SPANS: usize = 64;

    /// Of all roots, and of these spans, by their names; values of fields are not looked at. Those
    /// beyond [`MOST_SPANS`](Self::MOST_SPANS) are passed over.
    #[must_use]
    pub fn new(mut spans: Vec<SpanSelector>) -> Self {
        spans.truncate(Self::MOST_SPANS);
        Self { spans, told: Mutex::default() }
    }

    /// Writes them as OpenMetrics text 1.0.0
    /// (<https://prometheus.io/docs/specs/om/open_metrics_spec/>), from a
    /// [`snapshot_of_ended`](crate::Flame::snapshot_of_ended) of one handle: of any other profile
    /// calls that are open are counted as if they had ended.
    ///
    /// A histogram has 27 buckets, from 1.024 us on each twice the one before. A call is in a
    /// bucket by [the latency that it is told by](Histogram), which is less than 12.5 % too long.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write(&self, profile: &Profile, mut writer: impl Write) -> io::Result<()> {
        let (roots, omitted) = roots(profile);
        let groups = [
            Group {
                kind: "operation",
                what: "From the first enter of an operation's root to its close",
                parts: "Wall-clock time of operations",
                series: roots,
            },
            Group {
                kind: "span",
                what: "From the first enter of a span to its close",
                parts: "Wall-clock time of spans themselves, without spans below them",
                series: self.chosen(profile),
            },
        ];
        let mut text = Text::default();
        for group in groups.iter().filter(|group| !group.series.is_empty()) {
            self.write_latencies(&mut text, group);
            self.write_parts(&mut text, group);
        }
        self.write_recording(&mut text, profile);
        let family = Family {
            name: "flame_omitted_operations",
            kind: Kind::Gauge,
            unit: "",
            help: "Names of roots that have no series, for there are too many",
        };
        text.family(&family);
        text.count(&family, "", &[], omitted as u64);
        writer.write_all(text.end().as_bytes())?;
        writer.flush()
    }

    /// What was measured at all spans that a selector names.
    fn chosen(&self, profile: &Profile) -> Vec<(String, Series)> {
        let mut all: Vec<(String, Series)> = Vec::new();
        for span in &self.spans {
            let name = printable(&span.to_string());
            if all.iter().all(|(known, _)| *known != name) {
                all.push((name, Series::default()));
            }
        }
        for node in profile.nodes().iter() {
            for span in self.spans.iter().filter(|span| span.names(&node.frame)) {
                let name = printable(&span.to_string());
                if let Some((_, series)) = all.iter_mut().find(|(known, _)| *known == name) {
                    series.add_calls(&node);
                    series.add_parts(&node);
                }
            }
        }
        all
    }

    fn write_latencies(&self, text: &mut Text, group: &Group) {
        let name = format!("flame_{}_latency_seconds", group.kind);
        let family =
            Family { name: &name, kind: Kind::Histogram, unit: "seconds", help: group.what };
        text.family(&family);
        for (of, series) in &group.series {
            let told = series.latencies.buckets();
            for power in BOUNDS {
                let bound = 1_u64 << power;
                let within = told.iter().take_while(|(nanos, _)| *nanos <= bound);
                let within = within.fold(0_u64, |sum, (_, calls)| sum.saturating_add(*calls));
                let labels = [(group.kind, &**of), ("le", &*openmetrics::seconds(bound))];
                text.count(&family, "_bucket", &labels, within);
            }
            let calls = series.latencies.calls();
            text.count(&family, "_bucket", &[(group.kind, of), ("le", "+Inf")], calls);
            text.count(&family, "_count", &[(group.kind, of)], calls);
            let sum = self.highest(&format!("{name} {of}"), series.latency_nanos);
            text.time(&family, "_sum", &[(group.kind, of)], sum);
        }
    }

    fn write_parts(&self, text: &mut Text, group: &Group) {
        let name = format!("flame_{}_seconds", group.kind);
        let help = format!("{}, by what threads did in them", group.parts);
        let family = Family { name: &name, kind: Kind::Counter, unit: "seconds", help: &help };
        text.family(&family);
        for (of, series) in &group.series {
            let of_states = State::ALL.map(|state| (state.name(), series.parts.get(state)));
            let all = [("on-cpu", series.parts.on_cpu)].into_iter().chain(of_states);
            for (state, nanos) in all {
                let nanos = self.highest(&format!("{name} {state} {of}"), nanos);
                text.time(&family, "_total", &[(group.kind, of), ("state", state)], nanos);
            }
        }
    }

    /// About the recording itself.
    fn write_recording(&self, text: &mut Text, profile: &Profile) {
        let length = u64::try_from(profile.window().length.as_nanos()).unwrap_or(u64::MAX);
        let covered = profile.covered_nanos().unwrap_or(0);
        let times = [
            ("flame_recorded_seconds", "For how long time was taken", length),
            ("flame_covered_seconds", "For how long of that an operation was open", covered),
        ];
        for (name, help, nanos) in times {
            let family = Family { name, kind: Kind::Counter, unit: "seconds", help };
            text.family(&family);
            text.time(&family, "_total", &[], self.highest(name, nanos));
        }
        let family = Family {
            name: "flame_anomalies",
            kind: Kind::Counter,
            unit: "",
            help: "What went wrong while recording, by what it was",
        };
        text.family(&family);
        for Anomaly { name: kind, count, .. } in anomalies::all(&profile.anomalies()) {
            text.count(&family, "_total", &[("kind", kind)], count);
        }
        let states = match profile.states() {
            None => "off",
            Some(StateSource::None(_)) => "none",
            Some(StateSource::Partial(_)) => "partial",
            Some(StateSource::Exact) => "exact",
        };
        let help = "What recorded, and how it is known what threads did";
        let family = Family { name: "flame", kind: Kind::Info, unit: "", help };
        text.family(&family);
        text.count(&family, "_info", &[("generator", AUTHOR), ("states", states)], 1);
    }

    /// A counter's value, no lower than it was told before.
    fn highest(&self, name: &str, value: u64) -> u64 {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let highest = told.entry(name.to_owned()).or_default();
        *highest = value.max(*highest);
        *highest
    }
}

impl Series {
    fn add_calls(&mut self, node: &Node) {
        self.latencies.merge(&node.latencies);
        self.latency_nanos = self.latency_nanos.saturating_add(node.measures.latency_nanos);
    }

    fn add_parts(&mut self, node: &Node) {
        let measures = &node.measures;
        let parts =
            Parts::of(measures.wall_nanos, measures.wall_states).awaited(measures.await_nanos);
        self.parts.add(&parts);
    }
}

/// What was measured at the roots of each name and on them, by name, in the order in which they
/// were met, and how many names have no series.
fn roots(profile: &Profile) -> (Vec<(String, Series)>, usize) {
    let named = profile.named_operations();
    let is_named = |index: usize| named.binary_search_by_key(&index, |root| root.index()).is_ok();
    let mut series: Vec<(String, Series)> = Vec::new();
    let mut room = [MOST_OTHERS, MOST_NAMED];
    let mut omitted: Vec<String> = Vec::new();
    // Of each node the series of its root, if that has one.
    let mut places: Vec<Option<usize>> = Vec::with_capacity(profile.nodes().len());
    for (index, node) in profile.nodes().iter().enumerate() {
        let place = match node.parent {
            Some(parent) => places.get(parent.index()).copied().flatten(),
            None => {
                let name = name(&node.frame);
                let room = &mut room[usize::from(is_named(index))];
                match series.iter().position(|(known, _)| *known == name) {
                    Some(place) => Some(place),
                    None if *room > 0 && !omitted.contains(&name) => {
                        *room -= 1;
                        series.push((name, Series::default()));
                        Some(series.len() - 1)
                    }
                    None => {
                        if !omitted.contains(&name) {
                            omitted.push(name);
                        }
                        None
                    }
                }
            }
        };
        if let Some((_, series)) = place.and_then(|place| series.get_mut(place)) {
            if node.parent.is_none() {
                series.add_calls(&node);
            }
            series.add_parts(&node);
        }
        places.push(place);
    }
    (series, omitted.len())
}

/// The name of a frame's spans, whatever values they had.
fn name(frame: &Frame) -> String {
    frame.callsite().map_or(TRUNCATED.to_owned(), |callsite| printable(&callsite.name))
}
