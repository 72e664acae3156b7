//! The limits: lines of `<subject> <shape> <instructions> <allocations>`.

use std::{fmt::Write, fs, path::PathBuf};

use crate::{Result, shape::Shape, subject::Subject};

/// The most that a unit of a shape may add.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// What adds it.
    pub subject: Subject,
    /// The shape.
    pub shape: Shape,
    /// Instructions a unit.
    pub instructions: u64,
    /// Allocations a unit.
    pub allocations: f64,
}

fn path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.limits"))
}

/// Reads the limits.
///
/// # Errors
///
/// Where the file cannot be read, or a line is not one.
pub fn read() -> Result<Vec<Limit>> {
    parse(&fs::read_to_string(path())?)
}

/// Writes other limits; comments stay.
///
/// # Errors
///
/// Where the file cannot be read or written.
pub fn write(limits: &[Limit]) -> Result<()> {
    let old = fs::read_to_string(path())?;
    let mut text = String::new();
    for comment in old.lines().filter(|line| line.starts_with('#')) {
        writeln!(text, "{comment}")?;
    }
    for Limit { subject, shape, instructions, allocations } in limits {
        writeln!(text, "{subject} {shape} {instructions} {allocations}")?;
    }
    Ok(fs::write(path(), text)?)
}

fn parse(text: &str) -> Result<Vec<Limit>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(parse_line).collect()
}

fn parse_line(line: &str) -> Result<Limit> {
    let words: Vec<_> = line.split_whitespace().collect();
    let [subject, shape, instructions, allocations] = words[..] else {
        return Err(format!("not `<subject> <shape> <instructions> <allocations>`: {line}").into());
    };
    Ok(Limit {
        subject: subject.parse()?,
        shape: shape.parse()?,
        instructions: instructions.parse()?,
        allocations: allocations.parse()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_skipped_and_anything_else_is_a_limit_or_an_error() {
        let (subject, shape) = (Subject::Ours, Shape::Flat);
        let flat = Limit { subject, shape, instructions: 140, allocations: 0.0 };
        assert_eq!(parse("# why\n\nours flat 140 0\n").unwrap(), [flat]);
        assert!(parse("ours flat 140").is_err());
        assert!(parse("flat 140 0").is_err());
        assert!(parse("ours flat many 0").is_err());
        assert!(parse("ours flatt 140 0").is_err());
        assert!(parse("hours flat 140 0").is_err());
    }

    #[test]
    fn the_limits_of_the_project_can_be_read() {
        assert!(!read().unwrap().is_empty());
    }
}
