//! What is slow about an operation, in a sentence that is made by rule from what was measured.
//!
//! Parts that take longer than in the typical operation of its name are told of by how much
//! more they take, up to four, until nine tenths of the difference are; then what the rest
//! makes of it.

use super::against::{Against, Item, on_path};
use crate::{
    profile::Operation,
    render::{
        human::{Count, Rounded, Share},
        label::printable,
        markdown::code,
        state::State,
    },
};

/// How many parts are told of.
const MOST: usize = 4;

/// How many minor faults or blocks are told of at the least: a few there are in anything.
const LEAST: u64 = 100;

/// The sentence; `None` where nothing is known of what is typical.
pub(super) fn of(operation: &Operation) -> Option<String> {
    let against = Against::of(operation)?;
    let Against { nanos, typical_nanos, .. } = against;
    let (more, typical) = (nanos.saturating_sub(typical_nanos), Rounded(typical_nanos));
    // Within a tenth it is one of many.
    if more <= typical_nanos / 10 {
        return Some(format!("{}: no longer than usual, typical are {typical}", Rounded(nanos)));
    }
    let told = told(&against.items, more);
    let mut parts: Vec<String> =
        told.iter().map(|item| part(item, more, against.has_states)).collect();
    if parts.is_empty() {
        parts.push("a little of everything".to_owned());
    }
    let mut text = format!("+{} over the typical {typical}: {}", Rounded(more), parts.join(", "));
    text += &rest(more, &told);
    text += &critical(operation, &told);
    text += &counted(&against);
    Some(printable(&text))
}

/// The parts to tell of.
pub(in crate::render) fn told(items: &[Item], more: u64) -> Vec<&Item> {
    let mut told = Vec::new();
    let mut sum = 0_u64;
    for item in items.iter().take(MOST) {
        let is_enough = u128::from(sum) * 10 >= u128::from(more) * 9;
        // What is less than a fiftieth says nothing.
        if is_enough || u128::from(item.more()) * 50 < u128::from(more) || item.more() == 0 {
            break;
        }
        sum = sum.saturating_add(item.more());
        told.push(item);
    }
    told
}

fn part(item: &Item, more: u64, has_states: bool) -> String {
    let what = what(item.place.frame.as_deref(), item.place.state(), has_states);
    let share = Share { part: item.more(), whole: more };
    let share = if item.more() > more { "more than all".to_owned() } else { share.to_string() };
    format!(
        "{what} {} (typical {}, {share} of it)",
        Rounded(item.nanos),
        Rounded(item.typical_nanos)
    )
}

/// A frame in a state, in words; no frame is what threads waited for a CPU, wherever.
pub(in crate::render) fn what(
    frame: Option<&str>,
    state: Option<State>,
    has_states: bool,
) -> String {
    let Some(frame) = frame else { return "waiting for a CPU".to_owned() };
    let frame = code(frame);
    match state {
        None if !has_states => frame,
        None => format!("{frame} on a CPU"),
        Some(State::Blocked) => format!("{frame} blocked"),
        Some(State::Fault) => format!("{frame} waiting for pages to be read"),
        Some(State::Disk) => format!("{frame} blocked on a file"),
        Some(State::Lock) => format!("{frame} blocked on a lock"),
        Some(State::Net) => format!("{frame} blocked on the network"),
        Some(State::Timer) => format!("{frame} blocked for a time"),
        Some(State::OffCpu) => format!("{frame} off its CPU"),
        Some(State::Await) => format!("{frame} awaiting"),
        Some(state) => format!("{frame} in {}", state.label()),
    }
}

/// What all other parts come to.
fn rest(more: u64, told: &[&Item]) -> String {
    let sum = told.iter().map(|item| item.more()).fold(0, u64::saturating_add);
    let (over, under) = (more.saturating_sub(sum), sum.saturating_sub(more));
    match (over, under) {
        _ if u128::from(over.max(under)) * 20 <= u128::from(more) => {
            "; the rest is as always".to_owned()
        }
        (over, 0) => format!("; all the rest +{}", Rounded(over)),
        (_, under) => format!("; all the rest \u{2212}{}", Rounded(under)),
    }
}

/// How much of the frames told of is on the critical path.
fn critical(operation: &Operation, told: &[&Item]) -> String {
    let path = on_path(operation);
    let (mut all, mut on) = (0_u64, 0_u64);
    let mut left = path;
    for item in told {
        let Some(frame) = &item.place.frame else { continue };
        let is_await = item.place.state() == Some(State::Await);
        all = all.saturating_add(item.nanos);
        if let Some(rest) = left.get_mut(&(frame.clone(), is_await)) {
            let here = item.nanos.min(*rest);
            *rest -= here;
            on = on.saturating_add(here);
        }
    }
    if all == 0 || operation.critical_path().is_empty() {
        String::new()
    } else if u128::from(on) * 20 >= u128::from(all) * 19 {
        "; on the critical path".to_owned()
    } else {
        format!("; {} of {} in these frames on the critical path", Rounded(on), Rounded(all))
    }
}

/// What the system counted more than twice as often as is typical.
fn counted(against: &Against) -> String {
    let (own, typical) = (against.switches, against.typical_switches);
    let preempted = ("time a CPU was taken away", "times a CPU was taken away");
    let told = [
        (("page was read", "pages were read"), 1, own.major_faults, typical.major_faults),
        (preempted, 1, own.involuntary, typical.involuntary),
        (("", "minor page faults"), LEAST, own.minor_faults, typical.minor_faults),
        (("", "blocks read"), LEAST, own.blocks_read, typical.blocks_read),
        (("", "blocks written"), LEAST, own.blocks_written, typical.blocks_written),
    ];
    let told = told.into_iter().filter(|(_, least, own, typical)| {
        *own >= least * 1_000 && *own > typical.saturating_mul(2)
    });
    let told = told.map(|((one, more), _, own, typical)| {
        let own = own / 1_000;
        let what = if own == 1 { one } else { more };
        format!("; {} {what} (typical {})", Count(own), thousandths(typical))
    });
    told.collect()
}

/// A mean with one decimal.
fn thousandths(count: u64) -> String {
    let tenths = count.saturating_add(50) / 100;
    let (whole, part) = (Count(tenths / 10), tenths % 10);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Switches;

    #[test]
    fn what_was_counted_more_than_twice_as_often_is_told_as_people_say_it() {
        let switches = |major_faults, involuntary| {
            let mut switches = Switches::default();
            (switches.major_faults, switches.involuntary) = (major_faults, involuntary);
            switches
        };
        let said = |own, typical| {
            counted(&Against {
                nanos: 0,
                typical_nanos: 0,
                items: Vec::new(),
                switches: own,
                typical_switches: typical,
                has_states: true,
            })
        };
        let usual = switches(0, 400);
        let one = "; 1 page was read (typical 0); 1 time a CPU was taken away (typical 0.4)";
        assert_eq!(said(switches(1_000, 1_000), usual), one);
        let more = "; 20 pages were read (typical 0); 39 times a CPU was taken away (typical 0.4)";
        assert_eq!(said(switches(20_000, 39_000), usual), more);
        assert_eq!(said(switches(0, 800), usual), "");
        let used = |minor_faults| Switches { minor_faults, ..Switches::default() };
        let text = "; 120 minor page faults (typical 3)";
        assert_eq!(said(used(120_000), used(3_000)), text);
        assert_eq!(said(used(99_000), used(3_000)), "");
    }
}
