//! Words and numbers that a table and markdown have in common.

use std::fmt::Write;

use super::{
    compared::{Compared, PerOperation},
    judged::{Judged, Verdict},
    order::Order,
    reason::Reason,
    run::Times,
};
use crate::{
    diff::{printable, shortened},
    human::{Change, Ratio, Time},
    stats::Interval,
};

/// What was compared, a sentence each.
pub(super) fn facts(compared: &Compared) -> Vec<String> {
    let Compared { befores, afters, .. } = compared;
    let mut facts = vec![match compared.can_judge() {
        true => format!("{befores} runs before, {afters} after; {}", order(compared)),
        false => format!("runs before: {befores}, after: {afters}"),
    }];
    facts.push(match compared.is_per_operation {
        PerOperation::All => "times are means of one operation".to_owned(),
        PerOperation::Some => {
            "times are means of one operation; of a whole run where operations are not known"
                .to_owned()
        }
        PerOperation::None => "times are means of a whole run: operations are not known".to_owned(),
    });
    if compared.times == Times::OnCpu {
        facts.push("only time on a CPU counts".to_owned());
    }
    if compared.can_judge() {
        facts.extend(rules(compared));
    }
    facts
}

fn order(compared: &Compared) -> String {
    match &compared.order {
        Order::Pairs(pairs) => {
            format!("they ran in turn, and are compared as {} pairs", pairs.len())
        }
        Order::Mixed => "they ran mixed".to_owned(),
        Order::Apart => "all of one side ran before the other, so that whatever else changed \
                         meanwhile counts as a change (`flame bench` lets them take turns)"
            .to_owned(),
    }
}

fn rules(compared: &Compared) -> [String; 3] {
    let how = &compared.how;
    let floor = match how.floors.nanos {
        Some(nanos) => Time(nanos).to_string(),
        None => "0.1% of an operation".to_owned(),
    };
    let [interval, part, rate, share] =
        [1.0 - how.rate, how.floors.part, how.rate, how.floors.least_share].map(percent);
    let (judged, small) = (compared.rows.len(), frames(compared.too_small));
    [
        format!("intervals are {interval} ones; of what is told, {rate} at most is chance"),
        format!("a change counts above {part}, and above {floor}"),
        format!("{judged} numbers were judged; of {small} none has {share} of all time"),
    ]
}

pub(super) fn frames(count: usize) -> String {
    format!("{count} frame{}", if count == 1 { "" } else { "s" })
}

/// A part of one in per cent, with no more digits than it has.
pub(super) fn percent(part: f64) -> String {
    let digits = format!("{:.3}", part * 100.0);
    format!("{}%", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// What could not be told with one run a side.
pub(super) const CANNOT: &str = "how much runs vary is not known from one run a side, so none of this is told from chance; \
     give more of them (`flame bench` makes them)";

/// The change in per cent.
pub(super) fn ratio(row: &Judged) -> String {
    Ratio { before: row.before, after: row.after }.to_string()
}

/// Where the change lies, in per cent where that is known, else as a time.
pub(super) fn interval(row: &Judged) -> String {
    let signed = |part: f64| {
        let digits = if part.abs() < 0.0995 { 2 } else { 1 };
        format!("{:+.digits$}", part * 100.0)
    };
    match (row.ratio, row.change) {
        (Some(Interval { low, high }), _) if row.before > 0.0 => {
            format!("{}..{}%", signed(low - 1.0), signed(high - 1.0))
        }
        (_, Some(Interval { low, high })) => format!("{}..{}", Change(low), Change(high)),
        _ => "-".to_owned(),
    }
}

/// One sentence about a reason, without its frame.
pub(super) fn why(reason: &Reason, compared: &Compared) -> String {
    let measures: Vec<String> = reason.measures.iter().map(|measure| measure.name()).collect();
    let mut why = measures.join(", ");
    if let Some((of, part)) = reason.of {
        let of = quoted(&compared.path(of));
        let _ = write!(why, "; {:.0}% of the change of {of}", part * 100.0);
    }
    let has = |name: &str| measures.iter().any(|measure| measure == name);
    if has("[runnable]") && !measures.iter().any(|measure| measure.contains("on-CPU")) {
        why.push_str("; waiting for a CPU, as on a busier machine");
    }
    why
}

/// A stack in a sentence.
pub(super) fn quoted(stack: &str) -> String {
    format!("`{}`", printable(&shortened(stack)).replace('`', "'"))
}

/// What has no reason: totals that changed, of which no frame is told by itself.
pub(super) fn unexplained(compared: &Compared) -> Vec<&Judged> {
    let is_explained = |row: &Judged| {
        let path = compared.path(row.place);
        compared.reasons.iter().filter(|reason| reason.verdict == row.verdict).any(|reason| {
            let reason = compared.path(reason.place);
            reason == path || reason.starts_with(&format!("{path};"))
        })
    };
    let changed = compared.changed();
    changed.into_iter().filter(|row| !is_explained(row)).collect()
}

/// How many numbers have which verdict.
pub(super) fn counts(compared: &Compared) -> String {
    let all = [Verdict::Slower, Verdict::Faster, Verdict::Unchanged, Verdict::NotTold];
    let told = all.map(|verdict| format!("{} {}", compared.count(verdict), verdict.name()));
    told.join(", ")
}
