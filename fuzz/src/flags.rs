use std::{ffi::OsString, path::Path, sync::LazyLock};

use clap::Parser;
use reth_cli_ext::{FlameArgs, Reporter};
use tempfile::TempDir;
use tracing::{info_span, subscriber::with_default};
use tracing_subscriber::{layer::SubscriberExt, registry};

#[derive(Parser)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) flame: FlameArgs,
}

/// Who is told nothing that matters.
pub(crate) struct Quiet;

impl Reporter for Quiet {
    fn info(&self, line: &str) {
        assert!(!line.contains('\n'), "{line}");
    }

    fn error(&self, line: &str) {
        panic!("what was checked fails: {line}");
    }
}

/// Where pictures go; nowhere else.
static DIRECTORY: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().expect("a directory"));

/// Parses a line of arguments, one a line, as a host does; where they make sense,
/// records a span by them.
pub fn flags(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // A path or an address of the fuzzer's own is not for this machine.
    let arguments = text.lines().filter(|a| !a.contains("output") && !a.contains("listen"));
    let output = output(DIRECTORY.path());
    let line = ["x".into(), "--flame".into(), "--flame-output".into(), output];
    let line = line.into_iter().chain(arguments.map(OsString::from));
    let Ok(cli) = Cli::try_parse_from(line) else { return };
    let Ok(mut session) = cli.flame.session_reporting(Quiet) else { return };
    with_default(registry().with(session.layer()), || {
        info_span!("outer").in_scope(|| info_span!("inner").in_scope(|| ()));
    });
    session.finish().expect("a directory that can be written to");
}

fn output(directory: &Path) -> OsString {
    directory.join("spans.folded").into_os_string()
}
