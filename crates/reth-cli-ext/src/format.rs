//! What a file name's end says about its content.

use std::{
    io::{self, Write},
    path::Path,
};

use tracing_flame_layer::{Profile, render::Options};

/// What a picture is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A flamegraph for a browser.
    #[cfg(feature = "svg")]
    Svg,
    /// Folded stacks for other tools.
    Folded,
    /// A table for a terminal.
    Table,
}

impl Format {
    /// Every format of this build; the first is the default output's.
    pub(crate) const ALL: &[Self] = &[
        #[cfg(feature = "svg")]
        Self::Svg,
        Self::Folded,
        Self::Table,
    ];

    /// The end of a file's name that asks for this format. It may have two
    /// parts; where two formats' extensions fit, the longer wins.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            #[cfg(feature = "svg")]
            Self::Svg => ".svg",
            Self::Folded => ".folded",
            Self::Table => ".txt",
        }
    }

    /// The format that a path's file name asks for.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        Self::ALL
            .iter()
            .copied()
            .filter(|format| {
                name.strip_suffix(format.extension()).is_some_and(|stem| !stem.is_empty())
            })
            .max_by_key(|format| format.extension().len())
    }

    /// Says that an extension is unknown, and which are known.
    pub(crate) fn unknown() -> String {
        let known: Vec<_> = Self::ALL.iter().map(|format| format.extension()).collect();
        let lacking = if cfg!(feature = "svg") { "" } else { " (this build has no `.svg`)" };
        format!(
            "the file's extension picks the format and must be one of {}{lacking}",
            known.join(", ")
        )
    }

    /// Writes a profile in this format.
    pub(crate) fn write(
        self,
        profile: &Profile,
        writer: impl Write,
        options: &Options,
    ) -> io::Result<()> {
        match self {
            #[cfg(feature = "svg")]
            Self::Svg => profile.write_svg(writer, options),
            Self::Folded => profile.write_folded(writer, options),
            Self::Table => profile.write_table(writer, options),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_picks_the_format_in_any_case() {
        assert_eq!(Format::of("a/b.folded".as_ref()), Some(Format::Folded));
        assert_eq!(Format::of("B.TXT".as_ref()), Some(Format::Table));
        #[cfg(feature = "svg")]
        assert_eq!(Format::of("spans.2026.svg".as_ref()), Some(Format::Svg));
    }

    #[test]
    fn a_path_that_is_only_an_extension_or_has_none_picks_nothing() {
        for path in [".svg", "a/.folded", "flamegraph", "a.png", "svg", "..", "/"] {
            let format = Format::of(path.as_ref());
            assert!(format.is_none(), "{path} gave {format:?}");
        }
    }

    #[test]
    fn the_refusal_lists_every_known_extension() {
        for format in Format::ALL {
            assert!(Format::unknown().contains(format.extension()));
        }
    }
}
