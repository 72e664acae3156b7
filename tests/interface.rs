//! What a program may do with the public types of both libraries.

use std::fmt::Debug;

use reth_cli_ext::{
    FlameArgs, FlameSession, Plain, Stderr,
    tracing_flame_layer::{
        Builder, Clock, FilteredFlameLayer, Flame, FlameLayer, ForeignMark, Mark,
        MissingOperations, ParseSelectorError, Profile, SlowerThan, SpanFields, SpanSelector,
        WriteOnDrop, profile, render,
    },
};
use tracing_subscriber::{Registry, filter::LevelFilter, layer::SubscriberExt, registry};

/// A type that threads hand on and share, and that can be printed.
trait Shared: Send + Sync + Debug + 'static {}

impl<T: Send + Sync + Debug + 'static> Shared for T {}

/// Fails to compile where one of them is not.
macro_rules! shared {
    ($($type:ty),* $(,)?) => {
        const _: fn() = || {
            fn is_shared<T: Shared>() {}
            $(is_shared::<$type>();)*
        };
    };
}

shared!(FlameArgs, FlameSession, Plain, Stderr, reth_cli_ext::Error);
shared!(Builder, Clock, Flame, FlameLayer, FilteredFlameLayer<Registry, LevelFilter>, Mark);
shared!(ForeignMark, MissingOperations, ParseSelectorError, Profile, SlowerThan, WriteOnDrop);
shared!(SpanFields, SpanSelector, profile::Operation, profile::OpenOperation, profile::Children);
shared!(profile::Node, profile::Measures, profile::Frame, profile::Chart, profile::Split);
shared!(profile::ClassRange, profile::ParseClassRangeError, profile::Histogram);
shared!(render::Options, render::Format, render::UnknownFormat, render::Report<'static>);

#[test]
fn a_subscriber_is_printed_in_a_line_whatever_was_recorded() {
    let (layer, flame) = FlameLayer::new();
    let subscriber = registry().with(layer.with_filter(LevelFilter::INFO));
    let before = format!("{flame:?}");
    tracing::subscriber::with_default(subscriber, || {
        (0..100).for_each(|_| tracing::info_span!("span").in_scope(|| ()));
        let printed = tracing::dispatcher::get_default(|current| {
            let layer = current.downcast_ref::<FlameLayer>().expect("the layer");
            format!("{layer:?}")
        });
        let within = format!("FlameLayer {{ recorder: Recorder {{ clock: {:?}", Clock::system());
        assert!(
            printed.starts_with(&within) && printed.contains("is_installed: true"),
            "{printed}"
        );
        assert!(printed.len() < 200, "{printed}");
    });
    let mark = format!("{:?}", flame.mark());
    assert!(mark.starts_with("Mark { time: ") && mark.len() < 120, "{mark}");
    assert!(format!("{flame:?}").len() <= before.len(), "{flame:?}");
}
