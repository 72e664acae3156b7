//! The viewer's own files, as they are in `viewer/`: plain scripts in one scope, one after
//! the other, so that nobody has to build anything.

use std::sync::OnceLock;

use flate2::Compression;

use super::policy;

/// What a page begins with, up to its policy, title and style.
pub(super) const HEAD: &str = include_str!("viewer/head.html");
/// What is in the page before a script runs.
pub(super) const BODY: &str = include_str!("viewer/viewer.html");
pub(super) const STYLE: &str = include_str!("viewer/viewer.css");
/// What unpacks [`SCRIPT`] in a report.
pub(super) const LOADER: &str = include_str!("viewer/loader.js");
/// The viewer: what a file uses stands before it.
pub(super) const SCRIPT: &str = concat!(
    "'use strict';\n",
    include_str!("viewer/words.js"),
    include_str!("viewer/element.js"),
    include_str!("viewer/states.js"),
    include_str!("viewer/frames.js"),
    include_str!("viewer/tally.js"),
    include_str!("viewer/names.js"),
    include_str!("viewer/difference.js"),
    include_str!("viewer/merged.js"),
    include_str!("viewer/search.js"),
    include_str!("viewer/colours.js"),
    include_str!("viewer/boxes.js"),
    include_str!("viewer/lettering.js"),
    include_str!("viewer/layout.js"),
    include_str!("viewer/brush.js"),
    include_str!("viewer/graph.js"),
    include_str!("viewer/gestures.js"),
    include_str!("viewer/about.js"),
    include_str!("viewer/table.js"),
    include_str!("viewer/operations.js"),
    include_str!("viewer/strip.js"),
    include_str!("viewer/chart.js"),
    include_str!("viewer/trace.js"),
    include_str!("viewer/course.js"),
    include_str!("viewer/band.js"),
    include_str!("viewer/heatmap.js"),
    include_str!("viewer/latency.js"),
    include_str!("viewer/orphans.js"),
    include_str!("viewer/told.js"),
    include_str!("viewer/run.js"),
    include_str!("viewer/address.js"),
    include_str!("viewer/viewer.js"),
    include_str!("viewer/controls.js"),
    include_str!("viewer/live.js"),
    include_str!("viewer/start.js"),
);

/// The viewer as it stands in a report, in gzip and base64.
pub(super) struct Packed {
    pub(super) style: Vec<u8>,
    /// Without what is for its readers.
    pub(super) script: Vec<u8>,
}

/// Made once in a process, some 45 kB.
pub(super) fn packed() -> &'static Packed {
    static PACKED: OnceLock<Packed> = OnceLock::new();
    PACKED.get_or_init(|| Packed { style: pack(STYLE), script: pack(&lean(SCRIPT)) })
}

fn pack(text: &str) -> Vec<u8> {
    let mut packed = Vec::new();
    super::pack(&mut packed, Compression::best(), |writer| writer.write_all(text.as_bytes()))
        .expect("memory takes all that is written");
    packed
}

/// A script without indentation and without the lines that are nothing but a comment.
pub(super) fn lean(script: &str) -> String {
    let is_comment = |line: &str| {
        let is_block = line.starts_with("/*") && (!line.contains("*/") || line.ends_with("*/"));
        is_block || line.starts_with("//") || line == "*" || line.starts_with("* ") || line == "*/"
    };
    let lines = script.lines().map(str::trim_start);
    let lines = lines.filter(|line| !line.is_empty() && !is_comment(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The viewer that a report has in it, for a server that feeds it instead.
///
/// Its [`PAGE`](Self::PAGE) asks for `viewer.css` and `viewer.js` beside it, and then again
/// and again for `status`, `flame.json` and `slowest.json`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Viewer;

impl Viewer {
    /// The page, HTML.
    pub const PAGE: &'static str = concat!(
        include_str!("viewer/head.html"),
        "<title>Flamegraph</title>\n\
         <link rel=\"stylesheet\" href=\"viewer.css\">\n\
         <script src=\"viewer.js\" defer></script>\n\
         </head>\n<body>\n",
        include_str!("viewer/viewer.html"),
        "</body>\n</html>\n",
    );
    /// `viewer.css`.
    pub const STYLE: &'static str = STYLE;
    /// `viewer.js`.
    pub const SCRIPT: &'static str = SCRIPT;
    /// The policy that a report states itself, for a server that hands one out: and that
    /// it is in no other page's frame.
    pub const REPORT_POLICY: &'static str = policy::OF_SERVED_REPORT;
}
