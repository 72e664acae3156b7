//! Markers back into what their frames have to say.
//!
//! Only what stands between tags is replaced, in one pass from front to back,
//! so inferno's attributes, which its script zooms by, stay as they are.
//!
//! ```text
//! <g><title>2a (1234 ns, 5.00%)</title><rect .. /><text ..>2a</text></g>
//!           ^^^^^^^^^^^^^^^^^^^                             ^^
//! ```

use std::io::{self, Write};

use super::{
    super::{Names, escaped::Escaped},
    Below, Boxes, Picture, Words,
    draw::{FONT_SIZE, place_of},
};

/// Where the part that holds the boxes begins.
const FRAMES: &str = "<svg id=\"frames\"";
/// How many pixels wide all boxes are in a viewer without scripts.
const FRAMES_WIDTH: u128 = 1180;
/// Searching looks at what is written in a frame, not at its tooltip, where
/// half of all frames share a source and all share `ms`.
const SCRIPT: &str = r#"<script type="text/ecmascript"><![CDATA[
function g_to_func(e) { return g_to_text(e).replace(/ \([^(]*\)$/, ''); }
]]></script>"#;
/// Edges keep neighbours of one colour apart, and the narrowest frames visible.
const STYLE: &str = "\
#frames > g { stroke:#000000; stroke-opacity:0.25; stroke-width:0.4; }
#frames > g:hover { stroke-opacity:1; }
#frames text { stroke:none; pointer-events:none; }
#subtitle, .note { fill:#555555; }
#search { opacity:0.5; }
";

/// Writes a drawn picture with its markers replaced.
pub(super) fn write(
    drawn: &[u8],
    picture: &Picture,
    boxes: &dyn Boxes,
    below: &dyn Below,
    writer: &mut dyn Write,
) -> io::Result<()> {
    let drawn = std::str::from_utf8(drawn).map_err(io::Error::other)?;
    let notes = &picture.notes;
    let mut rest = Rest(drawn);
    let height = head(rest.up_to(FRAMES)?, notes.height(), below, writer)?;
    for _ in 0..=boxes.count() {
        let before = rest.through("<title>")?;
        let marker = rest.up_to("</title>")?.split(' ').next().unwrap_or_default();
        let named = Named::of(marker, picture.names, boxes)?;
        match before.strip_suffix("<g><title>").filter(|_| named.is_critical) {
            Some(before) => write!(writer, "{before}<g class=\"critical\"><title>")?,
            None => writer.write_all(before.as_bytes())?,
        }
        write!(writer, "{}{}", Escaped(&named.tooltip), rest.through("<text")?)?;
        writer.write_all(rest.through(">")?.as_bytes())?;
        rest.up_to("</text>")?;
        write!(writer, "{}", Escaped(&named.written))?;
    }
    writer.write_all(rest.through("</svg>")?.as_bytes())?;
    notes.write(height, writer)?;
    below.write(height + notes.height(), writer)?;
    let (before, end) = rest.0.rsplit_once("</svg>").ok_or_else(|| unexpected("</svg>"))?;
    writer.write_all(before.as_bytes())?;
    if !below.script().is_empty() {
        let script = below.script();
        write!(writer, "<script type=\"text/ecmascript\"><![CDATA[\n{script}]]></script>")?;
    }
    write!(writer, "</svg>{end}")
}

/// What is left of a text.
struct Rest<'t>(&'t str);

impl<'t> Rest<'t> {
    fn up_to(&mut self, what: &str) -> io::Result<&'t str> {
        let at = self.0.find(what).ok_or_else(|| unexpected(what))?;
        let (before, rest) = self.0.split_at(at);
        self.0 = rest;
        Ok(before)
    }

    fn through(&mut self, what: &str) -> io::Result<&'t str> {
        let at = self.0.find(what).ok_or_else(|| unexpected(what))?;
        let (before, rest) = self.0.split_at(at + what.len());
        self.0 = rest;
        Ok(before)
    }
}

fn unexpected(what: &str) -> io::Error {
    io::Error::other(format!("the SVG that inferno drew has no `{what}` where one was expected"))
}

/// Writes all that stands before the boxes, taller by the notes and what comes below
/// them; returns how tall it was.
fn head(
    drawn: &str,
    notes_height: usize,
    below: &dyn Below,
    writer: &mut dyn Write,
) -> io::Result<usize> {
    let mut height = Rest(drawn);
    height.through("height=\"")?;
    let height: usize = height.up_to("\"")?.parse().map_err(|_| unexpected("height"))?;
    let taller = height + notes_height + below.height();
    let head = drawn
        .replace(&format!("height=\"{height}\""), &format!("height=\"{taller}\""))
        .replacen(&format!(" {height}\""), &format!(" {taller}\""), 1)
        .replacen("</style>", &format!("{STYLE}{}</style>", below.style()), 1)
        .replacen("</script>", &format!("</script>{SCRIPT}"), 1);
    writer.write_all(head.as_bytes())?;
    Ok(height)
}

/// What a box has to say.
struct Named {
    tooltip: String,
    /// As much of its label as it has room for, until a script knows better.
    written: String,
    is_critical: bool,
}

impl Named {
    fn of(marker: &str, names: Names, boxes: &dyn Boxes) -> io::Result<Self> {
        if marker == "all" {
            let (tooltip, written) = (boxes.tooltip_of_all(), "all".to_owned());
            return Ok(Self { tooltip, written, is_critical: false });
        }
        let place = place_of(marker).filter(|&place| place < boxes.count());
        let Words { label, tooltip, total_nanos, is_critical } =
            boxes.words(place.ok_or_else(|| unexpected("marker"))?);
        let all = u128::from(boxes.total_nanos()).max(1);
        let width = FRAMES_WIDTH * u128::from(total_nanos) / all;
        Ok(Self { tooltip, written: fitting(label, width, names), is_critical })
    }
}

/// What fits of a label into so many pixels: its start where it is a name, its
/// end where a target comes before the name.
fn fitting(label: &str, width: u128, names: Names) -> String {
    // A letter of a monospace font is about 0.6 times as wide as high.
    let room = usize::try_from(width.saturating_sub(3) * 10 / (FONT_SIZE as u128 * 6));
    let (room, length) = (room.unwrap_or(0), label.chars().count());
    match (length <= room, names) {
        (true, _) => label.to_owned(),
        _ if room < 3 => String::new(),
        (_, Names::Name) => label.chars().take(room - 2).chain("..".chars()).collect(),
        _ => "..".chars().chain(label.chars().skip(length + 2 - room)).collect(),
    }
}
