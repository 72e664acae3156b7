//! Spans that are open, it may be, for the sake of detached ones only.
//!
//! A span is held while no thread is in it and all that is open right below it is detached
//! or held. Each counts its open children of either kind, so a change costs one step for each
//! span above that changes, too. One that nothing is below any more stays held for a while,
//! as it closes then, if nobody keeps it.

use std::collections::VecDeque;

use super::{
    Engine,
    span::{NEVER, SpanKey},
};
use crate::Clock;

/// For so long, in nanoseconds, a span stays held when nothing is below it any more.
const GRACE: u64 = 10_000_000;

/// Held spans that nothing is below any more, in the order in which that came about.
#[derive(Debug)]
pub(super) struct Loose {
    spans: VecDeque<(u64, SpanKey)>,
    grace: u64,
}

impl Loose {
    pub(super) fn new(unit: &Clock) -> Self {
        Self { spans: VecDeque::new(), grace: unit.ticks_in(GRACE) }
    }

    fn try_push(&mut self, since: u64, key: SpanKey) -> Option<()> {
        self.spans.try_reserve(1).ok()?;
        self.spans.push_back((since, key));
        Some(())
    }

    /// The next that has been without anything below it for long enough, and when that was.
    #[inline]
    fn pop(&mut self, now: u64) -> Option<(u64, u64, SpanKey)> {
        let (since, _) = self.spans.front()?;
        if since.saturating_add(self.grace) > now {
            return None;
        }
        let (since, key) = self.spans.pop_front()?;
        Some((since, since.saturating_add(self.grace), key))
    }
}

impl Engine {
    /// What has been held with nothing below it for long enough is open for itself.
    #[inline]
    pub(super) fn release_loose(&mut self) {
        while let Some((since, at, key)) = self.loose.pop(self.now) {
            // Another span may have its place by now.
            if self.spans.contains(key) && self.spans[key].loose_since == since {
                self.release_held(key, at);
            }
        }
    }

    /// A span is entered, or gets a child that goes on: neither it nor what is above it is
    /// held any more.
    #[inline]
    pub(super) fn go_on(&mut self, key: SpanKey) {
        if self.spans[key].is_held() {
            self.release_held(key, self.now);
        }
    }

    #[cold]
    fn release_held(&mut self, key: SpanKey, at: u64) {
        let mut next = Some(key);
        while let Some(key) = next.filter(|key| self.spans[*key].is_held()) {
            self.recall(key);
            self.spans[key].loose_since = NEVER;
            let operation = self.spans[key].operation;
            self.with_operation(operation, |operation, books| operation.release(key, at, books));
            next = self.above_that_it_holds(key);
            if let Some(above) = next {
                self.spans[above].holding -= 1;
                self.spans[above].going += 1;
            }
        }
    }

    /// A span was exited, or something below it has changed: it is held from now on, and
    /// what is above it, if nothing of it goes on.
    #[inline]
    pub(super) fn may_be_held(&mut self, key: SpanKey) {
        // Where nothing is detached that is all.
        if self.spans[key].holding > 0 {
            self.hold(key);
        }
    }

    #[cold]
    fn hold(&mut self, key: SpanKey) {
        let mut next = Some(key);
        while let Some(key) = next.filter(|key| self.goes_on_no_more(*key)) {
            self.recall(key);
            let (operation, now) = (self.spans[key].operation, self.now);
            self.with_operation(operation, |operation, books| operation.hold(key, now, books));
            next = self.above_that_it_holds(key);
            if let Some(above) = next {
                self.spans[above].going -= 1;
                self.spans[above].holding += 1;
            }
        }
    }

    fn goes_on_no_more(&self, key: SpanKey) -> bool {
        let span = &self.spans[key];
        let is_left = span.entered == 0 && span.going == 0 && span.holding > 0;
        is_left && !span.is_held() && !span.is_closed
    }

    /// The span above, to which it makes a difference whether this one is held.
    fn above_that_it_holds(&self, key: SpanKey) -> Option<SpanKey> {
        let span = &self.spans[key];
        if span.is_detached { None } else { span.above() }
    }

    /// A span that is recorded has been created: there is one more right below another.
    pub(super) fn begin_below(&mut self, above: SpanKey, is_detached: bool) {
        let span = &mut self.spans[above];
        if is_detached {
            span.holding += 1;
            span.loose_since = NEVER;
            self.may_be_held(above);
        } else {
            span.going += 1;
        }
    }

    /// A span has closed, detached or held or neither, that stood right below another.
    pub(super) fn end_below(&mut self, above: SpanKey, held: bool) {
        let now = self.now;
        let span = &mut self.spans[above];
        if !held {
            span.going -= 1;
            return self.may_be_held(above);
        }
        span.holding -= 1;
        if span.holding == 0 && span.is_held() {
            span.loose_since = now;
            if self.loose.try_push(now, above).is_none() {
                self.release_held(above, now);
            }
        }
    }
}
