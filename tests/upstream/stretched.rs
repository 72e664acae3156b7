//! A Registry in which one moment lasts as long as a test wants.
//!
//! `Registry::try_close` holds a reference to the span's slot from before it lowers
//! the span's reference count until it returns. Between the two another thread can
//! drop the last handle; no program can say when. This one holds a reference of its
//! own for a little longer, and lets the other thread go meanwhile. Nothing else
//! differs from a Registry, but that layers are not told of its current span.

use std::{any::TypeId, fmt, sync::Mutex};

use tracing::{
    Event, Metadata, Subscriber,
    span::{Attributes, Id, Record},
    subscriber::Interest,
};
use tracing_subscriber::{
    Registry,
    registry::{LookupSpan, SpanData},
};

/// What happens when a span of that name has one handle or child less.
type Act = (&'static str, Box<dyn FnOnce() + Send>);

#[derive(Default)]
pub(super) struct Stretched {
    registry: Registry,
    meanwhile: Mutex<Option<Act>>,
}

impl fmt::Debug for Stretched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stretched").finish_non_exhaustive()
    }
}

impl Stretched {
    /// Stretches the next moment in which a span of that name is let go of, so that
    /// `act` happens in it.
    pub(super) fn meanwhile(&self, name: &'static str, act: impl FnOnce() + Send + 'static) {
        *self.meanwhile.lock().expect("no act runs under the lock") = Some((name, Box::new(act)));
    }

    fn act_for(&self, name: &str) -> Option<Act> {
        self.meanwhile.lock().expect("no act runs under the lock").take_if(|act| act.0 == name)
    }
}

impl Subscriber for Stretched {
    fn try_close(&self, id: Id) -> bool {
        let slot = self.registry.span_data(&id).expect("the span is open");
        let Some((_, act)) = self.act_for(slot.metadata().name()) else {
            drop(slot);
            return self.registry.try_close(id);
        };
        let closes = self.registry.try_close(id);
        act();
        drop(slot);
        closes
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.registry.register_callsite(metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.registry.enabled(metadata)
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        self.registry.new_span(attributes)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        self.registry.record(id, values);
    }

    fn record_follows_from(&self, id: &Id, follows: &Id) {
        self.registry.record_follows_from(id, follows);
    }

    fn event(&self, event: &Event<'_>) {
        self.registry.event(event);
    }

    fn enter(&self, id: &Id) {
        self.registry.enter(id);
    }

    fn exit(&self, id: &Id) {
        self.registry.exit(id);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.registry.clone_span(id)
    }

    /// Layers look for a `Registry` below them and must find this one.
    unsafe fn downcast_raw(&self, id: TypeId) -> Option<*const ()> {
        if id == TypeId::of::<Self>() {
            return Some((&raw const *self).cast());
        }
        // SAFETY: The Registry gives a pointer to a value of the type `id` names, if it
        // gives one; that value is part of `self`, so it lives as long as this borrow.
        unsafe { self.registry.downcast_raw(id) }
    }
}

impl<'a> LookupSpan<'a> for Stretched {
    type Data = <Registry as LookupSpan<'a>>::Data;

    fn span_data(&'a self, id: &Id) -> Option<Self::Data> {
        self.registry.span_data(id)
    }
}
