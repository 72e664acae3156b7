//! The flags as environment variables, for a program whose command line cannot have
//! them.
//!
//! `TRACING_FLAME` is the output, and switches the session on; `--flame-x-y` is
//! `TRACING_FLAME_X_Y`. What they say is put as flags and parsed as such, so there is
//! one grammar.

use std::ffi::{OsStr, OsString};

use clap::{Args, Command, FromArgMatches};

use crate::{Error, error::Kind, typed::Typed};

/// Switches the session on, and says where the picture goes.
pub(crate) const VARIABLE: &str = "TRACING_FLAME";

/// What some variables say. Without [`VARIABLE`] that is nothing, whatever the others
/// are.
pub(crate) fn read(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Typed, Error> {
    let mut flags = Flags::new();
    for (name, value) in variables {
        if let Some(name) = name.to_str()
            && !value.is_empty()
        {
            flags.add(name, &value)?;
        }
    }
    flags.parse()
}

struct Flags {
    command: Command,
    typed: Vec<OsString>,
    is_on: bool,
}

impl Flags {
    fn new() -> Self {
        let command = Typed::augment_args(Command::new(VARIABLE).no_binary_name(true));
        Self { command, typed: vec!["--flame".into()], is_on: false }
    }

    fn add(&mut self, name: &str, value: &OsStr) -> Result<(), Error> {
        if name == VARIABLE {
            self.is_on = true;
            self.typed.push(with_value("--flame-output", value));
        } else if let Some(rest) = name.strip_prefix("TRACING_FLAME_") {
            let flag = format!("flame-{}", rest.to_ascii_lowercase().replace('_', "-"));
            let known = self.command.get_arguments().find(|arg| arg.get_long() == Some(&flag));
            let Some(known) = known else { return Err(self.unknown(name)) };
            let flag = format!("--{flag}");
            if known.get_action().takes_values() {
                self.typed.push(with_value(&flag, value));
            } else if is_yes(name, value)? {
                self.typed.push(flag.into());
            }
        }
        Ok(())
    }

    fn parse(self) -> Result<Typed, Error> {
        if !self.is_on {
            return Ok(Typed::default());
        }
        let parsed = self.command.try_get_matches_from(self.typed);
        parsed.and_then(|matches| Typed::from_arg_matches(&matches)).map_err(|why| {
            let why = why.to_string();
            // What is behind the first line is about a command line.
            let why = why.lines().next().unwrap_or_default();
            Kind::Environment(why.trim_start_matches("error: ").to_owned()).into()
        })
    }

    fn unknown(&self, name: &str) -> Error {
        let longs = self.command.get_arguments().filter_map(|arg| arg.get_long());
        let known = longs.filter_map(|long| long.strip_prefix("flame-"));
        let known =
            known.map(|rest| format!("`{}`", variable(rest))).collect::<Vec<_>>().join(", ");
        Kind::Environment(format!("there is no `{name}`; those there are: {known}")).into()
    }
}

fn variable(flag: &str) -> String {
    format!("{VARIABLE}_{}", flag.to_ascii_uppercase().replace('-', "_"))
}

fn with_value(flag: &str, value: &OsStr) -> OsString {
    let mut typed = OsString::from(flag);
    typed.push("=");
    typed.push(value);
    typed
}

fn is_yes(name: &str, value: &OsStr) -> Result<bool, Error> {
    match value.to_str() {
        Some("1" | "true") => Ok(true),
        Some("0" | "false") => Ok(false),
        _ => {
            let value = value.display();
            let why = format!("`{name}` is `{value}`; it takes `1` or `true`, `0` or `false`");
            Err(Kind::Environment(why).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Plain, plan::Plan};

    fn typed(variables: &[(&str, &str)]) -> Result<Typed, Error> {
        read(variables.iter().map(|(name, value)| (name.into(), value.into())))
    }

    fn refused(variables: &[(&str, &str)]) -> String {
        typed(variables).expect_err("no sound flags").to_string()
    }

    #[test]
    fn the_variable_is_the_output_and_switches_the_session_on() {
        let typed = typed(&[("TRACING_FLAME", "a b.folded"), ("HOME", "x")]).expect("flags");
        assert!(typed.flame);
        let plan = Plan::new::<Plain>(&typed).expect("a plan");
        assert!(plan.targets[0].path().ends_with("a b.folded"), "{:?}", plan.targets);
    }

    #[test]
    fn without_it_or_with_nothing_in_it_there_is_no_session() {
        for variables in [&[][..], &[("TRACING_FLAME", "")], &[("TRACING_FLAME_FILTER", "info")]] {
            assert!(!typed(variables).expect("no flags").flame);
            assert!(typed(variables).expect("no flags").details().is_empty());
        }
    }

    #[test]
    fn each_flag_has_a_variable() {
        let typed = typed(&[
            ("TRACING_FLAME", "a.folded"),
            ("TRACING_FLAME_OUTPUT", "b.txt"),
            ("TRACING_FLAME_FILTER", "info"),
            ("TRACING_FLAME_OPERATION", "request"),
            ("TRACING_FLAME_SLOWER_THAN", "5ms"),
            ("TRACING_FLAME_QUEUED", "1"),
            ("TRACING_FLAME_HIDE_AWAIT", "false"),
            ("TRACING_FLAME_THREADS", ""),
        ]);
        let typed = typed.expect("flags");
        let flags = ["--flame-output", "--flame-filter", "--flame-operation", "--flame-queued"];
        assert_eq!(typed.details(), [&flags[..], &["--flame-slower-than"]].concat());
    }

    #[test]
    fn what_is_wrong_is_named_with_what_would_be_right() {
        let on = ("TRACING_FLAME", "a.folded");
        let why = refused(&[on, ("TRACING_FLAME_FITLER", "info")]);
        assert!(why.contains("there is no `TRACING_FLAME_FITLER`; those there are: "), "{why}");
        assert!(why.contains("`TRACING_FLAME_FILTER`"), "{why}");
        let why = refused(&[on, ("TRACING_FLAME_QUEUED", "maybe")]);
        assert!(why.contains("`TRACING_FLAME_QUEUED` is `maybe`; it takes `1`"), "{why}");
        let why = refused(&[("TRACING_FLAME", "1")]);
        assert!(why.starts_with("in the environment: ") && why.contains("--flame-output"), "{why}");
        let why = refused(&[on, ("TRACING_FLAME_DURATION", "long")]);
        assert!(why.contains("--flame-duration"), "{why}");
    }
}
