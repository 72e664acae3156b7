//! The page: blocks of text, as many as there are words for.

use std::collections::BTreeSet;

use super::{
    Explanation,
    finding::{Finding, Rule},
};
use crate::{
    profile::Callsite,
    render::{
        label::{self, printable, shortened},
        markdown::{code, escaped},
    },
};

/// How many places in the source are told of a finding.
const MOST_PLACES: usize = 3;
/// How many frames of a stack are told, the innermost ones.
const MOST_FRAMES: usize = 8;
/// Words that the last line takes, which says that something was left out.
const NOTICE: usize = 30;

/// Some lines that are told together or not at all.
struct Block {
    /// What they stand under.
    section: &'static str,
    /// Those with a lower one are told first.
    rank: usize,
    text: String,
}

/// All of it, as far as there are words.
pub(super) fn page(explanation: &Explanation, most: usize) -> String {
    let title = format!("# {}: where the time went\n", escaped(&explanation.title));
    let blocks = blocks(explanation);
    let all: Vec<usize> = (0..blocks.len()).collect();
    let whole = joined(&title, &blocks, &all);
    if words(&whole) <= most {
        return whole;
    }
    let mut by_rank = all;
    by_rank.sort_by_key(|at| blocks[*at].rank);
    let mut chosen: Vec<usize> = Vec::new();
    for at in by_rank {
        let mut more = chosen.clone();
        more.push(at);
        more.sort_unstable();
        if words(&joined(&title, &blocks, &more)) + NOTICE <= most {
            chosen = more;
        }
    }
    let left_out = blocks.len() - chosen.len();
    let mut page = joined(&title, &blocks, &chosen);
    page += &format!(
        "\n{left_out} of {} paragraphs are left out, so that this has at most {most} words.\n",
        blocks.len()
    );
    page
}

/// Chosen blocks under their headings.
fn joined(title: &str, blocks: &[Block], chosen: &[usize]) -> String {
    let mut page = title.to_owned();
    let mut section = "";
    for block in chosen.iter().map(|at| &blocks[*at]) {
        if block.section != section {
            section = block.section;
            page += &format!("\n## {section}\n\n");
        }
        page += &block.text;
    }
    page
}

/// Everything there is to tell, in the order of the page. Findings come before details of
/// findings, and the details of the first before those of the second.
fn blocks(explanation: &Explanation) -> Vec<Block> {
    let Explanation { recorded, findings, unknown, .. } = explanation;
    let item = |section, rank, line: &str| Block { section, rank, text: format!("- {line}\n") };
    let recorded = recorded.iter().enumerate();
    let mut blocks: Vec<Block> =
        recorded.map(|(at, line)| item("Recorded", at.min(1) * 20, line)).collect();
    if findings.is_empty() {
        let line = "nothing: no part of the time is a hundredth of it, or there is none";
        blocks.push(item("Findings", 1, line));
    }
    // What two findings have in common is told with the first.
    let mut told: BTreeSet<String> = BTreeSet::new();
    for (at, finding) in findings.iter().enumerate() {
        let number = at + 1;
        let mut add = |rank, text| blocks.push(Block { section: "Findings", rank, text });
        let gap = if at == 0 { "" } else { "\n" };
        add(number, format!("{gap}{number}. **{}**\n", finding.what));
        let mut lines = details(finding);
        lines.retain(|line| told.insert(line.clone()));
        if !lines.is_empty() {
            add(10 + at, lines.iter().map(|line| format!("   - {line}\n")).collect());
        }
    }
    blocks.extend(unknown.iter().map(|line| item("Not known", 25, line)));
    blocks.extend(how(findings).iter().map(|line| item("How they were computed", 30, line)));
    blocks.push(Block {
        section: "How they were computed",
        rank: 40,
        text: format!(
            "- the order: by time, but operations that stand out come first; what is \
             less than 1% of all is not told\n- what the words mean: docs/semantics.md of {}\n",
            super::summary::AUTHOR
        ),
    });
    blocks
}

/// What else is said of a finding, a line each.
fn details(finding: &Finding) -> Vec<String> {
    let mut lines = Vec::new();
    if !finding.places.is_empty() {
        lines.push(format!("where: {}", places(&finding.places)));
    }
    if finding.stack.len() > 1 {
        lines.push(format!("on: {}", stack(&finding.stack)));
    }
    lines.extend(finding.figures.iter().cloned());
    lines
}

/// For each rule the findings that were made by it, and how.
fn how(findings: &[Finding]) -> Vec<String> {
    let mut rules: Vec<(Rule, Vec<String>)> = Vec::new();
    for (at, finding) in findings.iter().enumerate() {
        let number = (at + 1).to_string();
        match rules.iter_mut().find(|(rule, _)| *rule == finding.rule) {
            Some((_, numbers)) => numbers.push(number),
            None => rules.push((finding.rule, vec![number])),
        }
    }
    let line =
        |(rule, numbers): &(Rule, Vec<String>)| format!("{}: {}", numbers.join(", "), rule.how());
    rules.iter().map(line).collect()
}

fn places(places: &[Callsite]) -> String {
    let told = places.iter().take(MOST_PLACES).map(|callsite| {
        let target = shortened(&printable(&callsite.target), 29, 30);
        match label::place(callsite) {
            Some(place) => format!("{} ({})", code(&printable(&place)), code(&target)),
            None => code(&target),
        }
    });
    let told: Vec<String> = told.collect();
    let more = places.len().saturating_sub(MOST_PLACES);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    format!("{}{more}", told.join(", "))
}

fn stack(stack: &[String]) -> String {
    let left_out = stack.len().saturating_sub(MOST_FRAMES);
    let told: Vec<String> = stack[left_out..].iter().map(|frame| code(frame)).collect();
    let more = if left_out > 0 { "\u{2026} > " } else { "" };
    format!("{more}{}", told.join(" > "))
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}
