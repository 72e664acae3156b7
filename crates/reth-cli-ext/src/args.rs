//! The flags as a host flattens them.

use std::{fmt, marker::PhantomData};

use clap::{ArgMatches, Args, Command, FromArgMatches, Id};

use crate::{
    Error, FlameSession, Plain, Preset, Reporter, Stderr, error::Kind, plan::Plan, preset::help,
    typed::Typed,
};

/// The `--flame` flags, for `#[command(flatten)]` in any clap program.
///
/// `P` is the host's [`Preset`] of defaults. [`FlameArgs::default`] equals a
/// command line on which none of the flags stands.
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

    /// Checks the flags and starts what they ask for; its lines go to standard
    /// error. Without `--flame` the session does nothing and costs nothing.
    ///
    /// Time counts from here, so call it right after parsing, before any work.
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
