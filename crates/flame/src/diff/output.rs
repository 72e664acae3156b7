//! Where a difference is drawn, and as what.

use std::{
    io::{self, Write},
    path::Path,
};

use tracing_flame_layer::{Profile, render::Options};

use super::Compared;

/// What a difference can be drawn as, by the end of a file's name.
const FORMATS: &[&str] = &[
    #[cfg(feature = "svg")]
    ".svg",
    #[cfg(feature = "html")]
    ".html",
];

/// Whether a difference can be drawn to a path of that name.
pub(crate) fn check(path: &Path) -> Result<(), String> {
    let shown = path.display();
    match (format(path), FORMATS) {
        (Some(_), _) => Ok(()),
        (None, []) => Err(format!(
            "cannot write `{shown}`: this program was built without its features `svg` and \
             `html`; leave `--output` out, and the table is printed"
        )),
        (None, formats) => Err(format!(
            "cannot write `{shown}`: a difference is drawn as `{}`; its table is printed",
            formats.join("` or `")
        )),
    }
}

/// The format of a path by its extension; of one that has none, as a pipe's, the first.
fn format(path: &Path) -> Option<&'static str> {
    if path == Path::new("-") {
        return None;
    }
    let Some(extension) = path.extension() else { return FORMATS.first().copied() };
    FORMATS.iter().copied().find(|format| extension.eq_ignore_ascii_case(&format[1..]))
}

/// Both runs, and what came of comparing them.
#[cfg_attr(not(all(feature = "html", feature = "svg")), allow(dead_code))]
pub(crate) struct Both<'r> {
    pub(crate) compared: &'r Compared,
    pub(crate) before: &'r Profile,
    pub(crate) after: &'r Profile,
    pub(crate) options: &'r Options,
}

impl Both<'_> {
    /// Draws the difference as the path's name says.
    pub(crate) fn draw(&self, path: &Path, out: &mut dyn Write) -> io::Result<()> {
        match format(path) {
            #[cfg(feature = "svg")]
            Some(".svg") => super::svg::write(self.compared, self.options.names, out),
            #[cfg(feature = "html")]
            Some(".html") => self.report(out),
            _ => {
                // Without a format there is nothing to write.
                let _ = out;
                Err(io::Error::other("there is no such format"))
            }
        }
    }

    #[cfg(feature = "html")]
    fn report(&self, out: &mut dyn Write) -> io::Result<()> {
        let Compared { before, after, .. } = self.compared;
        let options = self.options.clone().title(format!("{before} \u{2192} {after}"));
        let options = options.run("before", before).run("after", after);
        let report = tracing_flame_layer::render::Report::new(self.after);
        report.before(before, self.before).write(out, &options)
    }
}
