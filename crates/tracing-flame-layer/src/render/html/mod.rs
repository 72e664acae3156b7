//! A report: one HTML file with the profile and a viewer of it, without network.
//!
//! ```text
//! <meta ..policy..>                 what may run: two scripts and a style, each by its hash
//! <body>                            the page as it is before a script runs
//! <script id="style">   H4sIAAAA..  its style: `viewer/viewer.css`, gzip, base64
//! <script id="code">    H4sIAAAA..  the viewer: `viewer/*.js`, likewise
//! <script id="data">    H4sIAAAA..  the data: JSON, gzip, base64
//! <script>                          the loader, which unpacks the viewer
//! ```
//!
//! The data is what `--flame-output x.json` has, and what a report says beside it; the
//! live page is the same viewer, which asks for the same JSON over HTTP. In base64 no
//! name can end the block that it stands in, and from there names reach the page as text.

mod base64;
mod operation;
mod policy;
mod told;
mod viewer;

use std::io::{self, BufWriter, Write};

use flate2::{Compression, write::GzEncoder};

use super::{
    Options,
    escaped::Escaped,
    json::{self, escape, line::Line},
    label::printable,
    summary::{self, AUTHOR},
    view::View,
};
use crate::{Profile, profile::Operation};
use base64::Base64;
pub use told::{Finding, Told};
pub use viewer::Viewer;

/// A report, before it is written: a profile, and what else is to be in the file.
///
/// ```
/// # use tracing_flame_layer::{Profile, profile::Operation, render::{Options, Report}};
/// # fn write(profile: &Profile, slowest: &[Operation]) -> std::io::Result<()> {
/// let file = std::fs::File::create("report.html")?;
/// Report::new(profile).operations(slowest).write(file, &Options::default())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Report<'p> {
    profile: &'p Profile,
    operations: &'p [Operation],
    /// The run that it is compared with, and what that is called.
    before: Option<(&'p str, &'p Profile)>,
    /// What several runs a side tell of the difference.
    told: Option<&'p Told>,
    /// Which of the operations is shown first; `None`: the profile is.
    first: Option<u64>,
}

impl<'p> Report<'p> {
    /// Of a profile alone.
    #[must_use]
    pub fn new(profile: &'p Profile) -> Self {
        Self { profile, operations: &[], before: None, told: None, first: None }
    }

    /// With single operations, which are listed and shown in the same page: each one's
    /// flamegraph, course in time, critical path and log. Defaults to none. One takes
    /// some 100 kB at most.
    #[must_use]
    pub fn operations(self, operations: &'p [Operation]) -> Self {
        Self { operations, ..self }
    }

    /// Compared with a run before, which is called `name`: frames are coloured by what
    /// changed, and the table has columns for it. Times of that run are shown as if it had
    /// had as many operations. Defaults to none.
    #[must_use]
    pub fn before(self, name: &'p str, before: &'p Profile) -> Self {
        Self { before: Some((name, before)), ..self }
    }

    /// With what is sure of the difference to the run [before](Self::before), where both are sums of
    /// several runs: it is listed, and only frames that are told to have changed have a colour.
    /// Defaults to nothing.
    #[must_use]
    #[doc(hidden)]
    pub fn told(self, told: &'p Told) -> Self {
        Self { told: Some(told), ..self }
    }

    /// Writes it: see [`Profile::write_html`].
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write(&self, writer: impl Write, options: &Options) -> io::Result<()> {
        let view = View::of(self.profile, options);
        let rest = view.rest.as_ref().map(|rest| ("the others", rest));
        let (profile, before) = (&*view.profile, self.before.or(rest));
        Report { profile, before, ..*self }.write_all(writer, &view.options)
    }

    /// Writes all of what it has.
    fn write_all(&self, mut writer: impl Write, options: &Options) -> io::Result<()> {
        let title = summary::title(options);
        let title = Escaped(&title);
        write!(
            writer,
            "{}<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
             <title>{title}</title>\n</head>\n<body>\n{}\n",
            viewer::HEAD,
            policy::OF_REPORT,
            viewer::BODY,
        )?;
        let viewer::Packed { style, script } = viewer::packed();
        block(&mut writer, "style", |writer| writer.write_all(style))?;
        block(&mut writer, "code", |writer| writer.write_all(script))?;
        block(&mut writer, "data", |writer| {
            pack(writer, Compression::fast(), |w| self.data(options, w))
        })?;
        write!(writer, "<script>\n{}</script>\n</body>\n</html>\n", viewer::LOADER)?;
        writer.flush()
    }

