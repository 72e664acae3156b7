//! The layer: spans in, call trees out.

use std::{
    fmt,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use tracing::{
    Event, Subscriber,
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use crate::{
    Builder, Flame,
    clock::counter_ticks,
    engine::Settings,
    log::{Chunk, Entry, Line, Local, Message, NewSpan, Parent, SHARED, Slot, Texts},
    platform::try_box,
    recorder::Recorder,
    role::Role,
    text::{EventText, read_fields},
    verdicts::Verdicts,
};

/// A layer that records how long spans take. Read it through its [`Flame`].
///
/// Where it is dropped, with its subscriber or by a `reload`, the recording is
/// [finished](Flame::finish).
///
/// It records all spans that reach it; [`with_filter`](Self::with_filter) says which, and
/// leaves other layers theirs. For what else can be said, see [`builder`](Self::builder).
///
/// ```
/// use tracing_flame_layer::FlameLayer;
/// use tracing_subscriber::{filter::LevelFilter, layer::SubscriberExt, registry};
///
/// let (layer, flame) = FlameLayer::new();
/// let subscriber = registry().with(layer.with_filter(LevelFilter::DEBUG));
/// tracing::subscriber::with_default(subscriber, || {
///     tracing::debug_span!("work").in_scope(|| tracing::trace_span!("detail"));
/// });
/// assert_eq!(flame.snapshot().spans(), 1);
/// ```
pub struct FlameLayer {
    pub(crate) recorder: Arc<Recorder>,
    /// The recorder's, at hand.
    pub(crate) key: u64,
    /// Callsites whose spans a thread makes without looking at their fields; `None` where
    /// that holds for all.
    pub(crate) ordinary: Option<Verdicts>,
}

impl FlameLayer {
    /// How many bytes at the most hold what all threads together have logged and nobody has
    /// read, besides [4 KiB](Self::LOG_BYTES_OF_A_THREAD) for each thread that has made a span
    /// and not ended. A layer takes them as they are needed, and keeps them until it is dropped.
    pub const LOG_BYTES: usize = SHARED * Self::LOG_BYTES_OF_A_THREAD;
    /// How many more for each thread.
    pub const LOG_BYTES_OF_A_THREAD: usize = size_of::<Chunk>();

    /// A layer with every default, and the handle that reads it. Recording
    /// begins at once.
    #[must_use]
    #[allow(clippy::new_ret_no_self)]
    pub fn new() -> (Self, Flame) {
        Self::builder().build()
    }

    /// Settings for a layer.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl fmt::Debug for FlameLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlameLayer").field("recorder", &self.recorder).finish_non_exhaustive()
    }
}

impl Drop for FlameLayer {
    /// What is open would be thought to go on, as nobody says any more that it ends.
    fn drop(&mut self) {
        self.recorder.finish();
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for FlameLayer {
    fn on_layer(&mut self, _: &mut S) {
        self.join();
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // A layer that comes late, by a `reload`, hears of its subscriber here first.
        self.join();
        None
    }

    #[inline(always)]
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.create(attributes, id, context, true);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let named = &self.recorder.settings.roles.named;
        if named.are_empty() || self.recorder.is_finished() {
            return;
        }
        let Some(metadata) = context.metadata(id) else { return };
        match named.read(metadata, |visitor| values.record(visitor)) {
            Some(texts) if texts.iter().all(Option::is_none) => {}
            Some(texts) => self.tell(id.into_u64(), Message::Values(texts)),
            None => self.recorder.logs.count_lost(),
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let is_wanted = self.recorder.settings.wanted.wants_log(*event.metadata().level());
        if is_wanted && !event.is_root() && !self.recorder.is_finished() {
            self.keep_event(event, &context);
        }
    }

    #[inline(always)]
    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        let span = id.into_u64();
        if !Local::append_at_change::<true>(self.key, || Slot::enter(span, counter_ticks())) {
            self.enter_slowly(span);
        }
    }

    #[inline(always)]
    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        let span = id.into_u64();
        if !Local::append_at_change::<false>(self.key, || Slot::exit(span, counter_ticks())) {
            self.exit_slowly(span);
        }
    }

    #[inline(always)]
    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let span = id.into_u64();
        if !Local::append(self.key, || Slot::close(span, counter_ticks())) {
            self.close_slowly(span);
        }
    }
}

impl FlameLayer {
    /// Notes that the layer is part of a subscriber.
    pub(crate) fn join(&self) {
        // Relaxed: a flag, read for itself.
        self.recorder.installed.store(true, Relaxed);
    }

    pub(crate) fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    // Each by itself, so that the fast path lays out nothing in memory before it knows
    // whether it is enough.

