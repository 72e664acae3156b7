//! Instructions become events: numbers become the spans that are open then.

use super::{
    MOST_SPANS, THREADS,
    instruction::{Action, Instruction, NewParent},
};
use crate::{Event, Parent, Program, Registry, SpanKey, Step};

/// The program that instructions mean, with as many of the names and threads.
pub(super) fn interpret(
    program: Program,
    names: &[&str],
    threads: usize,
    instructions: &[Instruction],
) -> Program {
    let mut writer = Writer { program, registry: Registry::default(), stacks: Default::default() };
    let mut now = 0;
    for instruction in instructions {
        now += instruction.wait;
        let thread = instruction.thread % threads;
        for event in writer.events(thread, &instruction.action, names) {
            writer.write(now, thread, event);
        }
    }
    writer.write(now, 0, Event::Snapshot);
    writer.program
}

/// Writes a program down, and knows which spans are open meanwhile.
struct Writer {
    program: Program,
    registry: Registry,
    stacks: [Vec<SpanKey>; THREADS],
}

impl Writer {
    fn events(&self, thread: usize, action: &Action, names: &[&str]) -> Vec<Event> {
        let stack = || self.stacks[thread].iter().copied().filter(|span| self.is_open(*span));
        match action {
            Action::Wait => Vec::new(),
            Action::New { name, parent, enter } => {
                self.new_span(names[name % names.len()], parent, *enter)
            }
            Action::Clone(pick) => one(self.pick_held(*pick).map(Event::Clone)),
            Action::DropUnentered(pick) => one(self.pick_unentered(*pick).map(Event::Drop)),
            Action::DropAny(pick) => one(self.pick_held(*pick).map(Event::Drop)),
            Action::Enter(pick) => one(self.pick_held(*pick).map(Event::Enter)),
            Action::ExitInnermost => one(stack().next_back().map(Event::Exit)),
            Action::ExitFromStack(pick) => {
                one(latest(&stack().collect::<Vec<_>>(), *pick).map(Event::Exit))
            }
            Action::ExitAny(pick) => one(self.pick_open(*pick).map(Event::Exit)),
            Action::Close => {
                let span = stack().rfind(|span| self.registry.handles(*span) > 0);
                span.map_or(Vec::new(), |span| vec![Event::Exit(span), Event::Drop(span)])
            }
            Action::Record(pick, value) => {
                one(self.pick_held(*pick).map(|span| Event::Record(span, *value)))
            }
            Action::ThreadEnd => vec![Event::ThreadEnd],
            Action::Start => vec![Event::Start],
            Action::Stop => vec![Event::Stop],
            Action::Snapshot => vec![Event::Snapshot],
        }
    }

    fn new_span(&self, name: &str, parent: &NewParent, enter: bool) -> Vec<Event> {
        let key = self.registry.count();
        if key == MOST_SPANS {
            return Vec::new();
        }
        let parent = match parent {
            NewParent::Current => Parent::Current,
            NewParent::Root => Parent::Root,
            NewParent::Of(pick) => self.pick_open(*pick).map_or(Parent::Current, Parent::Of),
        };
        let create = Event::Create { name: name.to_owned(), parent };
        if enter { vec![create, Event::Enter(key)] } else { vec![create] }
    }

    fn pick_open(&self, pick: usize) -> Option<SpanKey> {
        latest(&self.spans(|span| self.is_open(*span)), pick)
    }

    fn pick_unentered(&self, pick: usize) -> Option<SpanKey> {
        let entered = |span: &SpanKey| self.stacks.iter().any(|stack| stack.contains(span));
        let unentered = |span: &SpanKey| self.registry.handles(*span) > 0 && !entered(span);
        latest(&self.spans(unentered), pick)
    }

    fn pick_held(&self, pick: usize) -> Option<SpanKey> {
        let held = |span: &SpanKey| self.registry.handles(*span) > 0;
        latest(&self.spans(held), pick)
    }

    fn spans(&self, wanted: impl Fn(&SpanKey) -> bool) -> Vec<SpanKey> {
        (0..self.registry.count()).filter(wanted).collect()
    }

    fn is_open(&self, span: SpanKey) -> bool {
        self.registry.is_open(span)
    }

    fn write(&mut self, at: u64, thread: usize, event: Event) {
        let stack = &mut self.stacks[thread];
        match &event {
            Event::Enter(span) => stack.push(*span),
            Event::Exit(span) => {
                if let Some(place) = stack.iter().rposition(|entered| entered == span) {
                    stack.remove(place);
                }
            }
            Event::ThreadEnd => stack.clear(),
            _ => {}
        }
        let step = Step { at, thread, event };
        self.registry.apply(&step);
        self.program.steps.push(step);
    }
}

fn one(event: Option<Event>) -> Vec<Event> {
    event.into_iter().collect()
}

/// The span that a number means among some, counted from the latest; the oldest
/// where the number is too large.
fn latest(spans: &[SpanKey], pick: usize) -> Option<SpanKey> {
    let last = spans.len().checked_sub(1)?;
    Some(spans[last - pick.min(last)])
}
