//! Values of a repeatable flag that add up across subcommands.
//!
//! clap keeps, of a global flag given at two levels of a command, only what was
//! given at the deeper one: `node --flame-output a.svg run --flame-output b.svg`
//! would forget `a.svg`. But every value of one parse is alive until the parse
//! is over. So all values that are alive together share one list, and whichever
//! of them clap keeps knows the others.
//!
//! The parser's own hold on the list is weak: a command that parses twice starts
//! a new list once the result of the first parse is gone.

use std::{
    ffi::OsStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use clap::{Arg, Command, builder::TypedValueParser};

/// A value that knows every value of its flag in the same parse.
#[derive(Clone, Debug)]
pub(crate) struct Remembering<T>(Arc<List<T>>);

#[derive(Debug)]
struct List<T>(Mutex<Vec<Value<T>>>);

#[derive(Debug)]
struct Value<T> {
    level: usize,
    value: T,
}

impl<T> List<T> {
    fn lock(&self) -> MutexGuard<'_, Vec<Value<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Remembering<T> {
    /// Every value of the flag in the order typed, given those that clap kept.
    pub(crate) fn all(kept: &[Self]) -> Vec<T> {
        let Some(Self(list)) = kept.first() else { return Vec::new() };
        let mut values = list.lock();
        // The last option before a subcommand is parsed after all of the
        // subcommand's; within a level the order is right.
        values.sort_by_key(|value| value.level);
        values.iter().map(|value| value.value.clone()).collect()
    }
}

/// Parses values with another parser, and keeps them together.
#[derive(Clone)]
pub(crate) struct Remember<P: TypedValueParser> {
    parser: P,
    current: Arc<Mutex<Weak<List<P::Value>>>>,
}

impl<P: TypedValueParser> Remember<P> {
    pub(crate) fn new(parser: P) -> Self {
        Self { parser, current: Arc::default() }
    }
}

impl<P> TypedValueParser for Remember<P>
where
    P: TypedValueParser,
    P::Value: Clone + Send + Sync + 'static,
{
    type Value = Remembering<P::Value>;

    fn parse_ref(
        &self,
        cmd: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, clap::Error> {
        let value = self.parser.parse_ref(cmd, arg, value)?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let list = current.upgrade().unwrap_or_else(|| Arc::new(List(Mutex::default())));
        *current = Arc::downgrade(&list);
        list.lock().push(Value { level: level(cmd), value });
        Ok(Remembering(list))
    }
}

/// Grows with the depth of a subcommand, whose full name begins with that of
/// the command above it.
fn level(cmd: &Command) -> usize {
    cmd.get_bin_name().map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use clap::{ArgAction, builder::RangedU64ValueParser};

    use super::*;

    fn command() -> Command {
        Command::new("outer")
            .arg(
                Arg::new("n")
                    .long("n")
                    .global(true)
                    .action(ArgAction::Append)
                    .value_delimiter(',')
                    .value_parser(Remember::new(RangedU64ValueParser::<u32>::new())),
            )
            .subcommand(Command::new("inner").subcommand(Command::new("innermost")))
    }

    fn parse(command: &mut Command, line: &str) -> Vec<u32> {
        let matches = command.try_get_matches_from_mut(line.split(' ')).expect("a valid line");
        let kept: Vec<_> =
            matches.get_many::<Remembering<u32>>("n").into_iter().flatten().cloned().collect();
        Remembering::all(&kept)
    }

    #[test]
    fn values_of_every_level_add_up_in_the_order_typed() {
        for (line, values) in [
            ("outer", vec![]),
            ("outer --n 1", vec![1]),
            ("outer --n 1 --n 2,3", vec![1, 2, 3]),
            ("outer inner --n 1 --n 2", vec![1, 2]),
            ("outer --n 1 inner --n 2", vec![1, 2]),
            ("outer --n=1 --n 2 inner --n 3 innermost --n 4,5", vec![1, 2, 3, 4, 5]),
            ("outer --n 1 inner innermost --n 2", vec![1, 2]),
        ] {
            assert_eq!(parse(&mut command(), line), values, "{line}");
        }
    }

    #[test]
    fn a_command_that_parses_twice_starts_anew() {
        let mut command = command();
        assert_eq!(parse(&mut command, "outer --n 1 inner --n 2"), [1, 2]);
        assert_eq!(parse(&mut command, "outer inner --n 3"), [3]);
    }
}
