//! A page of text about a profile: what was recorded, the few findings that matter, and what
//! is not known.
//!
//! A finding is made by a rule from numbers that the profile has, so that one profile always
//! gives one text. There are three rules, a file each:
//!
//! 1. [`standing_out`]: operations that took far longer than the typical one of their name;
//! 2. [`parts`]: where the time of all operations went, by frame and by what threads did there,
//!    what they waited for a CPU being one part, whatever frame they waited in;
//! 3. [`apart`]: roots that are most likely parts of another operation.
//!
//! Parts add up to the time of all operations, so they are told by their size. An operation
//! that stands out hides in sums, so it is told before them.

mod apart;
mod by_itself;
mod finding;
mod json;
mod markdown;
mod parts;
mod recorded;
mod standing_out;
mod unknown;

use std::io::{self, Write};

use super::{Options, frames::Frames, human::Share, label::shortened, summary, view::View};
use crate::{Profile, profile::Operation};
use finding::{Finding, Rule};

/// How many findings are told.
const MOST: usize = 5;
/// A finding is told from so many parts in a hundred of the whole on.
const LEAST_PERCENT: u128 = 1;

/// What a profile says, in words: made by rule from its numbers, for a reader in a hurry or a
/// program that reads text.
///
/// ```
/// # use tracing_flame_layer::{Profile, render::{Explanation, Options}};
/// # fn explain(profile: &Profile) -> std::io::Result<()> {
/// let explanation = Explanation::new(profile, &[], &Options::default());
/// explanation.write_markdown(std::io::stdout(), Explanation::WORDS)
/// # }
/// ```
#[derive(Debug)]
pub struct Explanation {
    title: String,
    recorded: Vec<String>,
    findings: Vec<Finding>,
    unknown: Vec<String>,
}

impl Explanation {
    /// How many words a page has at the most, unless somebody asks for fewer or more.
    pub const WORDS: usize = 1_500;
    /// The fewest words that a page can be asked to have.
    pub const LEAST_WORDS: usize = 100;

    /// Explains a profile, and of single operations that are known by themselves the one that
    /// took the most beyond what is typical.
    ///
    /// Of the [`Options`] the weight, the names, the classes and the title count. Takes about
    /// as long as a table.
    #[must_use]
    pub fn new(profile: &Profile, operations: &[Operation], options: &Options) -> Self {
        let view = View::of(profile, options);
        let options = Options {
            hide_await: false,
            hide_states: false,
            threads: false,
            ..(*view.options).clone()
        };
        let frames = Frames::lay_out(&view.profile, &options);
        let mut findings = standing_out::of(&frames, operations);
        findings.extend(parts::of(&frames));
        findings.extend(apart::of(&frames));
        Self {
            title: shortened(&summary::title(&options), 39, 20),
            recorded: recorded::lines(&frames, &options),
            findings: most_important(findings, frames.total_nanos()),
            unknown: unknown::lines(&frames, &options),
        }
    }

    /// Explains one operation by itself, by the same rules: where its own time went, and, where
    /// it is known what is typical of its name, whether it stands out. What it would have taken
    /// without which span is told of its critical path.
    ///
    /// Of the [`Options`] the weight, the names and the title count.
    #[must_use]
    pub fn of_operation(operation: &Operation, options: &Options) -> Self {
        let options = Options { classes: None, ..options.clone() };
        let one = std::slice::from_ref(operation);
        let mut explanation = Self::new(operation.profile(), one, &options);
        by_itself::add(&mut explanation, operation);
        explanation
    }

    /// Writes a page of markdown of at most so many words, which are what blanks are between;
    /// no fewer than [`LEAST_WORDS`](Self::LEAST_WORDS). What there is no room for is left out
    /// from the end, details before findings, and the page says so.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write_markdown(&self, mut writer: impl Write, words: usize) -> io::Result<()> {
        let words = words.max(Self::LEAST_WORDS);
        writer.write_all(markdown::page(self, words).as_bytes())?;
        writer.flush()
    }

    /// Writes all of it as JSON, which [`docs/json.md`](https://docs.rs/crate/tracing-flame-layer/latest/source/docs/json.md) describes.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write_json(&self, mut writer: impl Write) -> io::Result<()> {
        json::write(self, &mut writer)?;
        writer.flush()
    }
}

/// The findings to tell, in their order.
fn most_important(mut findings: Vec<Finding>, whole: u64) -> Vec<Finding> {
    let least = u128::from(whole) * LEAST_PERCENT;
    findings.retain(|finding| finding.nanos > 0 && u128::from(finding.nanos) * 100 >= least);
    // Stable: of several with one time the order is that of rules and names.
    findings
        .sort_by_key(|finding| std::cmp::Reverse((finding.rule.is_of_operations(), finding.nanos)));
    findings.truncate(MOST);
    findings
}

/// A time's share of all operations, in words.
fn share(nanos: u64, whole: u64) -> String {
    Share { part: nanos.min(whole), whole }.to_string()
}

impl Rule {
    fn is_of_operations(self) -> bool {
        matches!(self, Self::Classes | Self::Operation)
    }
}
