//! What a picture must show, computed from the profile by the plainest means
//! and with names as they are, no label ever made of them.

use std::collections::BTreeMap;

use tracing_flame_layer::{
    Profile,
    profile::{Frame, Node, NodeId, States},
    render::{Names, Options, Weight},
};

use super::sample::{self, STATES};

/// What a frame stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Box {
    Named(String),
    /// What the spans of the frame below it were in, by its label.
    State(&'static str),
    Truncated,
}

const AWAIT: Box = Box::State("[await]");

pub type Stack = Vec<Box>;

/// What was measured at the frames of a stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub self_nanos: u64,
    pub calls: u64,
}

/// Every stack of a profile, those without time included.
pub fn cells(profile: &Profile, options: &Options) -> BTreeMap<Stack, Cell> {
    let mut cells: BTreeMap<Stack, Cell> = BTreeMap::new();
    if options.threads {
        for thread in profile.threads() {
            for share in &thread.nodes {
                let mut stack = vec![Box::Named(thread.name.to_string())];
                stack.extend(path(profile, share.node, options));
                divide(&mut cells, &stack, share.busy_nanos, share.busy_states, options);
            }
        }
        return cells;
    }
    for node in profile.nodes().iter() {
        let mut stack = path_of(profile, &node, options);
        let measures = node.measures;
        cells.entry(stack.clone()).or_default().calls += measures.calls;
        let (nanos, states) = match options.weight {
            Weight::Wall => (measures.wall_nanos, measures.wall_states),
            _ => (measures.busy_nanos, measures.busy_states),
        };
        divide(&mut cells, &stack, nanos, states, options);
        if options.weight == Weight::Wall && !options.hide_await {
            stack.push(AWAIT);
            cells.entry(stack).or_default().self_nanos += measures.await_nanos;
        }
    }
    cells
}

/// Adds a time to a stack, and what of it its threads were not on a CPU to those on it.
fn divide(
    cells: &mut BTreeMap<Stack, Cell>,
    stack: &Stack,
    nanos: u64,
    states: States,
    options: &Options,
) {
    cells.entry(stack.clone()).or_default().self_nanos += nanos;
    if options.hide_states {
        return;
    }
    let parts = STATES.into_iter().zip(sample::drawn(states));
    for (state, nanos) in parts.filter(|(_, nanos)| *nanos > 0) {
        cells.get_mut(stack).expect("it was put there").self_nanos -= nanos;
        let stack = stack.iter().cloned().chain([Box::State(state)]).collect();
        cells.entry(stack).or_default().self_nanos += nanos;
    }
}

fn path(profile: &Profile, node: NodeId, options: &Options) -> Stack {
    path_of(profile, &profile.node(node), options)
}

fn path_of(profile: &Profile, node: &Node, options: &Options) -> Stack {
    let mut stack = node.parent.map(|p| path(profile, p, options)).unwrap_or_default();
    stack.push(match &node.frame {
        frame @ (Frame::Span(callsite) | Frame::Fields(callsite, _)) => {
            let values = frame.fields().map(ToString::to_string).unwrap_or_default();
            Box::Named(match options.names {
                Names::Name => format!("{}{values}", callsite.name),
                _ => format!("{}::{}{values}", callsite.target, callsite.name),
            })
        }
        _ => Box::Truncated,
    });
    stack
}

/// The stacks that have self time.
pub fn self_times(cells: &BTreeMap<Stack, Cell>) -> BTreeMap<Stack, u64> {
    let own = cells.iter().map(|(stack, cell)| (stack.clone(), cell.self_nanos));
    own.filter(|(_, nanos)| *nanos > 0).collect()
}

/// The time of every stack and all above it.
pub fn totals(self_times: &BTreeMap<Stack, u64>) -> BTreeMap<Stack, u64> {
    let mut totals = BTreeMap::new();
    for (stack, nanos) in self_times {
        for depth in 1..=stack.len() {
            *totals.entry(stack[..depth].to_vec()).or_default() += nanos;
        }
    }
    totals
}

/// Of the time of every stack, that of those which have a box of their own: awaits
/// below one in a thousand of what was awaited have none, nor have other states below one
/// in a thousand of all.
pub fn drawn(totals: &BTreeMap<Stack, u64>) -> BTreeMap<Stack, u64> {
    let roots = totals.iter().filter(|(stack, _)| stack.len() == 1);
    let all: u64 = roots.map(|(_, nanos)| nanos).sum();
    let is_moment = |stack: &Stack, nanos: u64| match stack.split_last() {
        Some((top, below)) if *top == AWAIT => nanos * 1_000 < totals[below],
        Some((Box::State(_), _)) => nanos * 1_000 < all,
        _ => false,
    };
    let drawn = totals.iter().filter(|(stack, nanos)| !is_moment(stack, **nanos));
    drawn.map(|(stack, nanos)| (stack.clone(), *nanos)).collect()
}

/// What a label stands for: `\u{hex}` is a character, brackets are ours.
pub fn unlabel(label: &str) -> Box {
    match label {
        "[await]" => return AWAIT,
        "[truncated]" => return Box::Truncated,
        "[unnamed]" => return Box::Named(String::new()),
        _ => {}
    }
    if let Some(state) = STATES.into_iter().find(|&state| state == label) {
        return Box::State(state);
    }
    let mut name = String::new();
    let mut rest = label;
    while let Some(at) = rest.find("\\u{") {
        let (before, escape) = rest.split_at(at);
        let (code, after) = escape[3..].split_once('}').expect("the end of an escape");
        let code = u32::from_str_radix(code, 16).expect("a hexadecimal number");
        name.push_str(before);
        name.push(char::from_u32(code).expect("a character"));
        rest = after;
    }
    Box::Named(name + rest)
}
