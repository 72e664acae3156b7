//! The slowest operations: a list, and the picture of each.

use std::{
    collections::HashMap,
    fmt::Write,
    io,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tracing_flame_layer::{
    Flame,
    profile::Operation,
    render::{IndexEntry, Options, TraceFormat},
};

use super::json;
use crate::picture::{self, EXTENSION};

/// Lists and draws the slowest operations of a recording.
#[derive(Debug)]
pub(super) struct Slowest {
    flame: Flame,
    /// What has been listed before, by number, so that it is not read again.
    listed: Mutex<HashMap<u64, String>>,
}

impl Slowest {
    pub(super) fn new(flame: Flame) -> Self {
        Self { flame, listed: Mutex::default() }
    }

    /// The list, the slowest first, as one JSON object on a line.
    pub(super) fn json(&self) -> String {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers = self.flame.slowest_numbers();
        listed.retain(|number, _| numbers.contains(number));
        for &number in &numbers {
            if !listed.contains_key(&number)
                && let Some(operation) = self.flame.slowest_by_number(number)
            {
                listed.insert(number, line(&operation));
            }
        }
        let lines: Vec<&str> =
            numbers.iter().filter_map(|number| listed.get(number).map(String::as_str)).collect();
        format!("{{\"operations\":[{}]}}\n", lines.join(","))
    }

    /// One of them as JSON, if it still is.
    pub(super) fn data(&self, number: u64) -> Option<io::Result<Vec<u8>>> {
        let operation = self.flame.slowest_by_number(number)?;
        let mut bytes = Vec::new();
        Some(operation.write_json(&mut bytes).map(|()| bytes))
    }

    /// The course of one of them in time, if it still is.
    pub(super) fn trace(&self, number: u64, format: TraceFormat) -> Option<io::Result<Vec<u8>>> {
        let operation = self.flame.slowest_by_number(number)?;
        let mut bytes = Vec::new();
        Some(operation.write_trace(format, &mut bytes).map(|()| bytes))
    }

    /// The picture of one of them, if it still is.
    pub(super) fn picture(&self, number: u64, options: &Options) -> Option<io::Result<Vec<u8>>> {
        let operation = self.flame.slowest_by_number(number)?;
        let mut bytes = Vec::new();
        Some(picture::draw(&operation, &mut bytes, options).map(|()| bytes))
    }
}

/// The number in a path that ends so.
pub(super) fn number(path: &str, extension: &str) -> Option<u64> {
    let digits = path.strip_prefix("/slowest/")?.strip_suffix(extension)?;
    digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn line(operation: &Operation) -> String {
    let path = format!("slowest/{}{EXTENSION}", operation.number());
    let IndexEntry { file, headline, start, nanos, sentence } = IndexEntry::new(operation, path);
    let mut line = String::new();
    let _ = write!(
        line,
        "{{\"number\":{},\"name\":{},\"nanos\":{nanos},\"start_unix_nanos\":{},\"picture\":{}",
        operation.number(),
        json::string(&headline),
        since_epoch(start).as_nanos(),
        json::string(&file),
    );
    if let Some(sentence) = sentence {
        let _ = write!(line, ",\"sentence\":{}", json::string(&sentence));
    }
    line.push('}');
    line
}

fn since_epoch(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_found_by_its_number() {
        let number = |path: &str| number(path, EXTENSION);
        assert_eq!(number(&format!("/slowest/12{EXTENSION}")), Some(12));
        for path in ["/slowest/", "/slowest/12", "/slowest/+1.svg", "/slowest/-1.svg"] {
            assert_eq!(number(path), None, "{path}");
        }
        assert_eq!(number(&format!("/slowest/{}0{EXTENSION}", u64::MAX)), None);
        assert_eq!(number(&format!("/slowest/{EXTENSION}")), None);
    }
}
