//! The layer with a filter of its own.
//!
//! A per-layer filter that wraps a layer asks the Registry at every enter, exit
//! and close whether the span is one of the layer's, which costs more than
//! recording it. Here the filter stands inside: it is asked when a span is
//! created, and the recorder remembers spans that are not ours. It also sees
//! them on the stack, so that it knows every span's parent as the Registry does.
//!
//! A subscriber made by `fmt()` has no room for per-layer filters, and panics where one
//! is registered; nor is any registered for a layer that comes late, by a `reload`. There
//! the layer takes part as one without a filter, which wants everything and takes
//! nothing from the others, and picks its spans all the same.

use std::{
    any::{TypeId, type_name},
    cell::Cell,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tracing::{
    Dispatch, Event, Metadata, Subscriber,
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
    subscriber::Interest,
};
use tracing_subscriber::{
    Layer,
    filter::{Filtered, Targets},
    layer::{Context, Filter},
    registry::LookupSpan,
};

use crate::{FlameLayer, recorder::Recorder, verdicts::Verdicts};

/// A [`FlameLayer`] that records the spans a filter lets through.
///
/// Made by [`FlameLayer::with_filter`].
pub struct FilteredFlameLayer<S, F> {
    layer: FlameLayer,
    filter: Filtered<Probe, Until<F>, S>,
    /// Whether the filter hears of enters, exits, closes and records.
    follows_spans: bool,
    /// Whether the subscriber knows of the filter.
    is_registered: bool,
}

impl FlameLayer {
    /// Records only the spans that `filter` lets through.
    ///
    /// Any filter is right, one that goes by what is entered, such as an `EnvFilter` with
    /// `[span]` directives, too. Unlike [`Layer::with_filter`], which this stands in front of,
    /// it knows the parents of spans across others that are filtered out.
    ///
    /// A `LevelFilter` and `Targets`, which reads `info,my_app=debug` as an `EnvFilter` does,
    /// decide by a span's callsite alone and cost next to nothing. Any other filter is told of
    /// each span's creation, enter, exit and close, which takes some 100 ns a span.
    ///
    /// ```
    /// use tracing_flame_layer::FlameLayer;
    /// use tracing_subscriber::{filter::Targets, layer::SubscriberExt};
    ///
    /// let spans: Targets = "info,my_app=debug".parse()?;
    /// let (layer, flame) = FlameLayer::new();
    /// let subscriber = tracing_subscriber::registry().with(layer.with_filter(spans));
    /// # drop((subscriber, flame));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_filter<S: Subscriber, F: Filter<S> + 'static>(
        self,
        filter: F,
    ) -> FilteredFlameLayer<S, F> {
        let filters = [TypeId::of::<LevelFilter>(), TypeId::of::<Targets>()];
        let follows_spans = !filters.contains(&TypeId::of::<F>());
        self.filtered(filter, follows_spans)
    }

    /// For a filter of another type of which it is known that it decides by callsites alone.
    /// It is told of no span: one that goes by those that are entered would be wrong.
    ///
    /// For `reth-cli-ext`, which reads its filters itself; no part of the interface.
    #[doc(hidden)]
    pub fn with_callsite_filter<S: Subscriber, F: Filter<S>>(
        self,
        filter: F,
    ) -> FilteredFlameLayer<S, F> {
        self.filtered(filter, false)
    }

    fn filtered<S: Subscriber, F: Filter<S>>(
        self,
        filter: F,
        follows_spans: bool,
    ) -> FilteredFlameLayer<S, F> {
        let recorder = Arc::clone(self.recorder());
        let filter = Until { filter, follows_spans, recorder, verdicts: Verdicts::new() };
        let filter = Probe.with_filter(filter);
        FilteredFlameLayer { layer: self, filter, follows_spans, is_registered: false }
    }
}

/// A filter that lets nothing through once the layer is finished.
///
/// It answers as a per-layer filter does, so nothing is taken from other layers.
struct Until<F> {
    filter: F,
    /// Whether it hears of new spans.
    follows_spans: bool,
    recorder: Arc<Recorder>,
    verdicts: Verdicts,
}

impl<S, F: Filter<S>> Filter<S> for Until<F> {
    fn enabled(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        let known = || self.verdicts.of(metadata);
        !self.recorder.is_finished()
            && known().unwrap_or_else(|| self.filter.enabled(metadata, context))
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.recorder.is_finished() {
            return Interest::never();
        }
        let interest = self.filter.callsite_enabled(metadata);
        self.verdicts.keep(metadata, &interest);
        interest
    }

    fn event_enabled(&self, event: &Event<'_>, context: &Context<'_, S>) -> bool {
        !self.recorder.is_finished() && self.filter.event_enabled(event, context)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        if self.recorder.is_finished() {
            return Some(LevelFilter::OFF);
        }
        self.filter.max_level_hint()
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if self.follows_spans {
            self.filter.on_new_span(attributes, id, context);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        self.filter.on_record(id, values, context);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.filter.on_enter(id, context);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.filter.on_exit(id, context);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.filter.on_close(id, context);
    }
}

/// Tells which spans pass the filter in front of it.
#[derive(Debug)]
struct Probe;

thread_local! {
    /// Whether the span being created, or the event, has passed.
    static PASSED: Cell<bool> = const { Cell::new(false) };
}

impl<S: Subscriber> Layer<S> for Probe {
    #[inline]
    fn on_new_span(&self, _: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        PASSED.set(true);
    }

