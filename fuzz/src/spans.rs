use flame_oracle::{
    FilterPlace, Program,
    driver::judge,
    random::{
        self,
        instruction::{Action, Instruction, NewParent},
    },
};

use crate::choice::Choices;

/// How many instructions a program has at most, beyond which it tells nothing new.
const MOST: usize = 120;
const FILTERS: [Option<FilterPlace>; 3] =
    [None, Some(FilterPlace::Inside), Some(FilterPlace::Callsites)];

/// Tells an engine a program of spans, in each of its ways, and runs it through the layer,
/// alone and with every named operation followed by itself. Compares each node of each
/// snapshot with the oracle's.
pub fn spans(bytes: &[u8]) {
    let program = program(&mut Choices::new(bytes));
    for judge in [judge::engine, judge::layer, judge::followed] {
        if let Err(differences) = judge(&program) {
            panic!("{differences}");
        }
    }
}

fn program(choices: &mut Choices<'_>) -> Program {
    let names = 1 + choices.below(random::NAMES.len());
    let threads = 1 + choices.below(random::THREADS);
    let filter = choices.one_of(&FILTERS);
    let paused = choices.byte() == 1;
    let mut instructions = Vec::new();
    while !choices.is_empty() && instructions.len() < MOST {
        instructions.push(instruction(choices));
    }
    random::program(&random::NAMES[..names], threads, filter, paused, &instructions)
}

/// Takes six bytes, whatever they say.
fn instruction(choices: &mut Choices<'_>) -> Instruction {
    let wait = choices.number(34);
    let thread = choices.below(random::THREADS);
    let (kind, pick, more) = (choices.byte(), choices.below(12), choices.byte());
    Instruction { wait, thread, action: action(kind, pick, more) }
}

/// As often as in the tests, more or less.
fn action(kind: u8, pick: usize, more: u8) -> Action {
    match kind % 64 {
        0..12 => {
            let parent = match more / 2 % 8 {
                0..3 => NewParent::Current,
                3 => NewParent::Root,
                of => NewParent::Of(usize::from(of) - 4),
            };
            let name = usize::from(more / 16) + pick;
            Action::New { name, parent, enter: more % 2 == 1 }
        }
        12..27 => Action::Enter(pick),
        27..39 => Action::ExitInnermost,
        39..42 => Action::ExitFromStack(pick),
        42 => Action::ExitAny(pick),
        43..49 => Action::Close,
        49..53 => Action::DropUnentered(pick),
        53 => Action::DropAny(pick),
        54 => Action::Clone(pick),
        55..58 => Action::Record(pick, more % 3),
        58..60 => Action::ThreadEnd,
        60 => Action::Start,
        61 => Action::Stop,
        62 => Action::Snapshot,
        _ => Action::Wait,
    }
}
