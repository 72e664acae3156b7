//! The page that lists the operations that have pages.

use std::{
    io::{self, Write},
    time::{Duration, SystemTime},
};

use crate::{
    MissingOperations,
    profile::Operation,
    render::{
        escaped::Escaped,
        human::{Count, Nanos, Plural, Utc},
    },
};

/// What an index begins with, by which it is known again.
pub const INDEX_MARK: &str = "<!doctype html><!-- tracing-flame-layer: operations -->";

/// A line of an [`Index`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// The picture, beside the index.
    pub file: String,
    /// The root span's name and fields.
    pub headline: String,
    /// The time of day at the first enter.
    pub start: SystemTime,
    /// From the first enter to the last close.
    pub nanos: u64,
    /// What is slow about it: [`Operation::sentence`].
    pub sentence: Option<String>,
}

impl IndexEntry {
    /// The line of an operation whose page is `file`.
    #[must_use]
    pub fn new(operation: &Operation, file: String) -> Self {
        let (start, nanos) = (operation.start(), operation.nanos());
        let sentence = operation.sentence();
        Self { file, headline: operation.headline(), start, nanos, sentence }
    }
}

/// The page that lists operations: time of day, duration, fields, and a link to
/// each picture.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// The headline of the page.
    pub title: String,
    /// The slowest operations, the slowest first.
    pub slowest: Vec<IndexEntry>,
    /// The operations slower than was asked for, the latest first.
    pub slow: Vec<IndexEntry>,
    /// What makes an operation slow, as the user wrote it.
    pub slower_than: Option<String>,
    /// How many older slow ones have no picture any more.
    pub slow_dropped: u64,
    /// Those that could not be considered or kept.
    pub missing: MissingOperations,
}

const STYLE: &str = "\
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
td, th { padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; }
tr + tr { border-top: 1px solid #8884; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.h { overflow-wrap: anywhere; }
p { color: #888; }
";

impl Index {
    /// Writes the page as HTML.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write(&self, mut writer: impl Write) -> io::Result<()> {
        let title = Escaped(&self.title);
        write!(
            writer,
            "{INDEX_MARK}\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <title>{title}: slow operations</title>\n<style>\n{STYLE}</style></head>\n\
             <body><h1>{title}: slow operations</h1>\n"
        )?;
        if !self.slowest.is_empty() {
            writeln!(writer, "<h2>The {} slowest</h2>", self.slowest.len())?;
            table(&mut writer, &self.slowest)?;
        }
        if let Some(least) = &self.slower_than {
            let least = Escaped(least);
            writeln!(
                writer,
                "<h2>Slower than {least}: {}, the latest first</h2>",
                self.slow.len()
            )?;
            table(&mut writer, &self.slow)?;
        }
        for line in self.notes() {
            writeln!(writer, "<p>{line}</p>")?;
        }
        writer.write_all(b"</body></html>\n")?;
        writer.flush()
    }

    /// What is missing, a line each.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.slowest.is_empty() && self.slow.is_empty() {
            notes.push("No operation has ended while time was taken.".to_owned());
        }
        if self.slow_dropped > 0 {
            let older = Plural(self.slow_dropped, "older slow operation");
            notes.push(format!("No pictures any more, to make room: {older}."));
        }
        if self.missing.not_taken > 0 {
            let lost = Plural(self.missing.not_taken, "slow operation");
            notes.push(format!("{lost} came faster than pictures are drawn and have none."));
        }
        if self.missing.not_followed > 0 {
            let lost = Plural(self.missing.not_followed, "operation");
            notes.push(format!(
                "{lost} began while too many others were open, or memory was short, and were not \
                 considered."
            ));
        }
        notes
    }
}

fn table(writer: &mut impl Write, entries: &[IndexEntry]) -> io::Result<()> {
    writer.write_all(b"<table><tr><th class=\"n\">#</th><th>began</th><th class=\"n\">took</th><th>operation</th></tr>\n")?;
    for (number, entry) in (1..).zip(entries) {
        let (file, headline) = (Escaped(&entry.file), Escaped(&entry.headline));
        let sentence = entry.sentence.as_deref();
        let sentence = sentence.map_or(String::new(), |text| format!("<br>{}", Escaped(text)));
        writeln!(
            writer,
            "<tr><td class=\"n\">{}</td><td>{}</td><td class=\"n\">{}</td>\
             <td class=\"h\"><a href=\"{file}\">{headline}</a>{sentence}</td></tr>",
            Count(number),
            time(entry.start),
            Nanos(entry.nanos),
        )?;
    }
    writer.write_all(b"</table>\n")
}

/// The time of day to the millisecond.
fn time(start: SystemTime) -> String {
    let millis =
        start.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.subsec_millis());
    let whole = start.checked_sub(Duration::from_millis(u64::from(millis))).unwrap_or(start);
    Utc(whole).to_string().replace(" UTC", &format!(".{millis:03} UTC"))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn an_index_links_pictures_and_says_what_is_missing() {
        let entry = |file: &str, headline: &str, nanos| IndexEntry {
            file: file.to_owned(),
            headline: headline.to_owned(),
            start: UNIX_EPOCH + Duration::from_millis(86_400_042),
            nanos,
            sentence: Some("+1 ms: `<b>`".to_owned()),
        };
        let index = Index {
            title: "a & b".to_owned(),
            slowest: vec![entry("x-1ms.svg", "x{f=\"<i>\"}", 1_000_000)],
            slower_than: Some("p99".to_owned()),
            slow_dropped: 1,
            missing: MissingOperations { not_followed: 2, not_taken: 3 },
            ..Index::default()
        };
        let mut page = Vec::new();
        index.write(&mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        for part in [
            "<h1>a &amp; b: slow operations</h1>",
            "<h2>The 1 slowest</h2>",
            "<td>1970-01-02 00:00:00.042 UTC</td><td class=\"n\">1.000 ms</td>",
            "<a href=\"x-1ms.svg\">x{f=&quot;&lt;i&gt;&quot;}</a><br>+1 ms: `&lt;b&gt;`</td>",
            "Slower than p99: 0",
            "to make room: 1 older slow operation",
            "3 slow operations came faster",
            "2 operations began while",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        assert!(page.starts_with(INDEX_MARK));
    }
}
