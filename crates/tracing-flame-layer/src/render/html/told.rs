//! What several runs a side tell of the frames of a report that compares them.

use std::io::{self, Write};

use super::{
    super::json::{escape, line::Line},
    operation::list,
};

/// What is told of the difference between two sides of several runs each, of which a report
/// shows the sums. All of it is text: whoever compares them knows what numbers mean.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// How they were compared, a sentence each.
    pub facts: Vec<String>,
    /// The frames that changed by themselves: the labels of the stack from the bottom up, and
    /// what is said of it.
    pub reasons: Vec<(Vec<String>, String)>,
    /// The numbers that were judged, in the order in which they are listed.
    pub findings: Vec<Finding>,
}

/// One number of one frame.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The labels of the stack from the bottom up.
    pub stack: Vec<String>,
    /// Which of the frame's times it is.
    pub time: String,
    /// In a word or two.
    pub verdict: String,
    /// Whether the verdict is that it changed.
    pub is_change: bool,
    /// The change, and where it lies.
    pub change: String,
    /// Before and after.
    pub means: [String; 2],
}

pub(super) fn write<W: Write>(told: &Told, writer: &mut W) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    line.key("facts")?;
    texts(line.writer(), &told.facts)?;
    line.key("reasons")?;
    list(line.writer(), &told.reasons, |writer, (stack, text)| {
        let mut line = Line::begin(writer)?;
        line.key("stack")?;
        texts(line.writer(), stack)?;
        line.string("text", text)?;
        line.end()
    })?;
    line.key("findings")?;
    list(line.writer(), &told.findings, finding)?;
    line.end()
}

fn finding<W: Write>(writer: &mut W, finding: &Finding) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    line.key("stack")?;
    texts(line.writer(), &finding.stack)?;
    line.string("time", &finding.time)?;
    line.string("verdict", &finding.verdict)?;
    line.number("is_change", finding.is_change)?;
    line.string("change", &finding.change)?;
    line.key("means")?;
    texts(line.writer(), &finding.means)?;
    line.end()
}

fn texts<W: Write>(writer: &mut W, texts: &[String]) -> io::Result<()> {
    list(writer, texts, |writer, text| escape::string(writer, text))
}
