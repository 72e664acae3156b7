//! Names of files that have placeholders in them.

use std::{
    ffi::{OsStr, OsString},
    fmt, fs,
    path::Path,
    process,
    time::{Duration, SystemTime},
};

use tracing_flame_layer::render::Format;

/// What may stand in a file's name, with what it becomes.
pub(crate) const PLACEHOLDERS: [(&str, Part); 3] =
    [("{time}", Part::Time), ("{pid}", Part::Pid), ("{n}", Part::Number)];

/// A file's name as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileName(Vec<Part>);

/// A piece of a file's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Text(OsString),
    /// When the window began, to the second.
    Time,
    /// The process.
    Pid,
    /// Which window it is.
    Number,
}

/// What placeholders become.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filling {
    pub(crate) time: SystemTime,
    pub(crate) number: u64,
    /// How many names of the same time were taken already.
    pub(crate) taken: u64,
}

impl FileName {
    /// Reads a name; on error returns the placeholder that does not exist.
    pub(crate) fn parse(name: &OsStr) -> Result<Self, String> {
        // What is no text has no placeholders.
        let Some(mut rest) = name.to_str() else { return Ok(Self(vec![Part::Text(name.into())])) };
        let mut parts = Vec::new();
        while let Some((text, word, after)) = split_at_braces(rest) {
            let known = PLACEHOLDERS.iter().find(|(placeholder, _)| *placeholder == word);
            let (_, part) = known.ok_or_else(|| word.to_owned())?;
            parts.extend([Part::Text(text.into()), part.clone()]);
            rest = after;
        }
        parts.push(Part::Text(rest.into()));
        Ok(Self(parts))
    }

    /// A name like this one that is another in each window.
    pub(crate) fn for_each_window(name: &OsStr, format: Format) -> Result<Self, String> {
        let whole = Self::parse(name)?;
        if whole.is_new_each_time() {
            return Ok(whole);
        }
        let (mut stem, mut extension) = (name.to_owned(), OsString::new());
        for _ in format.extension().matches('.') {
            let path = Path::new(&stem);
            let (Some(before), Some(last)) = (path.file_stem(), path.extension()) else { break };
            extension = [OsStr::new("."), last, &extension].into_iter().collect();
            stem = before.to_owned();
        }
        let Self(mut parts) = Self::parse(&stem)?;
        parts.extend([Part::Text("-".into()), Part::Time, Part::Text(extension)]);
        Ok(Self(parts))
    }

    /// Whether it promises not to name a file that is already there.
    pub(crate) fn is_new_each_time(&self) -> bool {
        self.has(&Part::Time) || self.has(&Part::Number)
    }

    pub(crate) fn has(&self, part: &Part) -> bool {
        self.0.contains(part)
    }

    /// The name with everything filled in.
    pub(crate) fn fill(&self, filling: &Filling) -> OsString {
        let mut name = OsString::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => name.push(text),
                Part::Time => name.push(time(filling)),
                Part::Pid => name.push(process::id().to_string()),
                Part::Number => name.push(filling.number.to_string()),
            }
        }
        name
    }

    /// What the names of all windows have in common, without the extension of their
    /// format: the process is filled in, time and number are left out with what sets
    /// them apart.
    pub(crate) fn common_stem(&self, format: Format) -> String {
        const SEPARATORS: [char; 3] = ['-', '_', '.'];
        let mut parts = self.0.clone();
        if let Some(Part::Text(last)) = parts.last_mut() {
            let text = last.to_string_lossy();
            let end = text.len().saturating_sub(format.extension().len());
            *last = text.get(..end).unwrap_or(&text).into();
        }
        let (mut stem, mut left_out) = (String::new(), false);
        for part in parts {
            match part {
                Part::Text(text) if stem.is_empty() && left_out => {
                    stem.push_str(text.to_string_lossy().trim_start_matches(SEPARATORS));
                }
                Part::Text(text) => stem.push_str(&text.to_string_lossy()),
                Part::Pid => stem.push_str(&process::id().to_string()),
                Part::Time | Part::Number => {
                    stem.truncate(stem.trim_end_matches(SEPARATORS).len());
                    left_out = true;
                }
            }
        }
        stem
    }

    /// The highest number that a file of this name in a directory has.
    pub(crate) fn highest_number(&self, directory: &Path) -> Option<u64> {
        let at = self.0.iter().position(|part| *part == Part::Number)?;
        let (before, after) = (self.0[..at].to_vec(), self.0[at + 1..].to_vec());
        if self.has(&Part::Time) || after.contains(&Part::Number) {
            return None;
        }
        // Neither has a time or a number.
        let nothing = Filling { time: SystemTime::UNIX_EPOCH, number: 0, taken: 0 };
        let [before, after] = [before, after].map(|parts| Self(parts).fill(&nothing));
        let (before, after) = (before.to_str()?, after.to_str()?);
        let entries = fs::read_dir(directory).ok()?.filter_map(Result::ok);
        let number = |name: OsString| {
            name.to_str()?.strip_prefix(before)?.strip_suffix(after)?.parse::<u64>().ok()
        };
        entries.filter_map(|entry| number(entry.file_name())).max()
    }
}

/// As it was typed.
impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => text.display().fmt(f),
            part => PLACEHOLDERS
                .iter()
                .filter(|(_, known)| known == part)
                .try_for_each(|(text, _)| f.write_str(text)),
        })
    }
}

