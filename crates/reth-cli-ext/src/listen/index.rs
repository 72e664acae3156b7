//! The list of profiles, as `net/http/pprof` has one.

use hyper::Response;
use tracing_flame_layer::render::Format;

use super::{content::Content, reply, route::PPROF};

/// A page of links.
pub(super) fn page() -> Response<Content> {
    let extensions = Format::ALL.iter().map(|format| format.extension());
    let pprof = extensions.clone().filter(|extension| *extension == PPROF);
    let pprof: String = pprof
        .flat_map(|_| ["wall", "busy"])
        .map(|weight| row(&format!("/debug/pprof/{weight}")))
        .collect();
    let formats: String = extensions.map(|extension| row(&format!("/flame{extension}"))).collect();
    let text = format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>Profiles</title>\n\
         <h1>Profiles of spans</h1>\n\
         <p>Each since recording began; with <code>?seconds=N</code> of the next N seconds, \
         with <code>?last=N</code> of about the last N, with <code>&amp;weight=busy</code> or \
         <code>&amp;weight=wall</code> by that weight. <a href=\"/\">The live page</a></p>\n\
         <ul>\n{pprof}{formats}</ul>\n\
         <p>What they say, in words: <a href=\"/explain\">/explain</a>, with \
         <code>?budget=N</code> in at most N words; for programs \
         <a href=\"/explain.json\">/explain.json</a></p>\n"
    );
    reply::content("text/html; charset=utf-8", reply::NOTHING, Content::new(text))
}

fn row(path: &str) -> String {
    format!("<li><a href=\"{path}\">{path}</a></li>\n")
}
