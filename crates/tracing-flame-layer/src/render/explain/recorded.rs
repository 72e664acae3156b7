//! What was recorded.

use crate::{
    profile::StateSource,
    render::{
        Options,
        frames::{Frames, Placed},
        human::{Count, Nanos},
        label::printable,
        markdown::code,
        state::Parts,
        summary,
    },
};

use super::share;

/// How many roots are named.
const MOST_ROOTS: usize = 5;

pub(super) fn lines(frames: &Frames<'_>, options: &Options) -> Vec<String> {
    let meaning = summary::meaning(frames, options);
    let meaning = meaning.strip_prefix("width = ").unwrap_or(meaning);
    let mut lines = vec![summary::facts(frames), format!("times are {meaning}")];
    lines.extend(summary::emptiness(frames, options).map(str::to_owned));
    lines.extend(whole(frames));
    lines.extend(roots(frames));
    lines.extend(flags(frames));
    lines
}

/// What all time is made of.
fn whole(frames: &Frames<'_>) -> Option<String> {
    let mut all = Parts::default();
    frames.parts(false).iter().for_each(|parts| all.add(parts));
    let nanos = frames.total_nanos();
    let exactly = match frames.profile().states() {
        Some(StateSource::Exact) => " exactly",
        _ => "",
    };
    (nanos > 0 && frames.has_states())
        .then(|| format!("the time of all operations is {}{exactly}: {all}", Nanos(nanos)))
}

/// Which operations there were.
fn roots(frames: &Frames<'_>) -> Option<String> {
    let bottom = frames.all().iter().filter(|frame| frame.depth == 0);
    let mut roots: Vec<(&Placed, u64)> =
        bottom.filter_map(|frame| Some((frame, frames.lived(frame)?))).collect();
    roots.sort_by_key(|(frame, _)| (std::cmp::Reverse(frame.total_nanos), frames.label(frame)));
    let told = roots.iter().take(MOST_ROOTS).map(|(frame, lived)| {
        let (label, nanos) = (code(frames.label(frame)), frame.total_nanos);
        let share = share(nanos, frames.total_nanos());
        format!("{} {label} {} ({share})", Count(*lived), Nanos(nanos))
    });
    let told: Vec<String> = told.collect();
    let more = roots.len().saturating_sub(MOST_ROOTS);
    let more = if more > 0 { format!(", and {more} other names") } else { String::new() };
    (!told.is_empty()).then(|| format!("operations: {}{more}", told.join(", ")))
}

/// What the host was asked to record.
fn flags(frames: &Frames<'_>) -> Option<String> {
    let flags = frames.profile().recorded_with()?;
    let told = flags.iter().map(|(name, value)| code(&printable(&format!("{name} = {value}"))));
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| format!("recorded with {}", told.join(", ")))
}
