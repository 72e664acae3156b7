//! What can be wrong with the flags, and with writing at the end.

use std::{fmt, io, path::PathBuf, sync::Arc};

use clap::error::ErrorKind;

use tracing_flame_layer::render::UnknownFormat;

#[cfg(feature = "listen")]
use crate::listen::Address;
use crate::session::Elsewhere;

/// Why no session could be started, or why a picture could not be written.
///
/// Its first line names what failed, on what, why, and what would be valid.
#[derive(Clone)]
pub struct Error(Arc<Kind>);

/// The cases; private, so that they may grow.
pub(crate) enum Kind {
    /// Flags that mean nothing without `--flame`.
    WithoutFlame(Vec<&'static str>),
    /// Environment variables that make no sense.
    Environment(String),
    /// A flag that means nothing where no span is named an operation.
    WithoutOperation(&'static str),
    /// `--flame-events` where no operation has a picture to show them beside.
    EventsOfNone,
    /// `--flame-slow-lines` where no operation is slow.
    LinesOfNone,
    /// `--flame-threads` together with `--flame-weight wall`.
    ThreadsByWall,
    /// `--flame-threads` together with `--flame-class`.
    ThreadsOfClass,
    /// A `--flame-every` too short to name files by.
    EveryTooShort,
    /// `--flame-keep` without `--flame-every`.
    KeepWithoutEvery,
    /// The host's own preset does not parse.
    Preset { what: &'static str, text: &'static str, why: String },
    /// Two outputs are one file.
    SameOutput { first: PathBuf, second: PathBuf },
    /// An output that no picture can be written to.
    Output { path: PathBuf, why: Unusable },
    /// A flag that says something about `--flame-listen`, without it.
    #[cfg(feature = "listen")]
    WithoutListen(&'static str),
    /// More spans than metrics have room for.
    #[cfg(feature = "listen")]
    TooManyMetrics(usize),
    /// An address that cannot be listened on.
    #[cfg(feature = "listen")]
    Listen { address: Address, source: io::Error },
    /// A thread that the system would not start.
    Thread { purpose: &'static str, source: io::Error },
    /// Signal handlers that the system would not install.
    #[cfg(any(unix, windows))]
    Signals(io::Error),
    /// In a child that was forked, whose the files are not.
    Forked(Elsewhere),
    /// Pictures that could not be written, each with its reason.
    Write(Vec<WriteFailure>),
}

/// Why a path cannot be written to.
pub(crate) enum Unusable {
    /// The file name ends in no known extension.
    Extension(UnknownFormat),
    /// The file name has a placeholder that does not exist.
    Placeholder(String),
    /// A directory's name has a placeholder.
    PlaceholderAbove(&'static str),
    /// A picture for each window, on standard output.
    WindowsToStandardOutput,
    /// No file can be written there.
    File(flame_file::Unusable),
}

/// A picture that could not be written.
pub(crate) struct WriteFailure {
    pub(crate) path: PathBuf,
    pub(crate) why: String,
}

impl Error {
    /// Prints the message as clap prints its own (`error: ...` on standard
    /// error) and ends the process with exit code 2.
    pub fn exit(&self) -> ! {
        clap::Error::raw(ErrorKind::ValueValidation, format!("{self}\n")).exit()
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self(Arc::new(kind))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.0 {
            Kind::Output { why: Unusable::File(why), .. } => why.source(),
            Kind::Thread { source, .. } => Some(source),
            #[cfg(feature = "listen")]
            Kind::Listen { source, .. } => Some(source),
            #[cfg(any(unix, windows))]
            Kind::Signals(source) => Some(source),
            _ => None,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What `fn main() -> Result<(), Error>` prints.
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&*self.0, f)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WithoutFlame(flags) => without_flame(flags, f),
            Self::Environment(why) => write!(f, "in the environment: {why}"),
            Self::WithoutOperation(flag) => write!(
                f,
                "`{flag}` needs `--flame-operation`, which names the spans that are an operation \
                 each; add it, or leave `{flag}` out"
            ),
            Self::EventsOfNone => f.write_str(
                "`--flame-events` shows what is logged beside pictures of single operations, and \
                 `--flame-slowest 0` wants none; leave one of them out, or add \
                 `--flame-slower-than`",
            ),
            Self::LinesOfNone => f.write_str(
                "`--flame-slow-lines` has a line for each operation that is slow, and nothing \
                 says from when on one is; add `--flame-slower-than`, as `250ms` or `p99`",
            ),
            Self::ThreadsByWall => f.write_str(
                "`--flame-threads` draws busy time and cannot be combined with \
                 `--flame-weight wall`; leave one of them out",
            ),
            Self::ThreadsOfClass => f.write_str(
                "`--flame-threads` draws what each thread did, which is not known of \
                 `--flame-class`; leave one of them out",
            ),
            Self::EveryTooShort => f.write_str(
                "`--flame-every` takes at least a second, such as `1s` or `1h`, or `0` for off",
            ),
            Self::KeepWithoutEvery => f.write_str(
                "`--flame-keep` needs `--flame-every`; add `--flame-every 1h`, or leave it out",
            ),
            Self::Preset { what, text, why } => {
                write!(f, "this program's own preset for `{what}`, `{text}`, is not valid: {why}")
            }
            Self::SameOutput { first, second } => write!(
                f,
                "`--flame-output {}` and `--flame-output {}` are the same file; \
                 give each picture a path of its own",
                first.display(),
                second.display()
            ),
            Self::Output { path, why } => {
                write!(f, "cannot write `--flame-output {}`: {why}", path.display())
            }
            #[cfg(feature = "listen")]
            Self::WithoutListen(flag) => {
                write!(f, "`{flag}` needs `--flame-listen`; add it, or leave the other out")
            }
            #[cfg(feature = "listen")]
            Self::TooManyMetrics(spans) => {
                let most = tracing_flame_layer::render::Metrics::MOST_SPANS;
                write!(f, "`--flame-metrics` names {spans} spans; name {most} at the most")
            }
            #[cfg(feature = "listen")]
            Self::Listen { address, source } => {
                write!(f, "cannot listen on `--flame-listen {address}`: {source}")
            }
            Self::Thread { purpose, source } => {
                write!(f, "cannot start the thread that {purpose}: {source}")
            }
            #[cfg(any(unix, windows))]
            Self::Signals(source) => write!(
                f,
                "cannot handle signals: {source}; one that ends the program ends it without a \
                 picture"
            ),
            Self::Forked(elsewhere) => forked(*elsewhere, f),
            Self::Write(failures) => write_failures(failures, f),
        }
    }
}

fn without_flame(flags: &[&str], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, flag) in flags.iter().enumerate() {
        write!(f, "{}`{flag}`", if i == 0 { "" } else { ", " })?;
    }
    let (verb, them) = if flags.len() == 1 { ("needs", "it") } else { ("need", "them") };
    write!(f, " {verb} `--flame`; add `--flame`, or leave {them} out")
}

fn forked(elsewhere: Elsewhere, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (process, what) = match elsewhere {
        Elsewhere::GoesOn(process) => (process, "goes on in"),
        Elsewhere::HasEnded(process) => (process, "was ended by"),
    };
    write!(
        f,
        "nothing is written by this process, which was forked: the session {what} process \
         {process}; end it there, or start it after the fork"
    )
}

fn write_failures(failures: &[WriteFailure], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, WriteFailure { path, why }) in failures.iter().enumerate() {
        let separator = if i == 0 { "" } else { "; " };
        write!(f, "{separator}cannot write the flamegraph {}: {why}", path.display())?;
    }
    Ok(())
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extension(why) => {
                write!(f, "{why}; or put the format in front of the path, as in `folded:-`")
            }
            Self::Placeholder(word) => write!(
                f,
                "there is no placeholder `{word}`; those there are: `{{time}}`, `{{pid}}`, `{{n}}`"
            ),
            Self::PlaceholderAbove(word) => {
                write!(f, "`{word}` may stand in the file's own name, not in that of a directory")
            }
            Self::WindowsToStandardOutput => f.write_str(
                "standard output takes one picture, and `--flame-every` makes many; name a file",
            ),
            Self::File(why) => why.fmt(f),
        }
    }
}