    /// Whether it is known of one of two runs only what threads did: all of it would have
    /// changed.
    fn knows_states_of_one(&self) -> bool {
        self.before.is_some_and(|(_, before)| before.has_states() != self.profile.has_states())
    }

    /// What the viewer shows, and how it is to be shown at first.
    fn data(&self, options: &Options, mut writer: &mut dyn Write) -> io::Result<()> {
        let mut line = Line::begin(&mut writer)?;
        line.string("title", &summary::title(options))?;
        line.string("generator", AUTHOR)?;
        line.string("names", &options.names.to_string())?;
        line.string("weight", &weight(options))?;
        line.number("hide_await", options.hide_await)?;
        if options.hide_states || self.knows_states_of_one() {
            line.number("hide_states", true)?;
        }
        line.key("run")?;
        operation::list(line.writer(), &options.run, fact)?;
        if !self.operations.is_empty() {
            line.key("operations")?;
            operation::list(line.writer(), self.operations, |w, each| operation::write(each, w))?;
        }
        if let Some((name, before)) = self.before {
            line.key("before")?;
            let mut run = Line::begin(line.writer())?;
            run.string("name", &printable(name))?;
            run.key("profile")?;
            json::write(before, run.writer())?;
            run.end()?;
        }
        if let Some(told) = self.told {
            line.key("told")?;
            told::write(told, line.writer())?;
        }
        if let Some(first) = self.first {
            line.number("first", first)?;
        }
        line.key("profile")?;
        json::write(self.profile, line.writer())?;
        line.end()
    }
}

impl Operation {
    /// Writes a report about the operation alone, which shows what
    /// [`Report::operations`] says.
    ///
    /// Needs the cargo feature `html`, which is on by default.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write_html(&self, writer: impl Write, options: &Options) -> io::Result<()> {
        let alone = std::slice::from_ref(self);
        let report = Report::new(self.profile()).operations(alone);
        Report { first: Some(self.number()), ..report }.write(writer, options)
    }

    /// Writes the operation as JSON, as it is in a report: [`docs/json.md`](https://docs.rs/crate/tracing-flame-layer/latest/source/docs/json.md) describes it.
    ///
    /// Needs the cargo feature `html`, which is on by default.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write_json(&self, mut writer: impl Write) -> io::Result<()> {
        operation::write(self, &mut writer)?;
        writer.flush()
    }
}

/// Writes what a script can unpack, in a block of its own.
fn block<W: Write>(
    writer: &mut W,
    id: &str,
    packed: impl FnOnce(&mut W) -> io::Result<()>,
) -> io::Result<()> {
    write!(writer, "<script type=\"application/octet-stream\" id=\"{id}\">")?;
    packed(writer)?;
    writer.write_all(b"</script>\n")
}

/// Writes gzip in base64.
fn pack(
    writer: impl Write,
    level: Compression,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let encoder = GzEncoder::new(Base64::new(writer), level);
    let mut buffer = BufWriter::with_capacity(1 << 16, encoder);
    content(&mut buffer)?;
    let encoder = buffer.into_inner().map_err(io::IntoInnerError::into_error)?;
    encoder.finish()?.finish()
}

fn fact(writer: &mut impl Write, (name, value): &(String, String)) -> io::Result<()> {
    writer.write_all(b"[")?;
    escape::string(writer, name)?;
    writer.write_all(b",")?;
    escape::string(writer, value)?;
    writer.write_all(b"]")
}

fn weight(options: &Options) -> String {
    if options.threads { "threads".to_owned() } else { options.weight.to_string() }
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
        assert_eq!(unpacked(&report, "code"), viewer::lean(viewer::SCRIPT));
        assert_eq!(unpacked(&report, "style"), viewer::STYLE);
        let data = unpacked(&report, "data");
        for part in [
            "{\"title\": \"Flamegraph\", \"generator\": \"tracing-flame-layer ",
            "\"weight\": \"wall\", \"hide_await\": false, \"run\": [[\"host\",\"a \\\"b\\\"\"]]",
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
