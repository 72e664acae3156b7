//! What threads were asleep for, by label.
//!
//! The longest first. Of page faults there are lines as far as their files are known; what
//! else was blocked is told in one line, so that all of it adds up.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::{
    super::{
        frames::{Frames, Kind},
        human::{Nanos, Plural, Share},
        label::printable,
        state::State,
    },
    WIDTH, text,
};
use crate::profile::{Reason, ReasonKind};

/// How many lines there are at the most.
const MOST: usize = 20;
/// How wide a reason is at the most, of which the end is shown.
const MOST_REASON: usize = 48;

pub(super) fn write(frames: &Frames<'_>, writer: &mut impl Write) -> io::Result<()> {
    let mut sums: BTreeMap<(&Reason, &str), u64> = BTreeMap::new();
    for frame in frames.all().iter().filter(|frame| matches!(frame.kind, Kind::Span)) {
        for (reason, nanos) in frames.reasons(frame) {
            let sum = sums.entry((reason, frames.label(frame))).or_default();
            *sum = sum.saturating_add(nanos);
        }
    }
    if sums.is_empty() || !frames.has_states() {
        return Ok(());
    }
    let blocked = blocked(frames);
    let mut rows: Vec<_> = sums
        .into_iter()
        .map(|((reason, label), nanos)| {
            (nanos, shortened(&printable(&reason.to_string())), label, reason.kind)
        })
        .collect();
    rows.sort_by_key(|(nanos, ..)| std::cmp::Reverse(*nanos));
    let known = rows.iter().fold(0, |sum, (nanos, ..)| u64::saturating_add(sum, *nanos));
    let width = rows.iter().take(MOST).map(|(_, reason, ..)| reason.chars().count()).max();
    let width = width.unwrap_or(0);
    writeln!(writer, "\nblocked, by what threads were asleep for")?;
    writeln!(writer, "     time      %  {:8}{:width$}  span", "kind", "in")?;
    let cell = |nanos: u64| {
        let share = Share { part: nanos, whole: blocked }.to_string();
        format!("{:>9} {share:>6}", Nanos(nanos).to_string())
    };
    for (nanos, reason, label, kind) in rows.iter().take(MOST) {
        let kind = kind.name();
        let line = format!("{}  {kind:8}{reason:width$}  ", cell(*nanos));
        text::hanging(writer, &line, label, WIDTH)?;
    }
    let more = rows.iter().skip(MOST).map(|(nanos, ..)| nanos).sum::<u64>();
    if more > 0 {
        let count = Plural((rows.len() - MOST) as u64, "line");
        writeln!(writer, "{}  {count} more", cell(more))?;
    }
    let rest = blocked.saturating_sub(known);
    if rest > 0 {
        writeln!(writer, "{}  not known", cell(rest))?;
    }
    Ok(())
}

/// For how long threads were asleep in all.
fn blocked(frames: &Frames<'_>) -> u64 {
    let kinds = ReasonKind::DRAWN.map(State::of_kind);
    let is = |kind| {
        matches!(kind, Kind::State(state)
        if state == State::Blocked || kinds.contains(&state))
    };
    let all = frames.all().iter().filter(|frame| is(frame.kind));
    all.fold(0, |sum, frame| sum.saturating_add(frame.self_nanos))
}

/// The end of a text that is too long.
fn shortened(text: &str) -> String {
    let length = text.chars().count();
    if length <= MOST_REASON {
        return text.to_owned();
    }
    let end = text.chars().skip(length - MOST_REASON + 1);
    std::iter::once('…').chain(end).collect()
}
