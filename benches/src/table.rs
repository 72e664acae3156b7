//! Markdown tables.

use std::fmt::Write;

/// A table: a heading a column, and rows.
#[derive(Debug)]
pub struct Table {
    text: String,
}

impl Table {
    /// A table without rows; numbers stand to the right, so all columns but the
    /// first do.
    #[must_use]
    pub fn new(headings: &[&str]) -> Self {
        let rule = "|--:".repeat(headings.len().saturating_sub(1));
        Self { text: format!("| {} |\n|---{rule}|\n", headings.join(" | ")) }
    }

    /// Adds a row.
    pub fn row(&mut self, name: &str, cells: impl IntoIterator<Item = String>) {
        // Writing to a string does not fail.
        let _ = write!(self.text, "| {name} ");
        for cell in cells {
            let _ = write!(self.text, "| {cell} ");
        }
        self.text.push_str("|\n");
    }

    /// The table as text.
    #[must_use]
    pub fn finish(self) -> String {
        self.text
    }
}

/// A number of nanoseconds, or a dash: to a tenth below ten, whole above.
#[must_use]
pub fn nanos(value: Option<f64>) -> String {
    number(value, if value.is_some_and(|v| v.abs() < 10.0) { 1 } else { 0 })
}

/// How many times as much.
#[must_use]
pub fn times(value: Option<f64>) -> String {
    value.map_or_else(|| "–".into(), |v| format!("{v:.2} ×"))
}

/// A number with so many decimals, or a dash.
#[must_use]
pub fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "–".into(), |v| format!("{v:.decimals$}"))
}

/// A number of bytes in the largest unit that leaves a whole number.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0 => "0".into(),
        1..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        10_000_000..10_000_000_000 => format!("{:.0} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// A whole number with its thousands apart.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_what_is_missing_is_a_dash() {
        let written = [nanos(Some(9.96)), nanos(Some(123.4)), nanos(None), times(Some(1.254))];
        assert_eq!(written, ["10.0", "123", "–", "1.25 ×"]);
        assert_eq!([bytes(0), bytes(812), bytes(2_400_000_000)], ["0", "812 B", "2400 MB"]);
        assert_eq!([thousands(12), thousands(1_000_000)], ["12", "1,000,000"]);
    }

    #[test]
    fn a_table_aligns_numbers_to_the_right() {
        let mut table = Table::new(&["shape", "ns"]);
        table.row("flat", [nanos(Some(21.0))]);
        assert_eq!(table.finish(), "| shape | ns |\n|---|--:|\n| flat | 21 |\n");
    }
}
