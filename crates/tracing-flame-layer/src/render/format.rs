//! The formats a profile is written in, and which path asks for which.
//!
//! To add a format: a variant, its line in each of the small matches below, and
//! a file beside this one that writes it.

use std::{
    error::Error,
    fmt,
    io::{self, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use super::Options;
use crate::Profile;

/// A format that a profile can be written in.
///
/// ```
/// use tracing_flame_layer::render::{Format, Options};
///
/// # let (_layer, flame) = tracing_flame_layer::FlameLayer::new();
/// let format = Format::from_path("spans.speedscope.json")?;
/// let mut written = Vec::new();
/// flame.snapshot().write(format, &mut written, &Options::default())?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// A flamegraph to open in a browser: `.svg`.
    #[cfg(feature = "svg")]
    Svg,
    /// A report, one file with a viewer of the profile, to open in a browser: `.html`.
    #[cfg(feature = "html")]
    Html,
    /// One line a stack, `frame;frame;frame nanoseconds`: `.folded`.
    Folded,
    /// A text table sorted by self time: `.txt`.
    Table,
    /// Everything that the profile knows, to be read back: `.json`.
    Json,
    /// For <https://www.speedscope.app>, with a profile for each thread name
    /// too: `.speedscope.json`.
    Speedscope,
    /// For `go tool pprof` and those who collect such profiles: `.pb.gz`.
    #[cfg(feature = "pprof")]
    Pprof,
}

impl Format {
    /// Every format that this build writes.
    pub const ALL: &'static [Self] = &[
        #[cfg(feature = "svg")]
        Self::Svg,
        #[cfg(feature = "html")]
        Self::Html,
        Self::Folded,
        Self::Table,
        Self::Json,
        Self::Speedscope,
        #[cfg(feature = "pprof")]
        Self::Pprof,
    ];

    /// The end of a file name that asks for this format, with its dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            #[cfg(feature = "svg")]
            Self::Svg => ".svg",
            #[cfg(feature = "html")]
            Self::Html => ".html",
            Self::Folded => ".folded",
            Self::Table => ".txt",
            Self::Json => ".json",
            Self::Speedscope => ".speedscope.json",
            #[cfg(feature = "pprof")]
            Self::Pprof => ".pb.gz",
        }
    }

    /// The format that a path's extension asks for, in capitals or not. Where
    /// several fit, the longest decides. Touches no file system.
    ///
    /// # Errors
    ///
    /// If no format has that extension, or the path has none. The message lists
    /// those that exist.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, UnknownFormat> {
        let path = path.as_ref();
        let name = path.file_name().map(|n| n.to_string_lossy().to_ascii_lowercase());
        Self::ALL
            .iter()
            .copied()
            .filter(|format| name.as_deref().is_some_and(|name| format.ends(name)))
            .max_by_key(|format| format.extension().len())
            .ok_or_else(|| UnknownFormat { path: path.to_owned(), is_name: false })
    }

    /// The format whose extension is that name, in capitals or not, with its dot or
    /// without: `svg`, `speedscope.json`.
    fn from_name(name: &str) -> Option<Self> {
        let name = name.strip_prefix('.').unwrap_or(name);
        let is_meant = |format: &Self| format.extension()[1..].eq_ignore_ascii_case(name);
        Self::ALL.iter().copied().find(is_meant)
    }

    fn ends(self, name: &str) -> bool {
        name.strip_suffix(self.extension()).is_some_and(|stem| !stem.is_empty())
    }
}

/// Reads the name of a format, which is its extension with the dot or without:
/// `svg`, `speedscope.json`.
impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::from_name(name).ok_or_else(|| UnknownFormat { path: name.into(), is_name: true })
    }
}

impl Profile {
    /// Writes the profile in a format.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write(&self, format: Format, writer: impl Write, options: &Options) -> io::Result<()> {
        match format {
            #[cfg(feature = "svg")]
            Format::Svg => self.write_svg(writer, options),
            #[cfg(feature = "html")]
            Format::Html => self.write_html(writer, options),
            Format::Folded => self.write_folded(writer, options),
            Format::Table => self.write_table(writer, options),
            Format::Json => self.write_json(writer),
            Format::Speedscope => self.write_speedscope(writer, options),
            #[cfg(feature = "pprof")]
            Format::Pprof => self.write_pprof(writer, options),
        }
    }
}

/// A path whose extension asks for no format that exists, or the name of none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat {
    path: PathBuf,
    /// Whether the format itself was named.
    is_name: bool,
}

impl UnknownFormat {
    /// Extensions that this build does not know, and the features that do.
    const LEFT_OUT: &'static [(&'static str, &'static str)] = &[
        #[cfg(not(feature = "svg"))]
        (".svg", "svg"),
        #[cfg(not(feature = "html"))]
        (".html", "html"),
        #[cfg(not(feature = "pprof"))]
        (".pb.gz", "pprof"),
    ];
}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.path.extension().map(|e| e.to_string_lossy()) {
            _ if self.is_name => write!(f, "`{path}` is no format")?,
            Some(extension) => write!(f, "`{path}`: unknown extension `.{extension}`")?,
            None => write!(f, "`{path}`: no extension that names a format")?,
        }
        let known: Vec<&str> = Format::ALL.iter().map(|format| format.extension()).collect();
        write!(f, "; known ones are {}", known.join(", "))?;
        Self::LEFT_OUT.iter().try_for_each(|(extension, feature)| {
            write!(f, " (and {extension} where the crate is built with its feature `{feature}`)")
        })
    }
}

impl Error for UnknownFormat {}
