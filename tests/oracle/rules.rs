//! The three rules of `wall`: who shares an instant of an operation's life.

use super::{
    SpanKey,
    world::{Span, World},
};

/// Whose an equal share of an instant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The span's own frame.
    Own(SpanKey),
    /// The span's child frame `[await]`.
    Await(SpanKey),
}

/// Those that share this instant of the operation equally; never none.
pub(crate) fn holders(world: &World, operation: SpanKey) -> Vec<Holder> {
    let running = running(world, operation);
    if !running.is_empty() {
        return running.into_iter().map(Holder::Own).collect();
    }
    let waiting = waiting(world, operation);
    if !waiting.is_empty() {
        return waiting.into_iter().map(Holder::Await).collect();
    }
    vec![Holder::Await(operation)]
}

/// Rule 1: the span that each working thread works at, threads that wait for
/// another left out.
fn running(world: &World, operation: SpanKey) -> Vec<SpanKey> {
    let working = working(world, operation);
    working.iter().copied().filter(|span| !is_ancestor_of_one(world, *span, &working)).collect()
}

/// Whether some thread works and is left out because it waits for another.
pub(crate) fn someone_waits_for_another(world: &World, operation: SpanKey) -> bool {
    running(world, operation).len() < working(world, operation).len()
}

/// The span that each working thread works at.
fn working(world: &World, operation: SpanKey) -> Vec<SpanKey> {
    world.stacks().filter_map(|stack| works_at(world, operation, stack)).collect()
}

fn is_ancestor_of_one(world: &World, span: SpanKey, others: &[SpanKey]) -> bool {
    others.iter().any(|other| world.ancestors(*other).any(|ancestor| ancestor == span))
}

/// The operation's innermost span on a thread's stack, unless that is idle.
fn works_at(world: &World, operation: SpanKey, stack: &[SpanKey]) -> Option<SpanKey> {
    let innermost = stack.iter().rfind(|span| world.span(**span).operation == operation)?;
    (!world.span(*innermost).idle).then_some(*innermost)
}

/// Rule 2: the pending spans with no pending descendant, but for those that are held.
fn waiting(world: &World, operation: SpanKey) -> Vec<SpanKey> {
    let mut waiting = innermost_pending(world, operation);
    waiting.retain(|span| world.span(*span).held.is_none());
    waiting
}

/// Those that share a tentative wait if it turns out to be one.
pub(crate) fn holders_of_what_is_set_aside(world: &World, operation: SpanKey) -> Vec<Holder> {
    let waiting = innermost_pending(world, operation);
    match waiting.is_empty() {
        true => vec![Holder::Await(operation)],
        false => waiting.into_iter().map(Holder::Await).collect(),
    }
}

fn innermost_pending(world: &World, operation: SpanKey) -> Vec<SpanKey> {
    let pending: Vec<SpanKey> = world
        .spans()
        .filter(|(_, span)| span.operation == operation)
        .filter(|(key, span)| span.entered_before && span.open && !world.is_entered_anywhere(*key))
        .map(|(key, _)| key)
        .collect();
    pending.iter().copied().filter(|span| !is_ancestor_of_one(world, *span, &pending)).collect()
}

/// Who goes on with the operation: each thread that works and waits for nobody,
/// at its span, and each pending span that is not held and below which none is pending or
/// worked at.
pub(crate) fn strands(world: &World, operation: SpanKey) -> Vec<(Option<usize>, SpanKey)> {
    let workers = || {
        let stacks = world.stacks_by_thread();
        stacks.filter_map(|(thread, stack)| Some((thread, works_at(world, operation, stack)?)))
    };
    let worked_at: Vec<SpanKey> = workers().map(|(_, span)| span).collect();
    let waits_for_nobody = |span| !is_ancestor_of_one(world, span, &worked_at);
    let running = workers().filter(|(_, span)| waits_for_nobody(*span));
    let waiting = waiting(world, operation).into_iter().filter(|span| waits_for_nobody(*span));
    let running = running.map(|(thread, span)| (Some(thread), span));
    running.chain(waiting.map(|span| (None, span))).collect()
}

/// Whether the operation lives: it was entered, and a span of it is open.
pub(crate) fn lives(world: &World, operation: SpanKey) -> bool {
    let spans = || world.spans().filter(|(_, span)| span.operation == operation);
    spans().any(|(_, span)| span.entered_before) && spans().any(|(_, span)| span.open)
}

/// Whether the operation's wait is tentative: every open span of it is held.
pub(crate) fn is_held(world: &World, operation: SpanKey) -> bool {
    !is_over(world, operation) && open(world, operation).all(|span| span.held.is_some())
}

/// Whether no span of the operation is open.
pub(crate) fn is_over(world: &World, operation: SpanKey) -> bool {
    open(world, operation).next().is_none()
}

fn open(world: &World, operation: SpanKey) -> impl Iterator<Item = &Span> {
    let spans = world.spans().map(|(_, span)| span);
    spans.filter(move |span| span.operation == operation && span.open)
}

/// All operations of which a span was created, by their roots.
pub(crate) fn operations(world: &World) -> impl Iterator<Item = SpanKey> {
    world.spans().filter(|(key, span)| span.operation == *key).map(|(key, _)| key)
}