    #[cold]
    fn enter_slowly(&self, span: u64) {
        self.recorder.log(span, Entry::Enter);
    }

    #[cold]
    fn exit_slowly(&self, span: u64) {
        self.recorder.log(span, Entry::Exit);
    }

    #[cold]
    fn close_slowly(&self, span: u64) {
        self.recorder.log(span, Entry::Close);
    }

    /// A span is created, one to record if it is `wanted`.
    #[inline(always)]
    pub(crate) fn create<S: Subscriber + for<'a> LookupSpan<'a>>(
        &self,
        attributes: &Attributes<'_>,
        id: &Id,
        context: Context<'_, S>,
        wanted: bool,
    ) {
        let (span, metadata) = (id.into_u64(), attributes.metadata());
        let is_ordinary = match &self.ordinary {
            Some(ordinary) => ordinary.of(metadata) == Some(true),
            None => true,
        };
        let is_plain = wanted && is_ordinary && attributes.is_contextual();
        let slot = if is_plain { Slot::created(span, metadata) } else { None };
        if !slot.is_some_and(|slot| Local::append(self.key, || slot)) {
            self.create_slowly(attributes, id, context, wanted);
        }
    }

    #[cold]
    #[allow(clippy::needless_pass_by_value)]
    fn create_slowly<S: Subscriber + for<'a> LookupSpan<'a>>(
        &self,
        attributes: &Attributes<'_>,
        id: &Id,
        context: Context<'_, S>,
        wanted: bool,
    ) {
        if self.recorder.is_finished() {
            return;
        }
        let parent = parent(attributes, id, &context);
        let span = id.into_u64();
        if !wanted {
            return self.recorder.log(span, Entry::CreateClear(parent));
        }
        let (callsite, settings) = (attributes.metadata(), &self.recorder.settings);
        let role = match &self.ordinary {
            Some(_) => settings.roles.of(callsite),
            None => Role::default(),
        };
        if role.is_by_span() || role.kept && settings.wanted.any() {
            let role = if role.by_fields { settings.roles.of_span(attributes) } else { role };
            let new = new_span(attributes, parent, role, settings);
            return self.tell(span, Message::NewSpan(new));
        }
        if let Some(ordinary) = &self.ordinary {
            // That an entry is stamped tells how long its span waits for the first enter.
            ordinary.set(callsite, !settings.queued);
        }
        self.recorder.log(span, Entry::Create(callsite, parent));
    }

    /// Keeps what is logged, for the operation that it belongs to.
    #[cold]
    fn keep_event<S: Subscriber + for<'a> LookupSpan<'a>>(
        &self,
        event: &Event<'_>,
        context: &Context<'_, S>,
    ) {
        // Outside any span it belongs to none.
        if context.event_span(event).is_none() {
            return;
        }
        let parent = event.parent().map_or(Parent::Current, |id| Parent::Span(id.into_u64()));
        let mut text = EventText::new();
        event.record(&mut text);
        let metadata = event.metadata();
        let (level, target, text) = (*metadata.level(), metadata.target(), text.finish());
        self.tell(0, Message::Line(Line { parent, level, target, text }));
    }

    /// Appends a message, if there is memory for it.
    fn tell(&self, span: u64, message: Message) {
        match try_box(message) {
            Some(message) => self.recorder.log(span, Entry::Message(message)),
            None => self.recorder.logs.count_lost(),
        }
    }
}

/// What is said of a new span whose fields matter. Reading them runs the program's own
/// code, which may make spans itself.
fn new_span(
    attributes: &Attributes<'_>,
    parent: Parent,
    role: Role,
    settings: &Settings,
) -> NewSpan {
    let callsite = attributes.metadata();
    let named = &settings.roles.named;
    let values = match role.has_named {
        true => named.of_span(attributes),
        false => Some(Texts::new()),
    };
    let is_followed = role.kept && !role.skip && settings.wanted.any();
    let fields = if is_followed { read_fields(attributes) } else { Vec::new() };
    NewSpan { callsite, parent, role, values, fields }
}

/// The parent of a new span. Where a per-layer filter that stands between the Registry and
/// us hides the one that it was given, its nearest ancestor that is not hidden.
fn parent<S: Subscriber + for<'a> LookupSpan<'a>>(
    attributes: &Attributes<'_>,
    id: &Id,
    context: &Context<'_, S>,
) -> Parent {
    if attributes.is_contextual() {
        return Parent::Current;
    }
    let Some(parent) = attributes.parent() else { return Parent::Root };
    if context.span(parent).is_some() {
        return Parent::Span(parent.into_u64());
    }
    let nearest = context.span(id).and_then(|span| span.parent());
    nearest.map_or(Parent::Root, |span| Parent::Span(span.id().into_u64()))
}
