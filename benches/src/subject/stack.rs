//! A stack of layers as a large program has it: boxed, in a vector, each with a
//! filter of its own. None but ours wants the spans.

use std::io;

use tracing_flame_layer::FlameLayer;
use tracing_subscriber::{
    EnvFilter, Layer, Registry, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

use super::{Installed, Subject};
use crate::{Result, layers::NoOp};

type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// What is printed.
const CONSOLE: &str = "info,hyper=off,trust_dns_resolver=off,discv5=off";
/// What goes to the log file.
const FILE: &str = "debug,hyper=off,trust_dns_resolver=off,discv5=off";
/// What is recorded: with the spans of these benches, which are at `trace`.
const SPANS: &str = "debug,flame_benches=trace";

pub(super) fn install(subject: Subject) -> Result<Installed> {
    let mut installed = Installed::new(subject);
    let (flame_layer, flame) = FlameLayer::new();
    let spans = EnvFilter::try_new(SPANS)?;
    let layer: BoxedLayer = match subject {
        Subject::StackNoOp => NoOp.boxed(),
        Subject::StackNoOpFiltered => NoOp.with_filter(spans).boxed(),
        Subject::StackOurs => flame_layer.boxed(),
        Subject::StackFiltered => flame_layer.with_filter(spans).boxed(),
        _ => flame_layer.with_callsite_filter(spans).boxed(),
    };
    installed.flame = Some(flame);
    let layers = vec![printer(CONSOLE)?, printer(FILE)?, layer];
    tracing_subscriber::registry().with(layers).try_init()?;
    Ok(installed)
}

/// A layer that formats events and throws the text away.
fn printer(directives: &str) -> Result<BoxedLayer> {
    let filter = EnvFilter::try_new(directives)?;
    Ok(fmt::layer().with_writer(io::sink).with_filter(filter).boxed())
}
