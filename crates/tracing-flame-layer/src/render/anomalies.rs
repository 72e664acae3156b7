//! What went wrong while recording, as every format calls it.

use super::human::Count;
use crate::profile::Anomalies;

/// One of the [`Anomalies`].
pub(super) struct Anomaly {
    /// What it is called where programs read it.
    pub(super) name: &'static str,
    sentence: &'static str,
    pub(super) count: u64,
}

/// All of them, those that did not happen included.
pub(super) fn all(anomalies: &Anomalies) -> [Anomaly; 9] {
    let Anomalies {
        unmatched_exits,
        exited_elsewhere,
        closed_while_entered,
        exited_by_thread_end,
        truncated,
        merged_values,
        late_values,
        reentered,
        lost,
    } = *anomalies;
    let anomaly = |name, sentence, count| Anomaly { name, sentence, count };
    [
        anomaly("unmatched_exits", "exits without an enter, ignored", unmatched_exits),
        anomaly(
            "exited_elsewhere",
            "of these, of spans entered on another thread, as by a guard held across an .await",
            exited_elsewhere,
        ),
        anomaly(
            "closed_while_entered",
            "spans closed while entered, exited then",
            closed_while_entered,
        ),
        anomaly(
            "exited_by_thread_end",
            "spans entered at their thread's end, exited then",
            exited_by_thread_end,
        ),
        anomaly("truncated", "spans too deep or too many, drawn as [truncated]", truncated),
        anomaly(
            "merged_values",
            "spans of a callsite with more field values than are told apart, drawn as {…}",
            merged_values,
        ),
        anomaly(
            "late_values",
            "values of named fields that came after a span was entered, ignored",
            late_values,
        ),
        anomaly("reentered", "callbacks inside the recorder's own, dropped", reentered),
        anomaly("lost", "spans that no room or memory was left for, recorded no further", lost),
    ]
}

/// A line for each that happened; none where all went well.
pub(super) fn lines(anomalies: &Anomalies) -> Vec<String> {
    let happened = all(anomalies).into_iter().filter(|anomaly| anomaly.count > 0);
    let line = |Anomaly { sentence, count, .. }: Anomaly| {
        format!("trouble while recording: {sentence} ({})", Count(count))
    };
    happened.map(line).collect()
}
