//! What shapes are called in tables.

use crate::shape::Shape;

/// A shape as a reader knows it, with its unit.
pub(super) fn of(shape: Shape) -> String {
    let name = match shape {
        Shape::Flat => "flat: roots, one after the other",
        Shape::Depth4 => "depth 4",
        Shape::Depth16 => "depth 16",
        Shape::FanOut => "fan-out: 63 callsites below one parent",
        Shape::Loop => "loop: one callsite below one parent",
        Shape::RandomStacks => "1,000 stacks of three by chance: a span",
        Shape::ColdFlat => "flat",
        Shape::ColdPolls => "a poll",
        Shape::LongLoop => "loop: 40,000 in one operation",
        Shape::Polls => "a poll of a future (enter and exit)",
        Shape::TwoThreads => "two threads, own operations: a span",
        Shape::OtherThread => "created here, entered and closed there: a span",
        Shape::Migrating => "polled on two threads in turn: a poll",
        Shape::SharedInner => "two threads in one operation: enter and exit within a part each",
        Shape::SharedNear => {
            "two threads in one operation: directly below a span that both entered"
        }
        Shape::SharedRoot => "two threads in one operation: attach and detach",
        Shape::NewThreads => "a thread spawned for one span: a thread",
        other => return other.to_string(),
    };
    name.into()
}