    #[inline]
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        PASSED.set(true);
    }
}

impl<S, F> Layer<S> for FilteredFlameLayer<S, F>
where
    S: Subscriber + for<'a> LookupSpan<'a> + 'static,
    F: Filter<S> + 'static,
{
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        Layer::<S>::on_register_dispatch(&self.filter, dispatch);
    }

    fn on_layer(&mut self, subscriber: &mut S) {
        self.is_registered = takes_filters::<S>() && {
            // Other subscribers without room panic, too, before they change anything.
            let filter = &mut self.filter;
            catch_unwind(AssertUnwindSafe(|| filter.on_layer(subscriber))).is_ok()
        };
        self.layer.on_layer(subscriber);
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.is_registered {
            return self.filter.register_callsite(metadata);
        }
        // It keeps its verdict.
        Filter::<S>::callsite_enabled(self.filter.filter(), metadata);
        Interest::always()
    }

    #[inline]
    fn enabled(&self, metadata: &Metadata<'_>, context: Context<'_, S>) -> bool {
        self.always_wants(metadata) || !self.is_registered || self.filter.enabled(metadata, context)
    }

    fn event_enabled(&self, event: &Event<'_>, context: Context<'_, S>) -> bool {
        !self.is_registered || self.filter.event_enabled(event, context)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.layer.join();
        self.filter.max_level_hint()
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if !self.is_registered {
            let until = self.filter.filter();
            if until.enabled(event.metadata(), &context) && until.event_enabled(event, &context) {
                self.layer.on_event(event, context);
            }
            return;
        }
        PASSED.set(false);
        // The filter keeps its verdict of `enabled` until it is told of the event.
        self.filter.on_event(event, context.clone());
        if PASSED.get() {
            self.layer.on_event(event, context);
        }
    }

    #[inline]
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if self.always_wants(attributes.metadata()) {
            self.layer.create(attributes, id, context, true);
        } else {
            self.create_if_passed(attributes, id, context);
        }
    }

    fn on_record(&self, span: &Id, values: &Record<'_>, context: Context<'_, S>) {
        self.layer.on_record(span, values, context.clone());
        if self.follows_spans {
            match self.is_registered {
                true => self.filter.on_record(span, values, context),
                false => self.filter.filter().on_record(span, values, context),
            }
        }
    }

    #[inline]
    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if self.follows_spans {
            return self.enter_and_tell(id, context);
        }
        self.layer.on_enter(id, context);
    }

    #[inline]
    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if self.follows_spans {
            return self.exit_and_tell(id, context);
        }
        self.layer.on_exit(id, context);
    }

    #[inline]
    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if self.follows_spans {
            return self.close_and_tell(id, context);
        }
        self.layer.on_close(id, context);
    }

    #[doc(hidden)]
    unsafe fn downcast_raw(&self, id: TypeId) -> Option<*const ()> {
        if id == TypeId::of::<Self>() {
            return Some(std::ptr::from_ref(self).cast());
        }
        if id == TypeId::of::<FlameLayer>() {
            return Some(std::ptr::from_ref(&self.layer).cast());
        }
        if !self.is_registered {
            return None;
        }
        // SAFETY: the caller's promise, passed on. The filter answers for its own
        // types and for the marker by which subscribers know that a layer is
        // filtered.
        unsafe { self.filter.downcast_raw(id) }
    }
}

impl<S, F> FilteredFlameLayer<S, F>
where
    S: Subscriber + for<'a> LookupSpan<'a> + 'static,
    F: Filter<S> + 'static,
{
    /// Whether every span of a callsite passes a filter that hears of none. What
    /// `Filtered` remembers from one question to the next is left alone then: nobody
    /// asks it of such a span.
    #[inline]
    fn always_wants(&self, metadata: &Metadata<'_>) -> bool {
        !self.follows_spans && self.filter.filter().verdicts.of(metadata) == Some(true)
    }

    /// A span is created, to be recorded if it passes.
    #[inline(never)]
    fn create_if_passed(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if !self.is_registered {
            let until = self.filter.filter();
            let passes = until.enabled(attributes.metadata(), &context);
            if passes {
                until.on_new_span(attributes, id, context.clone());
            }
            return self.layer.create(attributes, id, context, passes);
        }
        PASSED.set(false);
        self.filter.on_new_span(attributes, id, context.clone());
        self.layer.create(attributes, id, context, PASSED.get());
    }

    // What a filter that hears of spans takes is no part of a span's time.

    #[inline(never)]
    fn enter_and_tell(&self, id: &Id, context: Context<'_, S>) {
        match self.is_registered {
            true => self.filter.on_enter(id, context.clone()),
            false => self.filter.filter().on_enter(id, context.clone()),
        }
        self.layer.on_enter(id, context);
    }

    #[inline(never)]
    fn exit_and_tell(&self, id: &Id, context: Context<'_, S>) {
        self.layer.on_exit(id, context.clone());
        match self.is_registered {
            true => self.filter.on_exit(id, context),
            false => self.filter.filter().on_exit(id, context),
        }
    }

    #[inline(never)]
    fn close_and_tell(&self, id: Id, context: Context<'_, S>) {
        self.layer.on_close(id.clone(), context.clone());
        match self.is_registered {
            true => self.filter.on_close(id, context),
            false => self.filter.filter().on_close(id, context),
        }
    }
}

