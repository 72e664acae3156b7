//! What is told of one operation by itself beside what is told of any profile.

use super::Explanation;
use crate::{
    profile::Operation,
    render::{
        human::{Count, Nanos},
        label::shortened,
        markdown::code,
        operation::critical_lines,
    },
};

pub(super) fn add(explanation: &mut Explanation, operation: &Operation) {
    let headline = code(&shortened(&operation.headline(), 100, 20));
    let took = Nanos(operation.nanos());
    explanation.recorded.insert(0, format!("one operation by itself: {headline}, {took}"));
    explanation.recorded.extend(operation.sentence());
    let critical = critical_lines(operation).into_iter();
    explanation
        .recorded
        .extend(critical.map(|line| format!("critical path: {}", line.trim_start())));
    explanation.unknown.extend(left_out(operation));
    if operation.typical().is_none() {
        explanation.unknown.push(
            "whether others of its name take as long: what is typical of them is not known here"
                .to_owned(),
        );
    }
}

/// What of its course in time had no room.
fn left_out(operation: &Operation) -> Option<String> {
    let chart = operation.chart();
    let all = [chart.omitted_visits, chart.omitted_strands, chart.omitted_absences];
    let count = all.iter().fold(0_u64, |sum, omitted| sum.saturating_add(omitted.count));
    (count > 0).then(|| {
        format!(
            "where in its course {} short stretches were, for which there was no room: the \
             critical path is without them",
            Count(count)
        )
    })
}
