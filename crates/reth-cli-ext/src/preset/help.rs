//! Shows the defaults in `--help`.
//!
//! They are no defaults of clap's own: those could not be told from what was
//! typed, and a host's list would replace what was typed at an outer level.

use clap::{Command, builder::StyledStr};

use super::Preset;
use crate::{output::Output, plan, slow::SLOWEST};

/// Appends `[default: ...]` to the help of every flag that has one.
pub(crate) fn with_defaults<P: Preset>(cmd: Command) -> Command {
    [
        ("flame_output", Output::default().typed.display().to_string()),
        ("flame_duration", plan::DURATION.as_secs().to_string()),
        ("flame_delay", "0".to_owned()),
        ("flame_checkpoint", plan::CHECKPOINT.as_secs().to_string()),
        ("flame_keep", plan::KEEP.to_string()),
        ("flame_filter", P::FILTER.to_owned()),
        ("flame_weight", "wall".to_owned()),
        ("flame_idle", P::IDLE.join(",")),
        ("flame_skip", P::SKIP.join(",")),
        ("flame_operation", P::OPERATION.join(",")),
        ("flame_detached", P::DETACHED.join(",")),
        ("flame_fields", P::FIELDS.join(",")),
        ("flame_slowest", SLOWEST.to_string()),
        ("flame_names", "name".to_owned()),
    ]
    .into_iter()
    .filter(|(_, default)| !default.is_empty())
    .fold(cmd, |cmd, (id, default)| {
        cmd.mut_arg(id, |mut arg| {
            let note = format!("[default: {default}]");
            if let Some(long) = arg.get_long_help() {
                let long = format!("{long}\n\n{note}");
                arg = arg.long_help(long);
            }
            let short = arg.get_help().map(StyledStr::to_string).unwrap_or_default();
            arg.help(format!("{short} {note}"))
        })
    })
}
