//! Spans that a filter of the host's own keeps out of the picture.
//!
//! A filter that is added by `.with(filter)` holds for every layer, ours included, and
//! what it refuses never reaches us: such a span is missing without a trace, and its
//! time looks like its parent's own. So at the end the process's subscriber is asked
//! about each callsite that has been come across and that our filter would record.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{
    Dispatch, Event, Metadata, Subscriber, dispatcher,
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
    subscriber::Interest,
};
use tracing_flame_layer::{FlameLayer, Profile, profile::Callsite};
use tracing_subscriber::{Registry, layer::Filter};

use crate::directives::Directives;

/// How many spans are named at most.
const MOST: usize = 5;

/// Callsites of spans that `filter` takes and the subscriber does not.
///
/// To be asked while our layer still takes something. Knows only of the subscriber
/// that is this thread's default, if that has our layer in it.
pub(crate) fn callsites(filter: &Directives) -> Vec<&'static Metadata<'static>> {
    dispatcher::get_default(|subscriber| {
        if !subscriber.is::<FlameLayer>() {
            return Vec::new();
        }
        let ours = filter.filter();
        let takes = |metadata: &&'static Metadata<'static>| {
            !Filter::<Registry>::callsite_enabled(&ours, metadata).is_never()
        };
        let spans = met().into_iter().filter(|metadata| metadata.is_span());
        spans.filter(takes).filter(|metadata| !subscriber.enabled(metadata)).collect()
    })
}

/// One line about those of which the picture has none. That some of a callsite are in it
/// means that the host's filter goes by more than callsites, and is not to be asked
/// like this.
pub(crate) fn line(
    kept_out: &[&'static Metadata<'static>],
    profile: &Profile,
    filter: &Directives,
) -> Option<String> {
    let recorded: HashSet<&Callsite> =
        profile.nodes().frames().filter_map(|frame| Some(&**frame.callsite()?)).collect();
    let missing =
        kept_out.iter().filter(|&&metadata| !recorded.contains(&Callsite::from(metadata)));
    let mut missing: Vec<String> = missing
        .map(|metadata| {
            let level = metadata.level().as_str().to_ascii_lowercase();
            format!("`{}::{}` ({level})", metadata.target(), metadata.name())
        })
        .collect();
    missing.sort_unstable();
    missing.dedup();
    let more = missing.len().saturating_sub(MOST);
    missing.truncate(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!missing.is_empty()).then(|| {
        format!(
            "missing in the picture: the filter `{filter}` takes the spans {}{more}, but another \
             filter of the program's refuses them, and their time is their parents'; a filter \
             that was added with `.with(filter)` holds for every layer: add it with \
             `.with_filter(filter)` to the layer it is meant for",
            missing.join(", ")
        )
    })
}

/// Every callsite that the process has come across.
fn met() -> Vec<&'static Metadata<'static>> {
    let census = Census::default();
    let met = Arc::clone(&census.0);
    // Whoever joins in is told of all of them.
    drop(Dispatch::new(census));
    // And what it said, that it wants none, is forgotten.
    tracing::callsite::rebuild_interest_cache();
    let mut met = met.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut met)
}

/// A subscriber that wants nothing, and remembers what it was asked about.
#[derive(Default)]
struct Census(Arc<Mutex<Vec<&'static Metadata<'static>>>>);

impl Subscriber for Census {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(metadata);
        Interest::never()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::OFF)
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
