//! What a profile does not say, and what its reader might take it to say.

use crate::{
    profile::StateSource,
    render::{
        Options, anomalies,
        frames::Frames,
        human::{Count, Nanos},
        label::printable,
        state::{Parts, State},
        table::hint,
    },
};

use super::share;

pub(super) fn lines(frames: &Frames<'_>, options: &Options) -> Vec<String> {
    let profile = frames.profile();
    let mut lines = Vec::new();
    if profile.is_so_far() {
        lines.push("this was written while the program ran: it is not the whole run".to_owned());
    }
    lines.extend(outside(frames));
    lines.extend(states(frames));
    if frames.total_nanos() > 0 {
        lines.push(
            "which functions had the CPUs within a span, and what `[await]` waited for beyond \
             spans: neither is recorded"
                .to_owned(),
        );
        lines.push("this is one run: how much the next differs by itself is not known".to_owned());
    }
    lines.extend(hint::line(profile, options));
    lines.extend(anomalies::lines(&profile.anomalies()));
    let left_out = profile.unclassified_operations();
    if left_out > 0 {
        lines.push(format!("{} operations are in no class of latency", Count(left_out)));
    }
    lines
}

/// What happened while no span was open.
fn outside(frames: &Frames<'_>) -> Option<String> {
    let window = frames.profile().window();
    let whole = u64::try_from(window.length.as_nanos()).unwrap_or(u64::MAX);
    let rest = whole.saturating_sub(frames.profile().covered_nanos()?);
    (rest > 0).then(|| {
        let share = share(rest, whole);
        format!(
            "what the program did while no recorded span was open: {}, {share} of the window",
            Nanos(rest)
        )
    })
}

/// What threads did, as far as nobody knows it.
fn states(frames: &Frames<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    match frames.profile().states() {
        _ if frames.total_nanos() == 0 => {}
        None => lines.push("what threads did in spans: nobody asked for it".to_owned()),
        Some(StateSource::None(why)) => {
            lines.push(format!("what threads did in spans: none of it, {}", printable(why)));
        }
        Some(StateSource::Partial(why)) => {
            lines.push(format!("what threads did in spans: a part of it, {}", printable(why)));
        }
        Some(StateSource::Exact) => {}
    }
    let mut all = Parts::default();
    frames.parts(false).iter().for_each(|parts| all.add(parts));
    let told = [
        (State::Unknown, "in which threads were in spans, on a CPU or not"),
        (State::OffCpu, "in which they were off their CPUs, asleep or waiting for one"),
        (State::Blocked, "in which they were asleep, and in what nobody saw, or is told as other"),
    ];
    for (state, what) in told {
        let nanos = all.get(state);
        if nanos > 0 {
            let share = share(nanos, frames.total_nanos());
            lines.push(format!("{} ({share}) {what}", Nanos(nanos)));
        }
    }
    lines
}
