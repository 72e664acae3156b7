//! An output as typed: where it goes, and in which format.

use std::path::{Path, PathBuf};

use tracing_flame_layer::render::{Format, UnknownFormat};

/// What stands for standard output.
const STANDARD_OUTPUT: &str = "-";

/// One output: `PATH`, whose extension names the format, or `FORMAT:PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    /// As typed, for messages.
    pub(crate) typed: PathBuf,
    pub(crate) format: Format,
    pub(crate) place: Place,
}

/// Where an output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    StandardOutput,
    File(PathBuf),
}

impl Output {
    /// Reads what was typed. A format in front decides; it is written as its
    /// extension: `folded:-`, `pb.gz:/dev/fd/63`.
    ///
    /// # Errors
    ///
    /// Where neither names a format.
    pub(crate) fn parse(typed: PathBuf) -> Result<Self, UnknownFormat> {
        let named = typed.to_str().and_then(|text| text.split_once(':'));
        let named = named.and_then(|(format, rest)| Some((format.parse().ok()?, rest)));
        let (format, path) = match named {
            Some((format, rest)) => (format, Path::new(rest)),
            None => (Format::from_path(&typed)?, &*typed),
        };
        let place = match path {
            path if path == Path::new(STANDARD_OUTPUT) => Place::StandardOutput,
            path => Place::File(path.to_owned()),
        };
        Ok(Self { format, place, typed })
    }

    /// Where a picture goes where no output is typed.
    pub(crate) fn default() -> Self {
        let format = Format::ALL[0];
        let typed = PathBuf::from(format!("flamegraph{}", format.extension()));
        Self { format, place: Place::File(typed.clone()), typed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Output {
        Output::parse(text.into()).unwrap_or_else(|why| panic!("{text}: {why}"))
    }

    #[test]
    fn an_extension_or_a_word_in_front_names_the_format() {
        let file = |path: &str| Place::File(path.into());
        for (text, format, place) in [
            ("a.folded", Format::Folded, file("a.folded")),
            ("folded:a", Format::Folded, file("a")),
            ("json:a.folded", Format::Json, file("a.folded")),
            ("speedscope.json:/dev/fd/63", Format::Speedscope, file("/dev/fd/63")),
            ("folded:-", Format::Folded, Place::StandardOutput),
            ("TXT:-", Format::Table, Place::StandardOutput),
            ("./folded:a.txt", Format::Table, file("./folded:a.txt")),
            ("C:a.txt", Format::Table, file("C:a.txt")),
        ] {
            let output = parse(text);
            assert_eq!((output.format, output.place), (format, place), "{text}");
        }
        assert_eq!(parse(&Output::default().typed.to_string_lossy()), Output::default());
    }

    #[test]
    fn what_names_no_format_is_refused() {
        for text in ["-", "a", "png:-", "/dev/fd/63", ":a"] {
            assert!(Output::parse(text.into()).is_err(), "{text}");
        }
    }
}
