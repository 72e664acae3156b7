//! What came of it, for programs; `docs/json.md` describes it.

use std::io::{self, Write};

use serde::Serialize;

use super::{
    compared::{Compared, PerOperation},
    gate::Gate,
    judged::Judged,
    order::Order,
    reason::Reason,
};
use crate::stats::Interval;

const FORMAT: &str = "tracing-flame-layer comparison";
const VERSION: u32 = 1;

#[derive(Serialize)]
struct File<'c> {
    format: &'static str,
    version: u32,
    generator: &'static str,
    runs_before: usize,
    runs_after: usize,
    order: &'static str,
    times_are_of: &'static str,
    false_discovery_rate: f64,
    floor_percent: f64,
    floor_nanos: Option<f64>,
    least_share_percent: f64,
    frames_too_small: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    passed: Option<bool>,
    missing_operations: &'c [String],
    reasons: Vec<Why<'c>>,
    rows: Vec<Row<'c>>,
}

#[derive(Serialize)]
struct Why<'c> {
    stack: Vec<&'c str>,
    verdict: &'static str,
    times: Vec<String>,
    change_nanos: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<Vec<&'c str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent_of_it: Option<f64>,
}

#[derive(Serialize)]
struct Row<'c> {
    stack: Vec<&'c str>,
    time: String,
    verdict: &'static str,
    before_nanos: f64,
    after_nanos: f64,
    change_nanos: f64,
    change_within_nanos: Option<[f64; 2]>,
    change_within_percent: Option<[f64; 2]>,
    chance: f64,
}

/// Writes everything that is known, the largest change first.
pub(crate) fn write(
    compared: &Compared,
    gate: Option<&Gate>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let how = &compared.how;
    let file = File {
        format: FORMAT,
        version: VERSION,
        generator: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
        runs_before: compared.befores,
        runs_after: compared.afters,
        order: match compared.order {
            Order::Pairs(_) => "pairs",
            Order::Mixed => "mixed",
            Order::Apart => "apart",
        },
        times_are_of: match compared.is_per_operation {
            PerOperation::All => "operation",
            PerOperation::Some => "operation or run",
            PerOperation::None => "run",
        },
        false_discovery_rate: how.rate,
        floor_percent: how.floors.part * 100.0,
        floor_nanos: how.floors.nanos,
        least_share_percent: how.floors.least_share * 100.0,
        frames_too_small: compared.too_small,
        passed: gate.map(|gate| gate.is_passed(compared)),
        missing_operations: &compared.missing,
        reasons: compared.reasons.iter().map(|reason| why(reason, compared)).collect(),
        rows: compared.largest().into_iter().map(|judged| row(judged, compared)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &file)?;
    writeln!(out)
}

fn why<'c>(reason: &Reason, compared: &'c Compared) -> Why<'c> {
    Why {
        stack: compared.labels(reason.place),
        verdict: reason.verdict.name(),
        times: reason.measures.iter().map(|measure| measure.name()).collect(),
        change_nanos: reason.nanos,
        of: reason.of.map(|(place, _)| compared.labels(place)),
        percent_of_it: reason.of.map(|(_, part)| part * 100.0),
    }
}

fn row<'c>(judged: &Judged, compared: &'c Compared) -> Row<'c> {
    let percent = |Interval { low, high }| [(low - 1.0) * 100.0, (high - 1.0) * 100.0];
    Row {
        stack: compared.labels(judged.place),
        time: judged.measure.name(),
        verdict: judged.verdict.name(),
        before_nanos: judged.before,
        after_nanos: judged.after,
        change_nanos: judged.difference(),
        change_within_nanos: judged.change.map(|Interval { low, high }| [low, high]),
        change_within_percent: judged.ratio.map(percent),
        chance: judged.chance,
    }
}
