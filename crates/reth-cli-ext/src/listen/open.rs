//! What is open now, as JSON.

use std::{fmt::Write, time::UNIX_EPOCH};

use tracing_flame_layer::{
    Flame,
    profile::{OpenOperation, OpenSpan, ThreadState},
};

use super::json::string;

/// The operations that are open, those that have been for longest first, as one JSON object
/// on a line.
pub(super) fn json(flame: &Flame) -> String {
    let lines: Vec<String> = flame.open().iter().map(line).collect();
    format!("{{\"operations\":[{}]}}\n", lines.join(","))
}

fn line(operation: &OpenOperation) -> String {
    let threads = operation.threads.iter().map(|thread| {
        let state = match thread.state {
            ThreadState::Ready => "ready",
            ThreadState::Blocked => "blocked",
            _ => "unknown",
        };
        format!(
            "{{\"name\":{},\"state\":\"{state}\",{}}}",
            string(&thread.name),
            span(&thread.span)
        )
    });
    let threads: Vec<String> = threads.collect();
    let awaited = operation.awaited.iter().map(|awaited| format!("{{{}}}", span(awaited)));
    let awaited: Vec<String> = awaited.collect();
    let start = operation.start.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut line = String::new();
    let _ = write!(
        line,
        "{{\"name\":{},\"is_named\":{},\"start_unix_nanos\":{},\"nanos\":{},\"threads\":[{}],\
         \"awaited\":[{}],\"left_out\":{}}}",
        string(&operation.headline()),
        operation.is_named,
        start.as_nanos(),
        operation.nanos,
        threads.join(","),
        awaited.join(","),
        operation.omitted,
    );
    line
}

/// The stack of a span, and for how long it has been open.
fn span(span: &OpenSpan) -> String {
    let stack: Vec<String> = span.stack.iter().map(|name| string(name)).collect();
    format!("\"stack\":[{}],\"nanos\":{}", stack.join(","), span.nanos)
}
