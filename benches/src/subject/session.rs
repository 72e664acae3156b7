//! Ours as the `--flame` flags set it up, with or without an endpoint that nobody
//! asks.

use std::path::Path;

use clap::{Args, Command, FromArgMatches};
use reth_cli_ext::FlameArgs;

use super::{Installed, Subject, plain};
use crate::{Error, Result};

pub(super) fn install(subject: Subject, output: &Path) -> Result<Installed> {
    let file = format!("--flame-output={}", output.join("spans.folded").display());
    let mut flags = vec!["bench", "--flame", "--flame-filter=trace", &file];
    if subject == Subject::SessionListening {
        flags.push("--flame-listen=0");
    }
    let matches = FlameArgs::<reth_cli_ext::Plain>::augment_args(Command::new("bench"))
        .try_get_matches_from(flags)?;
    let args: FlameArgs = FlameArgs::from_arg_matches(&matches)?;
    let mut session = args.session()?;
    let layer = session.layer().ok_or_else(|| Error::from("no layer with `--flame`"))?;
    let installed = plain(subject, layer)?;
    Ok(Installed { _guard: Some(Box::new(session)), ..installed })
}
