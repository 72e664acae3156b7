//! An open operation in a line.

use std::fmt;

use super::{
    human::{Count, Rounded},
    label::printable,
};
use crate::profile::{OpenOperation, OpenSpan, OpenThread};

/// How many of a stack's innermost frames are told.
const INNERMOST: usize = 4;

impl fmt::Display for OpenOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} open for {}", self.headline(), Rounded(self.nanos))?;
        let mut separator = ":";
        for thread in &self.threads {
            let OpenThread { name, state, span } = thread;
            write!(f, "{separator} {} {state} in {span}", printable(name))?;
            separator = ";";
        }
        for span in &self.awaited {
            write!(f, "{separator} awaiting {span}")?;
            separator = ";";
        }
        if self.omitted > 0 {
            write!(f, "; and {} more", Count(self.omitted))?;
        }
        Ok(())
    }
}

impl OpenOperation {
    /// The root span's name and fields.
    #[must_use]
    pub fn headline(&self) -> String {
        let fields = self.fields.iter().map(|(name, value)| format!("{name}={value}"));
        let fields: Vec<String> = fields.collect();
        let fields =
            if fields.is_empty() { String::new() } else { format!("{{{}}}", fields.join(",")) };
        printable(&format!("{}{fields}", self.name))
    }
}

/// The innermost frames, and since when.
impl fmt::Display for OpenSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left_out = self.stack.len().saturating_sub(INNERMOST);
        let innermost = self.stack.get(left_out..).unwrap_or_default().join(" > ");
        let more = if left_out > 0 { "\u{2026} > " } else { "" };
        write!(f, "{more}{} (for {})", printable(&innermost), Rounded(self.nanos))
    }
}
