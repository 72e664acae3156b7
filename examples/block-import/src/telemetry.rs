//! Where log lines and spans go: all that `--flame` takes in a program.

use reth_cli_ext::{Error, FlameArgs, FlameSession};
use tracing_subscriber::{
    EnvFilter, Layer, filter::LevelFilter, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Logs to standard error what `RUST_LOG` asks for, else warnings, and records
/// what `--flame` asks for. Ctrl-C and other signals that end the process draw the
/// picture first.
///
/// # Errors
///
/// Where the flags cannot be followed; nothing has been done then.
pub(crate) fn init(flame: &FlameArgs) -> Result<FlameSession, Error> {
    let mut session = flame.session()?;
    let level = LevelFilter::WARN.into();
    let filter = EnvFilter::builder().with_default_directive(level).from_env_lossy();
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(filter);
    tracing_subscriber::registry().with(session.layer()).with(log).init();
    Ok(session)
}
