//! What is where.

use hyper::Method;
use tracing_flame_layer::render::{Format, TraceFormat, Weight};

use super::{page::File, refusal::Refusal, slowest};
use crate::picture::EXTENSION;

/// What the path of an operation's JSON ends in.
pub(super) const DATA: &str = ".json";

/// The extension of pprof's own format.
pub(super) const PPROF: &str = ".pb.gz";

/// How a page is announced.
pub(super) const HTML: &str = "text/html; charset=utf-8";

/// How data is announced.
pub(super) const JSON: &str = "application/json";
/// How text is, markdown too, which browsers show as it is.
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// What a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// A part of the live page.
    File(&'static File),
    /// The list of profiles.
    Index,
    /// A profile in a format, by a weight or by the session's.
    Profile(Format, Option<Weight>),
    /// A profile in words.
    Explanation,
    /// What these words are made of, as JSON.
    ExplanationData,
    /// What Prometheus reads.
    Metrics,
    /// The list of the slowest operations.
    Slowest,
    /// What is open now.
    Open,
    /// The picture of one of the slowest.
    Operation(u64),
    /// All that is known of one of them.
    OperationData(u64),
    /// Its course in time, for a viewer of timelines.
    OperationTrace(u64, TraceFormat),
    /// What the session does.
    Status,
    /// Begin to take time.
    Start,
    /// Cease to take time.
    Stop,
}

impl Route {
    pub(super) fn find(path: &str) -> Option<Self> {
        Some(match path {
            "/debug/pprof" | "/debug/pprof/" => Self::Index,
            "/debug/pprof/wall" => Self::Profile(format(PPROF)?, Some(Weight::Wall)),
            "/debug/pprof/busy" => Self::Profile(format(PPROF)?, Some(Weight::Busy)),
            "/metrics" => Self::Metrics,
            "/explain" => Self::Explanation,
            "/explain.json" => Self::ExplanationData,
            "/slowest.json" => Self::Slowest,
            "/open.json" => Self::Open,
            "/status" => Self::Status,
            "/start" => Self::Start,
            "/stop" => Self::Stop,
            _ => return Self::find_named(path),
        })
    }

    /// Paths that name one of several.
    fn find_named(path: &str) -> Option<Self> {
        if let Some(extension) = path.strip_prefix("/flame") {
            return Some(Self::Profile(format(extension)?, None));
        }
        if path.starts_with("/slowest/") {
            let picture = slowest::number(path, EXTENSION).map(Self::Operation);
            let data = || slowest::number(path, DATA).map(Self::OperationData);
            let trace = |&format: &TraceFormat| {
                let number = slowest::number(path, format.extension())?;
                Some(Self::OperationTrace(number, format))
            };
            return picture.or_else(data).or_else(|| TraceFormat::ALL.iter().find_map(trace));
        }
        File::find(path).map(Self::File)
    }

    /// Whether a method can be used with it.
    pub(super) fn check(self, method: &Method) -> Result<(), Refusal> {
        let (fits, allowed) = match self {
            Self::Start | Self::Stop => (method == Method::POST, "POST"),
            _ => (method == Method::GET || method == Method::HEAD, "GET, HEAD"),
        };
        if fits { Ok(()) } else { Err(Refusal::Method(allowed)) }
    }
}

fn format(extension: &str) -> Option<Format> {
    Format::ALL.iter().copied().find(|format| format.extension() == extension)
}

/// How a format is announced to who gets it.
pub(super) fn content_type(format: Format) -> &'static str {
    content_type_of(format.extension())
}

/// How the picture of an operation is announced.
pub(super) fn picture_type() -> &'static str {
    content_type_of(EXTENSION)
}

/// How an operation's course in time is.
pub(super) fn trace_type(format: TraceFormat) -> &'static str {
    content_type_of(format.extension())
}

fn content_type_of(extension: &str) -> &'static str {
    match extension {
        ".html" => HTML,
        ".svg" => "image/svg+xml",
        ".folded" | ".txt" => TEXT,
        ".json" | ".speedscope.json" | ".trace.json" => JSON,
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_a_path() {
        for &format in Format::ALL {
            let path = format!("/flame{}", format.extension());
            assert_eq!(Route::find(&path), Some(Route::Profile(format, None)));
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for path in [
            "/flame",
            "/flame.exe",
            "/flame/",
            "//",
            "/../etc/passwd",
            "/START",
            "/start/",
            "/slowest/x.svg",
            "/slowest/1.trace",
        ] {
            assert_eq!(Route::find(path), None, "{path}");
        }
    }

    #[test]
    fn only_what_changes_something_is_posted() {
        let check = |path, method| Route::find(path).expect(path).check(&method);
        for path in
            ["/", "/status", "/open.json", "/explain", "/metrics", "/flame.folded", "/debug/pprof/"]
        {
            assert_eq!(check(path, Method::GET), Ok(()));
            assert_eq!(check(path, Method::HEAD), Ok(()));
            assert_eq!(check(path, Method::POST), Err(Refusal::Method("GET, HEAD")));
            assert_eq!(check(path, Method::OPTIONS), Err(Refusal::Method("GET, HEAD")));
        }
        for path in ["/start", "/stop"] {
            assert_eq!(check(path, Method::POST), Ok(()));
            assert_eq!(check(path, Method::GET), Err(Refusal::Method("POST")));
            assert_eq!(check(path, Method::DELETE), Err(Refusal::Method("POST")));
        }
    }
}