/// Whether a subscriber is none of those that are known to panic where a filter is
/// registered. The panic can be contained, but not what a host's hook does about it.
fn takes_filters<S>() -> bool {
    !type_name::<S>().contains("tracing_subscriber::fmt::Subscriber")
}

impl<S, F: fmt::Debug> fmt::Debug for FilteredFlameLayer<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilteredFlameLayer")
            .field("layer", &self.layer)
            .field("filter", &self.filter.filter().filter)
            .field("follows_spans", &self.follows_spans)
            .finish()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    use tracing::{Dispatch, Level, debug, debug_span, dispatcher, enabled, info_span};
    use tracing_subscriber::{layer::SubscriberExt, registry};

    use super::*;
    use crate::Flame;

    /// Lets everything through, and counts how often it is asked and told.
    #[derive(Clone, Default)]
    struct Open {
        asked: Arc<AtomicU64>,
        told: Arc<AtomicU64>,
        by_callsite: bool,
    }

    impl<S> Filter<S> for Open {
        fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
            self.asked.fetch_add(1, Relaxed);
            true
        }

        fn callsite_enabled(&self, _: &'static Metadata<'static>) -> Interest {
            if self.by_callsite { Interest::always() } else { Interest::sometimes() }
        }

        fn on_new_span(&self, _: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
            self.told.fetch_add(1, Relaxed);
        }
    }

    /// How many spans were recorded.
    fn calls(flame: &Flame) -> u64 {
        flame.snapshot().nodes().iter().map(|node| node.measures.calls).sum()
    }

    /// Makes two spans of one callsite below a layer with the filter, beside one that
    /// wants none of them. Returns how often the filter was asked and told.
    fn ask(open: &Open, follows_spans: bool) -> (u64, u64) {
        let (layer, flame) = FlameLayer::new();
        let layer = layer.filtered(open.clone(), follows_spans);
        let closed = Probe.with_filter(LevelFilter::OFF);
        let dispatch = Dispatch::new(registry().with(layer).with(closed));
        dispatcher::with_default(&dispatch, || {
            (0..2).for_each(|_| info_span!("a").in_scope(|| ()));
        });
        assert_eq!(calls(&flame), 2);
        (open.asked.load(Relaxed), open.told.load(Relaxed))
    }

    #[test]
    fn a_filter_is_asked_of_no_span_whose_callsite_it_always_wants() {
        let open = || Open { by_callsite: true, ..Open::default() };
        assert_eq!(ask(&open(), false), (0, 0));
        assert_eq!(ask(&open(), true), (0, 2));
    }

    #[test]
    fn a_filter_that_cannot_say_for_good_is_asked_of_each_span() {
        assert_eq!(ask(&Open::default(), false), (2, 0));
        assert_eq!(ask(&Open::default(), true), (2, 2));
    }

    /// Wants nothing, and says so of each span and event anew.
    struct Shut;

    impl<S> Filter<S> for Shut {
        fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
            false
        }
    }

    #[test]
    fn a_span_is_recorded_after_another_that_nobody_wants() {
        let (layer, flame) = FlameLayer::new();
        let layer = layer.with_filter(LevelFilter::INFO);
        let dispatch = Dispatch::new(registry().with(layer).with(Probe.with_filter(Shut)));
        dispatcher::with_default(&dispatch, || {
            (0..2).for_each(|_| {
                debug_span!("unwanted").in_scope(|| ());
                info_span!("wanted").in_scope(|| ());
                debug!("unwanted");
                info_span!("wanted").in_scope(|| ());
                let _ = enabled!(Level::TRACE);
                info_span!("wanted").in_scope(|| ());
            });
        });
        assert_eq!(calls(&flame), 6);
    }

    #[test]
    fn a_filter_that_is_known_to_go_by_callsites_is_told_of_no_span() {
        fn follows_spans<F: Filter<registry::Registry> + 'static>(filter: F) -> bool {
            FlameLayer::new().0.with_filter(filter).follows_spans
        }
        assert!(!follows_spans(LevelFilter::INFO));
        assert!(!follows_spans(Targets::new()));
        assert!(follows_spans(Shut));
        assert!(follows_spans(Some(LevelFilter::INFO)));
    }
}