/// The first `{word}`, with what stands before and behind it.
fn split_at_braces(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices('{').find_map(|(open, _)| {
        let close = open + text[open..].find('}')? + 1;
        let word = &text[open + 1..close - 1];
        let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        is_word.then(|| (&text[..open], &text[open..close], &text[close..]))
    })
}

/// `20261126T204233Z`: sorts as time does, and may stand in any file system.
fn time(filling: &Filling) -> String {
    // The years that four digits can tell.
    let since = filling.time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let since = since.min(Duration::from_secs(253_402_300_799));
    let time = humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since).to_string();
    let digits = time.replace(['-', ':'], "");
    match filling.taken {
        0 => digits,
        taken => format!("{digits}-{}", taken + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str) -> FileName {
        FileName::parse(name.as_ref()).expect("placeholders that exist")
    }

    fn filled(name: &FileName, number: u64, taken: u64) -> String {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_725_753);
        name.fill(&Filling { time, number, taken }).to_string_lossy().into_owned()
    }

    #[test]
    fn placeholders_become_the_time_the_process_and_the_windows_number() {
        let pid = process::id();
        for (name, becomes) in [
            ("spans.svg", "spans.svg".to_owned()),
            ("{time}.svg", "20261126T204233Z.svg".to_owned()),
            ("a-{n}-{pid}.txt", format!("a-7-{pid}.txt")),
            ("{n}{n}.json", "77.json".to_owned()),
            ("a{B}{}{.svg", "a{B}{}{.svg".to_owned()),
        ] {
            assert_eq!(filled(&parse(name), 7, 0), becomes, "{name}");
            assert_eq!(parse(name).to_string(), name);
        }
        assert_eq!(filled(&parse("{time}.svg"), 7, 2), "20261126T204233Z-3.svg");
    }

    #[test]
    fn a_placeholder_that_does_not_exist_is_named() {
        let wrong = FileName::parse("a{n}{times}.svg".as_ref());
        assert_eq!(wrong, Err("{times}".to_owned()));
    }

    #[test]
    fn a_name_that_is_always_the_same_gets_the_time_before_its_extension() {
        let each = |name: &str| {
            let format = Format::from_path(name).expect("a format");
            FileName::for_each_window(name.as_ref(), format).expect("placeholders").to_string()
        };
        for (name, becomes) in [
            ("spans.folded", "spans-{time}.folded"),
            ("a.b.JSON", "a.b-{time}.JSON"),
            ("of {pid}.txt", "of {pid}-{time}.txt"),
            ("{n}.txt", "{n}.txt"),
            ("{time}.txt", "{time}.txt"),
        ] {
            assert_eq!(each(name), becomes);
        }
    }

    #[test]
    fn all_windows_have_a_stem_in_common() {
        let pid = process::id();
        for (name, stem) in [
            ("spans.txt", "spans".to_owned()),
            ("spans.TXT", "spans".to_owned()),
            (".a-.b.txt", ".a-.b".to_owned()),
            ("{Foo}{.txt", "{Foo}{".to_owned()),
            ("spans-{time}.txt", "spans".to_owned()),
            ("spans_{time}-{n}.txt", "spans".to_owned()),
            ("{time}_spans.txt", "spans".to_owned()),
            ("a-{n}-b.txt", "a-b".to_owned()),
            ("a-{pid}-{time}.txt", format!("a-{pid}")),
            ("{n}{pid}.txt", pid.to_string()),
            ("{time}.txt", String::new()),
        ] {
            assert_eq!(parse(name).common_stem(Format::Table), stem, "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_text_is_taken_as_it_is() {
        use std::os::unix::ffi::OsStrExt;
        let name = OsStr::from_bytes(b"\xff{n}.txt");
        let nothing = Filling { time: SystemTime::UNIX_EPOCH, number: 1, taken: 0 };
        assert_eq!(FileName::parse(name).expect("any").fill(&nothing), name);
        let each = FileName::for_each_window(name, Format::Table).expect("any");
        assert_eq!(each.fill(&nothing), OsStr::from_bytes(b"\xff{n}-19700101T000000Z.txt"));
    }

    #[test]
    fn numbers_are_found_again_among_other_files() {
        let directory = tempfile::TempDir::new().expect("a temporary directory");
        for name in ["a-3.txt", "a-12.txt", "a-x.txt", "a-99.svg", "b-50.txt", "a-.txt"] {
            fs::write(directory.path().join(name), "").expect("a file");
        }
        let highest = |name: &str| parse(name).highest_number(directory.path());
        assert_eq!(highest("a-{n}.txt"), Some(12));
        assert_eq!(highest("c-{n}.txt"), None);
        assert_eq!(highest("a-{time}-{n}.txt"), None);
        assert_eq!(highest("a.txt"), None);
    }

    #[test]
    fn times_out_of_reach_are_told_by_the_nearest_within() {
        let name = parse("{time}");
        let far = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1 << 40));
        let before = SystemTime::UNIX_EPOCH.checked_sub(Duration::from_secs(1));
        for (time, text) in [(far, "99991231T235959Z"), (before, "19700101T000000Z")] {
            let Some(time) = time else { continue };
            assert_eq!(name.fill(&Filling { time, number: 1, taken: 0 }), text);
        }
    }
}
