//! The node's layers, and the session's beside them.

use std::{fs::File, io, path::PathBuf, sync::Mutex};

use clap::Args;
use tracing_subscriber::{
    EnvFilter, Layer, Registry, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

/// The logs' own flags.
#[derive(Args)]
pub(crate) struct LogArgs {
    /// What goes to standard error
    #[arg(long = "log.stdout.filter", global = true, default_value = "info")]
    stderr: String,
    /// What goes to the file
    #[arg(long = "log.file.filter", global = true, default_value = "debug")]
    file: String,
    /// Which file; none by default
    #[arg(long = "log.file", global = true)]
    path: Option<PathBuf>,
}

type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

impl LogArgs {
    /// A list of boxed layers, each with a filter of its own.
    pub(crate) fn install(&self, ours: Option<impl Layer<Registry> + Send + Sync>) {
        let mut layers: Vec<BoxedLayer> = vec![
            fmt::layer()
                .without_time()
                .with_ansi(false)
                .with_writer(io::stderr)
                .with_filter(EnvFilter::new(&self.stderr))
                .boxed(),
        ];
        if let Some(path) = &self.path {
            let file = File::create(path).expect("a log to write");
            let log = fmt::layer()
                .without_time()
                .with_ansi(false)
                .with_writer(Mutex::new(file))
                .with_filter(EnvFilter::new(&self.file));
            layers.push(log.boxed());
        }
        layers.extend(ours.map(Layer::boxed));
        tracing_subscriber::registry().with(layers).init();
    }
}
