//! Programs written down as text, one line an instant on one thread:
//!
//! ```text
//!  0 main: open request
//! 10 main: exit request
//! 20 pool: open load under request, close load
//! ```
//!
//! `new`, `clone`, `drop`, `enter`, `exit` are the events; `open` is new and
//! enter, `close` is exit and drop. A new span hangs under the current one
//! unless `under` another or `at root`. `record 7 in a` gives its field a value. `end` ends the thread; `start`, `stop`
//! and `snapshot` are the handle's. A name's part from `#` on tells instances of
//! one name apart. A script ends with a snapshot.

use std::collections::BTreeMap;

use super::{Event, Parent, Program, SpanKey, Step};

const NANOS_A_MILLI: u64 = 1_000_000;

impl Program {
    /// Reads a script whose times are milliseconds.
    pub fn millis(script: &str) -> Self {
        Self::read(script, NANOS_A_MILLI)
    }

    /// Reads a script whose times are nanoseconds.
    pub fn nanos(script: &str) -> Self {
        Self::read(script, 1)
    }

    fn read(script: &str, unit: u64) -> Self {
        let mut reader = Reader { unit, ..Reader::default() };
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            reader.line(line);
        }
        let last = reader.steps.last().expect("a script has lines").clone();
        if last.event != Event::Snapshot {
            reader.steps.push(Step { event: Event::Snapshot, ..last });
        }
        Self { steps: reader.steps, ..Self::default() }
    }
}

#[derive(Default)]
struct Reader<'a> {
    unit: u64,
    threads: BTreeMap<&'a str, usize>,
    spans: BTreeMap<&'a str, SpanKey>,
    steps: Vec<Step>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str) {
        let (place, commands) = line.split_once(':').expect("a colon after the thread");
        let (time, thread) = place.split_once(' ').expect("a time and a thread");
        let at = time.parse::<u64>().expect("a whole number of time units") * self.unit;
        let slots = self.threads.len();
        let thread = *self.threads.entry(thread.trim()).or_insert(slots);
        for command in commands.split(',') {
            for event in self.command(command.trim()) {
                self.steps.push(Step { at, thread, event });
            }
        }
    }

    fn command(&mut self, command: &'a str) -> Vec<Event> {
        let words: Vec<&str> = command.split_whitespace().collect();
        match words[..] {
            ["new", name, ref rest @ ..] => vec![self.create(name, rest)],
            ["open", name, ref rest @ ..] => {
                let create = self.create(name, rest);
                vec![create, Event::Enter(self.span(name))]
            }
            ["close", name] => vec![Event::Exit(self.span(name)), Event::Drop(self.span(name))],
            ["clone", name] => vec![Event::Clone(self.span(name))],
            ["drop", name] => vec![Event::Drop(self.span(name))],
            ["enter", name] => vec![Event::Enter(self.span(name))],
            ["exit", name] => vec![Event::Exit(self.span(name))],
            ["record", value, "in", name] => {
                let value = value.parse().expect("a small number");
                vec![Event::Record(self.span(name), value)]
            }
            ["end"] => vec![Event::ThreadEnd],
            ["start"] => vec![Event::Start],
            ["stop"] => vec![Event::Stop],
            ["snapshot"] => vec![Event::Snapshot],
            _ => panic!("`{command}` is no command of a script"),
        }
    }

    fn create(&mut self, instance: &'a str, rest: &[&str]) -> Event {
        let parent = match rest {
            [] => Parent::Current,
            ["at", "root"] => Parent::Root,
            ["under", parent] => Parent::Of(self.span(parent)),
            _ => panic!("`{}` says no parent; write `under <span>` or `at root`", rest.join(" ")),
        };
        let key = self.created();
        assert!(self.spans.insert(instance, key).is_none(), "`{instance}` is made twice");
        let name = instance.split('#').next().unwrap_or(instance).to_owned();
        Event::Create { name, parent }
    }

    fn created(&self) -> SpanKey {
        self.spans.len()
    }

    fn span(&self, instance: &str) -> SpanKey {
        *self.spans.get(instance).unwrap_or_else(|| panic!("no span `{instance}` was made before"))
    }
}

#[test]
fn a_script_reads_back_what_a_program_prints() {
    let program = Program::nanos(
        "0 t0: open a#0\n5 t1: new b#1 under a#0, record 7 in b#1, end\n7 t0: close a#0",
    );
    let printed = program.to_string();
    let script = printed.split_once('\n').expect("settings stand on the first line").1;
    assert_eq!(Program::nanos(script), program);
}
