//! The limits on instructions: lines of `<shape> <instructions>`.

use std::{fmt::Write, fs, path::PathBuf};

use crate::{Result, shape::Shape};

/// The most instructions that a unit of a shape may add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The shape.
    pub shape: Shape,
    /// Instructions a unit.
    pub instructions: u64,
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

/// Writes limits a fiftieth above what was counted; comments stay.
///
/// # Errors
///
/// Where the file cannot be read or written.
pub fn write(counted: &[(Shape, f64)]) -> Result<()> {
    let old = fs::read_to_string(path())?;
    let mut text = String::new();
    for comment in old.lines().filter(|line| line.starts_with('#')) {
        writeln!(text, "{comment}")?;
    }
    for (shape, instructions) in counted {
        writeln!(text, "{shape} {}", (instructions * 1.02).ceil())?;
    }
    Ok(fs::write(path(), text)?)
}

fn parse(text: &str) -> Result<Vec<Limit>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let limit = |line: &str| {
        let (shape, instructions) =
            line.split_once(' ').ok_or_else(|| format!("not `<shape> <instructions>`: {line}"))?;
        Ok(Limit { shape: shape.parse()?, instructions: instructions.trim().parse()? })
    };
    lines.map(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_skipped_and_anything_else_is_a_limit_or_an_error() {
        let flat = Limit { shape: Shape::Flat, instructions: 140 };
        assert_eq!(parse("# why\n\nflat 140\n").unwrap(), [flat]);
        assert!(parse("flat").is_err());
        assert!(parse("flat many").is_err());
        assert!(parse("flatt 140").is_err());
    }

    #[test]
    fn the_limits_of_the_project_can_be_read() {
        assert!(!read().unwrap().is_empty());
    }
}
