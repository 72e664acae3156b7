//! A report: one HTML file with the profile and a viewer of it, without network.
//!
//! ```text
//! <meta ..policy..>  <style>        what may run: two scripts, each by its hash
//! <body>                            the page as it is before a script runs
//! <script id="viewer">  H4sIAAAA..  the viewer: `viewer/*.js`, gzip, base64
//! <script id="report">  H4sIAAAA..  the data: JSON, gzip, base64
//! <script>                          the loader, which unpacks the viewer
//! ```
//!
//! The data is what `--flame-output x.json` has, and what a report says beside it; the
//! live page is the same viewer, which asks for the same JSON over HTTP. In base64 no
//! name can end the block that it stands in, and from there names reach the page as text.

mod base64;
mod policy;
mod viewer;

use std::io::{self, BufWriter, Write};

use flate2::{Compression, write::GzEncoder};

use super::{
    Names, Options, Weight,
    escaped::Escaped,
    json::{self, escape, line::Line},
    summary::{self, AUTHOR},
};
use crate::Profile;
use base64::Base64;
pub use viewer::Viewer;

pub(super) fn write(
    profile: &Profile,
    options: &Options,
    mut writer: impl Write,
) -> io::Result<()> {
    let title = summary::title(options);
    let title = Escaped(&title);
    write!(
        writer,
        "{}<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <title>{title}</title>\n<style>\n{}</style>\n</head>\n<body>\n{}\n",
        viewer::HEAD,
        policy::OF_REPORT,
        viewer::STYLE,
        viewer::BODY,
    )?;
    block(&mut writer, "viewer", Compression::default(), |writer| {
        writer.write_all(viewer::SCRIPT.as_bytes())
    })?;
    block(&mut writer, "report", Compression::fast(), |writer| report(profile, options, writer))?;
    write!(writer, "<script>\n{}</script>\n</body>\n</html>\n", viewer::LOADER)?;
    writer.flush()
}

/// Writes what a script can unpack: gzip in base64.
fn block<W: Write>(
    writer: &mut W,
    id: &str,
    level: Compression,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    write!(writer, "<script type=\"application/octet-stream\" id=\"{id}\">")?;
    let encoder = GzEncoder::new(Base64::new(&mut *writer), level);
    let mut buffer = BufWriter::with_capacity(1 << 16, encoder);
    content(&mut buffer)?;
    let encoder = buffer.into_inner().map_err(io::IntoInnerError::into_error)?;
    encoder.finish()?.finish()?;
    writer.write_all(b"</script>\n")
}

/// The data: what the viewer shows, and how it is to be shown at first.
fn report(profile: &Profile, options: &Options, mut writer: &mut dyn Write) -> io::Result<()> {
    let mut line = Line::begin(&mut writer)?;
    line.string("title", &summary::title(options))?;
    line.string("generator", AUTHOR)?;
    line.string("names", names(options.names))?;
    line.string("weight", weight(options))?;
    line.number("hide_await", options.hide_await)?;
    line.key("run")?;
    run(line.writer(), &options.run)?;
    line.key("profile")?;
    json::write(profile, line.writer())?;
    line.end()
}

fn run(writer: &mut impl Write, run: &[(String, String)]) -> io::Result<()> {
    writer.write_all(b"[")?;
    for (i, (name, value)) in run.iter().enumerate() {
        writer.write_all(if i == 0 { b"[" } else { b", [" })?;
        escape::string(writer, name)?;
        writer.write_all(b", ")?;
        escape::string(writer, value)?;
        writer.write_all(b"]")?;
    }
    writer.write_all(b"]")
}

fn names(names: Names) -> &'static str {
    match names {
        Names::Name => "name",
        Names::Target => "target",
        Names::Source => "source",
    }
}

fn weight(options: &Options) -> &'static str {
    match (options.threads, options.weight) {
        (true, _) => "threads",
        (false, Weight::Wall) => "wall",
        (false, Weight::Busy) => "busy",
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read,
        time::{Duration, UNIX_EPOCH},
    };

    use super::*;
    use crate::profile::{Callsite, Frame, Measures, Window};

    fn report(name: &'static str, options: &Options) -> String {
        let window = Window { start: UNIX_EPOCH, length: Duration::from_secs(1) };
        let mut profile = Profile::new(window);
        let frame = Frame::Span(Callsite::new(name, "target").into());
        profile.push(None, frame, Measures { wall_nanos: 7, ..Measures::default() });
        let mut report = Vec::new();
        profile.write_html(&mut report, options).unwrap();
        String::from_utf8(report).unwrap()
    }

    /// What a block of a report holds.
    fn unpacked(report: &str, id: &str) -> String {
        let (_, rest) = report.split_once(&format!("id=\"{id}\">")).unwrap();
        let (text, _) = rest.split_once("</script>").unwrap();
        let mut content = String::new();
        let bytes = base64::bytes(text);
        flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut content).unwrap();
        content
    }

    #[test]
    fn a_report_has_the_viewer_and_the_whole_profile_in_it() {
        let run = vec![("host".to_owned(), "a \"b\"".to_owned())];
        let report = report("work", &Options { run, ..Options::default() });
        assert_eq!(unpacked(&report, "viewer"), viewer::SCRIPT);
        let data = unpacked(&report, "report");
        for part in [
            "{\"title\": \"Flamegraph\", \"generator\": \"tracing-flame-layer ",
            "\"weight\": \"wall\", \"hide_await\": false, \"run\": [[\"host\", \"a \\\"b\\\"\"]]",
            "\"name\": \"work\", \"target\": \"target\"",
            "\"wall_nanos\": 7,",
        ] {
            assert!(data.contains(part), "{part}\n{data}");
        }
    }

    #[test]
    fn no_name_is_in_a_report_as_it_is() {
        let plain = report("work", &Options::default());
        let title = "</title></script><script>".to_owned();
        let hostile = report("</script><script>alert(1)", &Options { title, ..Options::default() });
        let tags = |report: &str| report.matches("<").count();
        assert_eq!(tags(&plain), tags(&hostile));
        assert!(hostile.contains("<title>&lt;/title&gt;&lt;/script&gt;&lt;script&gt;</title>"));
    }

    #[test]
    fn a_report_of_nothing_is_small() {
        let bytes = report("work", &Options::default()).len();
        assert!(bytes <= 60_000, "{bytes} bytes");
    }
}
