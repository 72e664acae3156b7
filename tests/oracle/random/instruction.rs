//! The instructions that random programs are made of, and how often each comes.

use proptest::prelude::*;

use super::{NAMES, THREADS};

#[derive(Clone, Debug)]
pub struct Instruction {
    pub wait: u64,
    pub thread: usize,
    pub action: Action,
}

#[derive(Clone, Debug)]
pub enum Action {
    /// Nothing happens; what every action shrinks to.
    Wait,
    New {
        name: usize,
        parent: NewParent,
        enter: bool,
    },
    Clone(usize),
    /// A handle of a span that no thread has entered.
    DropUnentered(usize),
    /// Any handle, so that spans close while they are entered.
    DropAny(usize),
    Enter(usize),
    ExitInnermost,
    /// Any span of the thread's stack, so that guards go out of order.
    ExitFromStack(usize),
    /// Any span, so that most were never entered on this thread.
    ExitAny(usize),
    /// Exits the innermost span and drops a handle of it.
    Close,
    /// A value for the field of any span.
    Record(usize, u8),
    ThreadEnd,
    Start,
    Stop,
    Snapshot,
}

#[derive(Clone, Debug)]
pub enum NewParent {
    Current,
    Root,
    Of(usize),
}

pub(super) fn instruction() -> impl Strategy<Value = Instruction> {
    (waits(), 0..THREADS, action()).prop_map(|(wait, thread, action)| Instruction {
        wait,
        thread,
        action,
    })
}

/// Few spans at a time are entered, and most handles go soon, so that spans are often open for
/// the sake of others only.
pub(super) fn letting_go() -> impl Strategy<Value = Instruction> {
    let waits =
        prop_oneof![3 => Just(0), 5 => 1..100_000_u64, 5 => 1..40_000_000_u64, 1 => waits()];
    let pick = pick();
    let action = prop_oneof![
        10 => (0..NAMES.len(), new_parent(), 0..3_u8)
            .prop_map(|(name, parent, enter)| Action::New { name, parent, enter: enter == 0 }),
        8 => pick.clone().prop_map(Action::Enter),
        16 => Just(Action::ExitInnermost),
        8 => pick.prop_map(Action::DropUnentered),
        6 => action(),
    ];
    (waits, 0..THREADS, action).prop_map(|(wait, thread, action)| Instruction {
        wait,
        thread,
        action,
    })
}

/// Any span, the latest ones more often.
fn pick() -> impl Strategy<Value = usize> + Clone {
    prop_oneof![2 => 0..3_usize, 1 => 0..12_usize]
}

fn waits() -> impl Strategy<Value = u64> {
    prop_oneof![3 => Just(0), 1 => 1..5_u64, 8 => 1..100_000_u64, 1 => 1..10_000_000_000_u64]
}

fn action() -> impl Strategy<Value = Action> {
    let pick = pick();
    prop_oneof![
        1 => Just(Action::Wait),
        12 => (0..NAMES.len(), new_parent(), any::<bool>())
            .prop_map(|(name, parent, enter)| Action::New { name, parent, enter }),
        16 => pick.clone().prop_map(Action::Enter),
        12 => Just(Action::ExitInnermost),
        3 => pick.clone().prop_map(Action::ExitFromStack),
        1 => pick.clone().prop_map(Action::ExitAny),
        6 => Just(Action::Close),
        4 => pick.clone().prop_map(Action::DropUnentered),
        1 => pick.clone().prop_map(Action::DropAny),
        1 => pick.clone().prop_map(Action::Clone),
        4 => (pick, 0..3_u8).prop_map(|(pick, value)| Action::Record(pick, value)),
        2 => Just(Action::ThreadEnd),
        1 => Just(Action::Start),
        1 => Just(Action::Stop),
        2 => Just(Action::Snapshot),
    ]
}

fn new_parent() -> impl Strategy<Value = NewParent> {
    prop_oneof![
        4 => Just(NewParent::Current),
        4 => pick().prop_map(NewParent::Of),
        1 => Just(NewParent::Root),
    ]
}
