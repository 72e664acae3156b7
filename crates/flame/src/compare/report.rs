//! The sums of both sides in the viewer, with what is told of the difference.

use std::io::{self, Write};

use tracing_flame_layer::render::{Finding, Options, Report, Told, Weight};

use super::{
    compared::{Compared, Sides},
    judged::Judged,
    measure::Measure,
    run::Times,
    text,
};
use crate::human::{Change, Time};

/// Writes the report, of sides that have their sums.
pub(crate) fn write(
    compared: &Compared,
    sides: &Sides,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some([before, after]) = &sides.sums else {
        return Err(io::Error::other("there is no picture of the runs"));
    };
    let name = |runs: usize, side: &str| format!("{runs} runs {side}");
    let [was, is] = [name(compared.befores, "before"), name(compared.afters, "after")];
    let options = options.clone().title(format!("{was} \u{2192} {is}"));
    let mut options = options.run("before", &was).run("after", is);
    if compared.times == Times::OnCpu {
        options.weight = Weight::Busy;
    }
    Report::new(after).before(&was, before).told(&told(compared)).write(out, &options)
}

fn told(compared: &Compared) -> Told {
    let reason = |reason: &super::reason::Reason| {
        let text = format!("{}, {}", Change(reason.nanos), text::why(reason, compared));
        (owned(&compared.labels(reason.place)), text)
    };
    let mut facts = text::facts(compared);
    facts.push("only frames that are told to have changed by themselves have a colour".to_owned());
    if !compared.can_judge() {
        facts.push(text::CANNOT.to_owned());
    }
    let findings = compared.changed().into_iter().chain(compared.others());
    Told {
        facts,
        reasons: compared.reasons.iter().map(reason).collect(),
        findings: findings.map(|judged| finding(judged, compared)).collect(),
    }
}

fn finding(judged: &Judged, compared: &Compared) -> Finding {
    let mut stack = owned(&compared.labels(judged.place));
    let name = judged.measure.name();
    // What a frame's threads did is a frame on it.
    if matches!(judged.measure, Measure::State(_)) {
        stack.push(name.clone());
    }
    let (ratio, interval) = (text::ratio(judged), text::interval(judged));
    Finding {
        stack,
        time: name,
        verdict: judged.verdict.name().to_owned(),
        is_change: judged.verdict.is_change(),
        change: format!("{}, {ratio} ({interval})", Change(judged.difference())),
        means: [judged.before, judged.after].map(|nanos| Time(nanos).to_string()),
    }
}

fn owned(labels: &[&str]) -> Vec<String> {
    labels.iter().map(|&label| label.to_owned()).collect()
}
