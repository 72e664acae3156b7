//! Memory and disk.

use crate::{
    Result,
    memory::{over_spans, over_threads},
    plan::Plan,
    subject::{
        PEERS,
        Subject::{self, Fastrace, NoOp, Ours},
    },
    table::{Table, bytes, thousands},
};

pub(super) fn table(plan: &Plan) -> Result<String> {
    let over_threads = threads(plan)?;
    Ok(format!("## Memory and disk\n\n{}\n{over_threads}", spans(plan)?))
}

fn spans(plan: &Plan) -> Result<String> {
    let headings =
        ["chains of four", "spans", "memory after a tenth", "at the end", "peak", "files"];
    let mut table = Table::new(&headings);
    for subject in [&[NoOp, Ours], PEERS].concat() {
        eprintln!("memory of {subject}");
        let kept = PEERS.contains(&subject) && subject != Fastrace;
        let growth =
            over_spans(subject, if kept { plan.many_spans_kept } else { plan.many_spans })?;
        let sizes = [growth.resident_early, growth.resident_late, growth.peak, growth.disk];
        let cells = [thousands(growth.spans)].into_iter().chain(sizes.map(bytes));
        table.row(name(subject), cells);
    }
    Ok(table.finish())
}

fn threads(plan: &Plan) -> Result<String> {
    let [base, ours] =
        [over_threads(NoOp, plan.many_threads)?, over_threads(Ours, plan.many_threads)?];
    Ok(format!(
        "A live thread that has recorded one stack takes {:.0} bytes of ours beside {:.0} of its own. \
         Each of {} threads that came and went, after as many before them, left {:.0} bytes (without \
         us {:.0}).",
        ours.live - base.live,
        base.live,
        thousands(plan.many_threads),
        ours.gone,
        base.gone,
    ))
}

fn name(subject: Subject) -> &'static str {
    match subject {
        NoOp => "Registry alone",
        Ours => "ours",
        Subject::TracingFlame => "tracing-flame",
        Subject::TracingChrome => "tracing-chrome",
        Subject::TracingSamply => "tracing-samply",
        Subject::Fastrace => "fastrace",
        _ => "another",
    }
}
