//! Folded stacks, `frame;frame;frame weight` on each line, whoever wrote them.
//!
//! ```text
//! main;read 3            a stack and its weight
//! main;read 3 5          on every line: two runs, as difffolded.pl writes them
//! main;read 1.5          part of a unit
//! main;vfs_read_[k] 3    another tool's mark, which stays what it is
//! lost 12 events         no stack: left out, counted and told
//! ```
//!
//! A name may end in a number, so two numbers are two weights only where every line
//! has two. Until one has not, the text is read both ways.

use std::io::{BufRead, Read};

use tracing_flame_layer::Profile;

use super::{
    Failure, How, bounds,
    stacks::{Stacks, shortened},
    weight,
};
use crate::error::Bad;

/// What a text came to.
pub(super) struct Folded {
    /// One, or two where every line has two weights.
    pub(super) profiles: Vec<Profile>,
    pub(super) remarks: Vec<String>,
}

/// What a line must be.
const VALID: &str = "a line is `frame;frame;frame weight`";

pub(super) fn read(mut reader: impl BufRead, how: How) -> Result<Folded, Failure> {
    let mut reading = Reading::new(how);
    let mut bytes = Vec::new();
    let most = bounds::MOST_LINE as u64;
    for number in 1.. {
        bytes.clear();
        if reader.by_ref().take(most + 1).read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        if bytes.len() > bounds::MOST_LINE {
            return Err(Bad::at(number, format!("longer than {most} bytes")).into());
        }
        reading.line(number, &bytes)?;
    }
    Ok(reading.finish()?)
}

struct Reading {
    how: How,
    /// With one weight a line; why that cannot be, while it may be two.
    one: Result<Stacks<1>, Bad>,
    /// With two weights a line, while every line has two.
    two: Option<Stacks<2>>,
    no_stack: Found,
    no_text: Found,
    rounded: Found,
}

/// How often something was found, and where first.
#[derive(Default)]
struct Found {
    lines: u64,
    first: Option<Bad>,
}

impl Found {
    /// Notes something, which is an error where nothing may be wrong.
    fn note(&mut self, bad: Bad, strict: bool) -> Result<(), Bad> {
        if strict {
            return Err(bad);
        }
        self.lines += 1;
        self.first.get_or_insert(bad);
        Ok(())
    }

    /// A sentence about it, where there was any.
    fn remark(&self, one: &str, several: &str) -> Option<String> {
        let first = self.first.as_ref()?;
        Some(match self.lines {
            1 => format!("1 {one}: {first}"),
            lines => format!("{lines} {several}; the first: {first}"),
        })
    }
}

impl Reading {
    fn new(how: How) -> Self {
        let (no_stack, no_text, rounded) = Default::default();
        let (one, two) = (Ok(Stacks::default()), Some(Stacks::default()));
        Self { how, one, two, no_stack, no_text, rounded }
    }

    fn line(&mut self, number: u64, bytes: &[u8]) -> Result<(), Bad> {
        let line = String::from_utf8_lossy(bytes);
        let text = line.trim();
        if text.is_empty() || text == "#" || text.starts_with("# ") {
            return Ok(());
        }
        if std::str::from_utf8(bytes).is_err() {
            let why = format!("`{}` is not UTF-8 text", shortened(text));
            self.no_text.note(Bad::at(number, why), self.how.strict)?;
        }
        let at = |why| Bad::at(number, why);
        let (stack, weight) = match self.last_weight(text) {
            Ok(last) => last,
            Err(why) => return self.no_stack.note(at(why), self.how.strict),
        };
        if self.stack(stack, weight).map_err(at)? {
            let why = format!("`{}` has a part of a nanosecond", shortened(text));
            self.rounded.note(at(why), self.how.strict)?;
        }
        Ok(())
    }

    /// What stands before a line's last blank, and the weight behind it.
    fn last_weight<'t>(&self, text: &'t str) -> Result<(&'t str, weight::Weight), String> {
        let (stack, last) = text.rsplit_once([' ', '\t']).ok_or_else(|| {
            format!("`{}` has no stack before a weight; {VALID}", shortened(text))
        })?;
        let weight = weight::read(last, self.how.unit)
            .map_err(|why| format!("the weight `{}` {why}; {VALID}", shortened(last)))?;
        Ok((stack.trim_end(), weight))
    }

    /// Adds a line's weight, or its two. Returns whether one was rounded.
    fn stack(&mut self, stack: &str, last: weight::Weight) -> Result<bool, String> {
        let mut is_rounded = last.is_rounded;
        let before = self.two.is_some().then(|| self.last_weight(stack).ok()).flatten();
        match (&mut self.two, before) {
            (Some(two), Some((stack, first))) => {
                two.add(stack, [first.nanos, last.nanos])?;
                is_rounded |= first.is_rounded;
            }
            (two, _) => *two = None,
        }
        match (&mut self.one, &self.two) {
            (Ok(one), _) => {
                let added = one.add(stack, [last.nanos]);
                match (added, &self.two) {
                    // It may never be asked for.
                    (Err(why), Some(_)) => self.one = Err(Bad::anywhere(why)),
                    (added, _) => added?,
                }
            }
            (Err(why), None) => return Err(why.why.clone()),
            (Err(_), Some(_)) => {}
        }
        Ok(is_rounded)
    }

    fn finish(self) -> Result<Folded, Bad> {
        let profiles = match (self.two, self.one) {
            (Some(two), _) if !two.is_empty() => two.profiles(),
            (_, Ok(one)) if !one.is_empty() => one.profiles(),
            (_, Ok(_)) => {
                let nothing = || Bad::anywhere(format!("there is no stack in it; {VALID}"));
                return Err(self.no_stack.first.unwrap_or_else(nothing));
            }
            (_, Err(why)) => return Err(why),
        };
        let remarks = [
            self.no_stack.remark(
                "line is no stack and was left out",
                "lines are no stacks and were left out",
            ),
            self.no_text.remark(
                "line has bytes that are no text, each written as `\u{fffd}`",
                "lines have bytes that are no text, each written as `\u{fffd}`",
            ),
            self.rounded.remark(
                "weight was rounded to whole nanoseconds",
                "weights were rounded to whole nanoseconds",
            ),
        ];
        Ok(Folded { profiles, remarks: remarks.into_iter().flatten().collect() })
    }
}
