//! The page: the flamegraph on top, the rest below it, in one SVG.

use std::io::{self, Write};

use super::{
    super::{
        Options, Weight,
        boxes::Below,
        frames::{Frames, Kind, Placed},
        human::{Count, Nanos},
        label::printable,
        state::State,
        svg,
    },
    chart::Chart,
    counted, critical,
    lines::Lines,
    save::Save,
};
use crate::profile::{Activity, Log, LogLine, NodeId, Operation};

const STYLE: &str = "\
#frames > g.critical > rect { stroke:#c00020; stroke-width:1.6; stroke-opacity:1; }
#chart svg > rect { stroke:#000000; stroke-opacity:0.25; stroke-width:0.4; cursor:pointer; }
#chart svg.strip > rect { stroke:none; }
#chart svg.critical > rect { stroke:#c00020; stroke-width:2; stroke-opacity:1; }
#chart svg:hover > rect { stroke:#000000; stroke-opacity:1; }
#chart svg > text { pointer-events:none; }
.headline { font-size:14px; font-weight:bold; }
.save { fill:#0050b0; font-size:12px; text-decoration:underline; cursor:pointer; }
.tick { fill:#555555; font-size:11px; }
";
/// How many characters a line has.
const WIDTH: usize = 150;
const SCRIPT: &str = include_str!("chart.js");

pub(super) fn write(
    operation: &Operation,
    options: &Options,
    writer: impl Write,
) -> io::Result<()> {
    let title = match options.title.as_str() {
        "" => operation.headline(),
        title => format!("{title}: {}", operation.headline()),
    };
    let options = Options {
        weight: Weight::Wall,
        hide_await: false,
        threads: false,
        title,
        ..options.clone()
    };
    let frames = Frames::lay_out(operation.profile(), &options);
    let below = Parts::new(operation, &frames, options.hide_states)?;
    svg::write_above(&frames, &options, &below, writer)
}

/// What stands below the flamegraph.
struct Parts<'o> {
    sentence: Lines,
    counted: Lines,
    critical: Lines,
    chart: Chart<'o>,
    save: Save,
    lines: Lines,
    /// How much of each frame is on the critical path.
    totals: Vec<u64>,
}

impl<'o> Parts<'o> {
    fn new(operation: &'o Operation, frames: &Frames<'_>, hide_states: bool) -> io::Result<Self> {
        let sentence: Vec<String> =
            operation.sentence().iter().flat_map(|text| wrapped(text)).collect();
        Ok(Self {
            sentence: Lines { headline: "Against the typical one".to_owned(), lines: sentence },
            counted: Lines {
                headline: "What the system counted".to_owned(),
                lines: counted::lines(operation),
            },
            critical: Lines {
                headline: "Critical path (red edges)".to_owned(),
                lines: critical::lines(operation),
            },
            chart: Chart::new(operation, hide_states),
            save: Save::new(operation)?,
            lines: Lines { headline: "Log".to_owned(), lines: log(operation) },
            totals: totals(operation, frames),
        })
    }
}

/// The log, a line each.
fn log(operation: &Operation) -> Vec<String> {
    let Log { lines, omitted } = operation.log();
    let told = lines.iter().map(|line| {
        let LogLine { at_nanos, level, target, text } = line;
        let at = Nanos(*at_nanos).to_string();
        printable(&format!("{at:>10} {level:>5} {target}: {text}"))
    });
    let more = (*omitted > 0).then(|| format!("and {} more", Count(*omitted)));
    told.chain(more).collect()
}

fn totals(operation: &Operation, frames: &Frames<'_>) -> Vec<u64> {
    let tree = &operation.profile().tree;
    let (mut total, mut awaited) = (vec![0_u64; tree.len()], vec![0_u64; tree.len()]);
    for step in operation.critical_path() {
        if step.activity == Activity::Awaited {
            awaited[step.node.index()] += step.nanos();
        }
        let parent = |node: &NodeId| tree.parent(node.index());
        for node in std::iter::successors(Some(step.node), parent) {
            total[node.index()] += step.nanos();
        }
    }
    let of = |frame: &Placed| -> u64 {
        let totals = match frame.kind {
            Kind::State(State::Await) => &awaited,
            // The path says where work was done, and not what its thread did then.
            Kind::State(_) => return 0,
            _ => &total,
        };
        frames.nodes(frame).map(|node| totals[node]).sum()
    };
    frames.all().iter().map(of).collect()
}

/// A text in lines.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

impl Below for Parts<'_> {
    fn subtitle(&self) -> Option<String> {
        let (first, more) = self.sentence.lines.split_first()?;
        Some(if more.is_empty() { first.clone() } else { format!("{first} \u{2026}") })
    }

    fn height(&self) -> usize {
        let told = self.sentence.height() + self.counted.height() + self.critical.height();
        told + self.lines.height() + self.chart.height() + self.save.height()
    }

    fn style(&self) -> &str {
        STYLE
    }

    fn script(&self) -> &str {
        SCRIPT
    }

    fn critical_nanos(&self, frame: u32) -> u64 {
        self.totals.get(frame as usize).copied().unwrap_or(0)
    }

    fn write(&self, mut top: usize, writer: &mut dyn Write) -> io::Result<()> {
        let mut writer = writer;
        self.sentence.write(top, &mut writer)?;
        top += self.sentence.height();
        self.counted.write(top, &mut writer)?;
        top += self.counted.height();
        self.critical.write(top, &mut writer)?;
        top += self.critical.height();
        self.chart.write(top, &mut writer)?;
        top += self.chart.height();
        self.save.write(top, &mut writer)?;
        top += self.save.height();
        self.lines.write(top, &mut writer)
    }
}
