//! Operations that took far longer than the typical one of their name.
//!
//! Where operations are known by themselves it is the one that took the most beyond what is
//! typical, in [the words of its page](Operation::sentence); else the classes of latency say
//! what all those did together that took far longer than most.

use std::collections::BTreeSet;

use super::{
    finding::{Finding, Rule},
    parts::{count, places_of},
    share,
};
use crate::{
    profile::{Callsite, Operation, Typical},
    render::{
        frames::Frames,
        human::{Nanos, Rounded},
        markdown::code,
        operation::{Against, Item, critical_lines, told, what},
        state::State,
    },
};

pub(super) fn of(frames: &Frames<'_>, operations: &[Operation]) -> Vec<Finding> {
    let slowest = slowest(operations);
    let known = slowest.as_ref().map(|(operation, _)| operation.name());
    let profile = frames.profile();
    let named = profile.named_operations().iter().map(|root| profile.node(*root));
    let names: BTreeSet<String> =
        named.filter_map(|root| Some(root.frame.callsite()?.name.to_string())).collect();
    let names = names.iter().filter(|name| known != Some(name.as_str()));
    let by_class = names.filter_map(|name| by_class(frames, name));
    slowest
        .map(|(operation, against)| by_itself(frames, operation, &against))
        .into_iter()
        .chain(by_class)
        .collect()
}

/// The operation that took the most beyond what is typical, once that is four times as long.
fn slowest(operations: &[Operation]) -> Option<(&Operation, Against)> {
    let against = |operation| Some((operation, Against::of(operation)?));
    let known = operations.iter().filter_map(against);
    let far = known.filter(|(_, against)| against.nanos / 4 >= against.typical_nanos);
    far.max_by_key(|(operation, against)| {
        (against.nanos.saturating_sub(against.typical_nanos), std::cmp::Reverse(operation.number()))
    })
}

fn by_itself(frames: &Frames<'_>, operation: &Operation, against: &Against) -> Finding {
    let more = against.nanos.saturating_sub(against.typical_nanos);
    let first = against.items.first();
    let frame = first.and_then(|item| item.place.frame.clone());
    let headline = operation.headline();
    let mut figures: Vec<String> = operation.sentence().into_iter().collect();
    figures.extend(critical_lines(operation).into_iter().take(1));
    let mut places = own_place(operation.callsite());
    places.extend(frame.as_deref().map_or(Vec::new(), |frame| places_of(frames, frame)));
    Finding {
        rule: Rule::Operation,
        what: format!(
            "{} took {}, where {} are typical",
            code(&headline),
            Nanos(operation.nanos()),
            Nanos(against.typical_nanos)
        ),
        frame,
        state: first.and_then(|item| item.place.state()).map(State::label),
        nanos: more,
        of_nanos: frames.total_nanos(),
        stack: vec![operation.name().to_owned()],
        places: each_once(places),
        figures,
        numbers: vec![
            ("number", operation.number()),
            ("operation_nanos", operation.nanos()),
            ("typical_nanos", against.typical_nanos),
        ],
    }
}

fn by_class(frames: &Frames<'_>, name: &str) -> Option<Finding> {
    let profile = frames.profile();
    let Typical { profile: typical, .. } = profile.typical(name)?;
    let Typical { profile: far, selected, .. } = profile.standing_out(name)?;
    let operations = far.operations().max(1);
    let against = Against::between(&far, operations, &typical, typical.operations().max(1));
    let each = against.nanos.saturating_sub(against.typical_nanos);
    let nanos = each.saturating_mul(operations);
    let told = told(&against.items, each);
    let first = told.first();
    let frame = first.and_then(|item| item.place.frame.clone());
    let average = if operations == 1 { "" } else { " on average" };
    let (of, whole) = (selected.of, frames.total_nanos());
    let root = profile.named_operations().iter().map(|root| profile.node(*root).frame);
    let root = root.filter_map(|frame| frame.callsite().cloned()).find(|site| site.name == name);
    let mut places = own_place(root.as_deref());
    places.extend(frame.as_deref().map_or(Vec::new(), |frame| places_of(frames, frame)));
    let mut figures = vec![format!(
        "beyond what is typical that is {}, {} of the time of all operations",
        Nanos(nanos),
        share(nanos, whole)
    )];
    figures.extend(told.iter().map(|item| more(item, each, &against, average)));
    Some(Finding {
        rule: Rule::Classes,
        what: format!(
            "{} of {} {} took {}{average}, where {} are typical",
            count(operations),
            count(of),
            code(name),
            Nanos(against.nanos),
            Nanos(against.typical_nanos)
        ),
        state: first.and_then(|item| item.place.state()).map(State::label),
        frame,
        nanos,
        of_nanos: whole,
        stack: vec![name.to_owned()],
        places: each_once(places),
        figures,
        numbers: vec![
            ("operations", operations),
            ("of_operations", of),
            ("from_nanos", selected.from_nanos),
            ("mean_nanos", against.nanos),
            ("typical_nanos", against.typical_nanos),
        ],
    })
}

/// What a part takes more than is typical.
fn more(item: &Item, each: u64, against: &Against, average: &str) -> String {
    format!(
        "{}: {}{average}, typical are {}; {} of the difference",
        what(item.place.frame.as_deref(), item.place.state(), against.has_states),
        Rounded(item.nanos),
        Rounded(item.typical_nanos),
        share(item.more(), each)
    )
}

fn own_place(callsite: Option<&Callsite>) -> Vec<Callsite> {
    callsite.cloned().into_iter().collect()
}

fn each_once(places: Vec<Callsite>) -> Vec<Callsite> {
    let mut once: Vec<Callsite> = Vec::new();
    for place in places {
        if !once.contains(&place) {
            once.push(place);
        }
    }
    once
}
