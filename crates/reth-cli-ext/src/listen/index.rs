//! The list of profiles, as `net/http/pprof` has one.

use hyper::Response;
use tracing_flame_layer::render::Format;

use super::{content::Content, reply};

/// A page of links.
pub(super) fn page() -> Response<Content> {
    let formats: String = Format::ALL.iter().map(|format| row(format.extension())).collect();
    let text = format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>Profiles</title>\n\
         <h1>Profiles of spans</h1>\n\
         <p>Each since recording began; with <code>?seconds=N</code> of the next N seconds, \
         with <code>?last=N</code> of about the last N, with <code>&amp;weight=busy</code> or \
         <code>&amp;weight=wall</code> by that weight. <a href=\"/\">The live page</a></p>\n\
         <ul>\n{formats}</ul>\n"
    );
    reply::content("text/html; charset=utf-8", reply::NOTHING, Content::new(text))
}

fn row(extension: &str) -> String {
    format!("<li><a href=\"/flame{extension}\">/flame{extension}</a></li>\n")
}
