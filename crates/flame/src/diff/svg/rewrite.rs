//! Markers back into what their frames have to say, in one pass from front to
//! back. Only what stands between tags is replaced; inferno's attributes, which
//! its script zooms by, stay as they are.

use std::io::{self, Write};

use tracing_flame_layer::render::Names;

use super::{
    super::{
        compare::{Compared, Times},
        table::{ON_CPU, meaning, printable},
    },
    draw::FONT_SIZE,
    pick::Picked,
    tooltip,
};

/// Where the part that holds the frames begins.
const FRAMES: &str = "<svg id=\"frames\"";
/// How many pixels wide all frames are in a viewer without scripts.
const FRAMES_WIDTH: u128 = 1180;
/// The height of a line below the picture in pixels.
const LINE: usize = 16;
/// Searching looks at labels, not at tooltips.
const SCRIPT: &str = r#"<script type="text/ecmascript"><![CDATA[
function g_to_func(e) { return g_to_text(e).replace(/ \([^(]*\)$/, ''); }
]]></script>"#;
const STYLE: &str = "\
#frames > g { stroke:#000000; stroke-opacity:0.25; stroke-width:0.4; }
#frames > g:hover { stroke-opacity:1; }
#frames text { stroke:none; pointer-events:none; }
#subtitle, .note { fill:#555555; }
#search { opacity:0.5; }
";

pub(super) fn write(
    drawn: &[u8],
    compared: &Compared,
    names: Names,
    picked: &Picked,
    out: &mut dyn Write,
) -> io::Result<()> {
    let drawn = std::str::from_utf8(drawn).map_err(io::Error::other)?;
    let notes = notes(compared, picked);
    let mut rest = Rest(drawn);
    let height = head(rest.up_to(FRAMES)?, notes.len() * LINE + LINE / 2, out)?;
    for _ in 0..=picked.places().len() {
        out.write_all(rest.through("<title>")?.as_bytes())?;
        let marker = rest.up_to("</title>")?.split(' ').next().unwrap_or_default();
        let (tooltip, written) = said(marker, compared, names, picked)?;
        text(out, &tooltip)?;
        out.write_all(rest.through("<text")?.as_bytes())?;
        out.write_all(rest.through(">")?.as_bytes())?;
        rest.up_to("</text>")?;
        text(out, &written)?;
    }
    out.write_all(rest.through("</svg>")?.as_bytes())?;
    for (i, note) in notes.iter().enumerate() {
        let y = height + LINE * (i + 1) - LINE / 4;
        write!(out, "<text class=\"note\" x=\"10\" y=\"{y}\">")?;
        text(out, note)?;
        out.write_all(b"</text>")?;
    }
    out.write_all(rest.0.as_bytes())
}

fn notes(compared: &Compared, picked: &Picked) -> Vec<String> {
    let mut notes = vec![
        format!("before: {}", printable(&compared.before)),
        format!("after: {}", printable(&compared.after)),
        meaning(compared).to_owned(),
    ];
    if compared.times == Times::OnCpu {
        notes.push(ON_CPU.to_owned());
    }
    if picked.gone > 0 {
        notes.push(format!("took time before and none after: {}", frames(picked.gone)));
    }
    if picked.left_out > 0 {
        notes.push(format!("narrower, and not drawn: {}", frames(picked.left_out)));
    }
    notes
}

fn frames(count: usize) -> String {
    format!("{count} frame{}", if count == 1 { "" } else { "s" })
}

/// A frame's tooltip, and as much of its label as it has room for.
fn said(
    marker: &str,
    compared: &Compared,
    names: Names,
    picked: &Picked,
) -> io::Result<(String, String)> {
    if marker == "all" {
        return Ok((tooltip::of_all(compared), "all".to_owned()));
    }
    let place = usize::from_str_radix(marker, 16).ok().and_then(|i| picked.places().get(i));
    let frame = &compared.frames[*place.ok_or_else(|| unexpected("marker"))? as usize];
    let after = u128::from(compared.all.after).max(1);
    let width = FRAMES_WIDTH * u128::from(frame.total.after) / after;
    Ok((tooltip::of(compared, frame), fitting(&frame.label, width, names)))
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

/// Writes all that stands before the frames, taller by so many pixels; returns
/// how tall it was.
fn head(drawn: &str, taller: usize, out: &mut dyn Write) -> io::Result<usize> {
    let mut rest = Rest(drawn);
    rest.through("height=\"")?;
    let height: usize = rest.up_to("\"")?.parse().map_err(|_| unexpected("height"))?;
    let taller = height + taller;
    let head = drawn
        .replace(&format!("height=\"{height}\""), &format!("height=\"{taller}\""))
        .replacen(&format!(" {height}\""), &format!(" {taller}\""), 1)
        .replacen("</style>", &format!("{STYLE}</style>"), 1)
        .replacen("</script>", &format!("</script>{SCRIPT}"), 1);
    out.write_all(head.as_bytes())?;
    Ok(height)
}

/// Writes text inside an element. What XML forbids is in no label.
fn text(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let text = text.replace('>', "&gt;").replace('"', "&quot;");
    out.write_all(text.as_bytes())
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
