//! The flags as a host flattens them.

use std::{env, ffi::OsString, fmt, marker::PhantomData};

use clap::{ArgMatches, Args, Command, FromArgMatches, Id};

use crate::{
    Error, FlameSession, Plain, Preset, Reporter, Stderr, environment, error::Kind, plan::Plan,
    preset::help, typed::Typed,
};

/// The `--flame` flags, for `#[command(flatten)]` in any clap program.
///
/// `P` is the host's [`Preset`] of defaults. [`FlameArgs::default`] equals a
/// command line on which none of the flags stands.
///
/// ```
/// use clap::Parser;
/// use reth_cli_ext::FlameArgs;
///
/// #[derive(Parser)]
/// struct Cli {
///     #[command(flatten)]
///     flame: FlameArgs,
/// }
///
/// let cli = Cli::parse_from(["program", "--flame", "--flame-filter", "info,my_app=debug"]);
/// assert!(cli.flame.is_on());
/// ```
pub struct FlameArgs<P: Preset = Plain> {
    typed: Typed,
    preset: PhantomData<fn() -> P>,
}

impl<P: Preset> FlameArgs<P> {
    /// Whether `--flame` was given.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.typed.flame
    }

    /// The flags as they stand on a command line that is not parsed yet, for a program
    /// that sets its subscriber first: `command` is what it will be parsed by.
    ///
    /// Where that parser will refuse the line, or print its help, no flag is on: its own
    /// turn comes, and it says why.
    ///
    /// ```no_run
    /// use clap::{CommandFactory, Parser};
    /// use reth_cli_ext::FlameArgs;
    /// use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};
    ///
    /// #[derive(Parser)]
    /// struct Cli {
    ///     // In `--help`, and taken by the parser.
    ///     #[command(flatten)]
    ///     flame: FlameArgs,
    /// }
    ///
    /// fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let flags: FlameArgs = FlameArgs::peek(Cli::command(), std::env::args_os());
    ///     let mut flame = flags.session().unwrap_or_else(|e| e.exit());
    ///     tracing_subscriber::registry().with(flame.layer()).init();
    ///
    ///     let cli = Cli::parse();
    ///     // ... the program ...
    /// #   drop(cli);
    ///
    ///     flame.finish()?;
    ///     Ok(())
    /// }
    /// ```
    pub fn peek<T>(command: Command, line: impl IntoIterator<Item = T>) -> Self
    where
        T: Into<OsString> + Clone,
    {
        let parsed = command.try_get_matches_from(line).ok();
        parsed.and_then(|matches| Self::within(&matches)).unwrap_or_default()
    }

    /// The flags, which stand at the program or at one of its subcommands.
    fn within(matches: &ArgMatches) -> Option<Self> {
        match matches.try_contains_id("flame") {
            Ok(_) => Self::from_arg_matches(matches).ok(),
            Err(_) => matches.subcommand().and_then(|(_, below)| Self::within(below)),
        }
    }

    /// The flags as environment variables, for a program whose command line cannot have
    /// them.
    ///
    /// `TRACING_FLAME=spans.svg` is `--flame --flame-output spans.svg`; without it, or
    /// where it is empty, no flag is on. `TRACING_FLAME_FILTER=info` is `--flame-filter
    /// info`, and so on; flags without a value take `1` or `true`. A program that runs
    /// others hands its variables on: `{pid}` in the name gives each a file.
    ///
    /// ```no_run
    /// use reth_cli_ext::FlameArgs;
    /// use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};
    ///
    /// fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let flags: FlameArgs = FlameArgs::from_env().unwrap_or_else(|e| e.exit());
    ///     let mut flame = flags.session().unwrap_or_else(|e| e.exit());
    ///     tracing_subscriber::registry().with(flame.layer()).init();
    ///
    ///     // ... the program ...
    ///
    ///     flame.finish()?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Where a variable is no flag, or its value none that the flag takes.
    pub fn from_env() -> Result<Self, Error> {
        let typed = environment::read(env::vars_os())?;
        Ok(Self { typed, preset: PhantomData })
    }

    /// Checks the flags and starts what they ask for; its lines go to standard
    /// error. Without `--flame` the session does nothing and costs nothing.
    ///
    /// Time counts from here, so call it right after parsing, before any work. A program
    /// that becomes a daemon calls it after the fork, which leaves the session's threads
    /// behind.
    ///
    /// # Errors
    ///
    /// Where a flag makes no sense, or an output could not be written: every
    /// output is tried by writing, and removing, an empty file beside it. See
    /// [`Error::exit`] for the usual way to end a program then.
    pub fn session(&self) -> Result<FlameSession, Error> {
        self.session_reporting(Stderr)
    }

    /// Like [`session`](Self::session), with lines that go to `reporter`.
    ///
    /// The first line comes from within this call: a reporter that logs through
    /// `tracing` loses it where the subscriber is installed later.
    ///
    /// # Errors
    ///
    /// As [`session`](Self::session).
    pub fn session_reporting(&self, reporter: impl Reporter) -> Result<FlameSession, Error> {
        if !self.typed.flame {
            let details = self.typed.details();
            return match details.is_empty() {
                true => Ok(FlameSession::off()),
                false => Err(Kind::WithoutFlame(details).into()),
            };
        }
        FlameSession::start(Plan::new::<P>(&self.typed)?, Box::new(reporter))
    }
}

impl<P: Preset> Default for FlameArgs<P> {
    fn default() -> Self {
        Self { typed: Typed::default(), preset: PhantomData }
    }
}

impl<P: Preset> Clone for FlameArgs<P> {
    fn clone(&self) -> Self {
        Self { typed: self.typed.clone(), preset: PhantomData }
    }
}

impl<P: Preset> fmt::Debug for FlameArgs<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FlameArgs").field(&self.typed).finish()
    }
}

impl<P: Preset> Args for FlameArgs<P> {
    fn augment_args(cmd: Command) -> Command {
        help::with_defaults::<P>(Typed::augment_args(cmd))
    }

    fn augment_args_for_update(cmd: Command) -> Command {
        help::with_defaults::<P>(Typed::augment_args_for_update(cmd))
    }

    fn group_id() -> Option<Id> {
        Typed::group_id()
    }
}

impl<P: Preset> FromArgMatches for FlameArgs<P> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Typed::from_arg_matches(matches).map(|typed| Self { typed, preset: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.typed.update_from_arg_matches(matches)
    }
}

#[cfg(test)]
mod tests;
