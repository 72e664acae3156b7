//! The live page: the viewer of a report, fed by this server.

use tracing_flame_layer::render::Viewer;

/// A file that is served as it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    path: &'static str,
    pub(super) content_type: &'static str,
    pub(super) content: &'static str,
}

/// What the page may do: run its own script, and ask this server.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

static FILES: [File; 3] = [
    File { path: "/", content_type: "text/html; charset=utf-8", content: Viewer::PAGE },
    File { path: "/viewer.css", content_type: "text/css; charset=utf-8", content: Viewer::STYLE },
    File {
        path: "/viewer.js",
        content_type: "text/javascript; charset=utf-8",
        content: Viewer::SCRIPT,
    },
];

impl File {
    pub(super) fn find(path: &str) -> Option<&'static Self> {
        FILES.iter().find(|file| file.path == path)
    }
}
