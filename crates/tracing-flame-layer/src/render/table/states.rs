//! What threads did in the time of each label, where that is known.
//!
//! The first part is about self times, the second about totals. Each row's times add up
//! to the label's time but for what was awaited, which no thread was in. **slept** and
//! **preempted** say how often threads were switched out, by their own doing or not, and
//! **faults** how often something had to be read for a page; **in faults** is the time that is
//! known to have been spent asleep for that.

use std::io::{self, Write};

use super::{
    super::{
        frames::Frames,
        human::{Count, Nanos},
        state::{Parts, State},
    },
    WIDTH,
    rows::Row,
    text,
};
use crate::profile::Switches;

pub(super) fn write(frames: &Frames<'_>, rows: &[Row], writer: &mut impl Write) -> io::Result<()> {
    let rows: Vec<&Row> = rows.iter().filter(|row| row.total.entered() > 0).collect();
    if !frames.has_states() || rows.is_empty() {
        return Ok(());
    }
    let mut all = Parts::default();
    rows.iter().for_each(|row| all.add(&row.own));
    let columns = Columns::of(&all);
    let counted = rows.iter().any(|row| row.tally.switches != Switches::default());
    writeln!(writer, "\nself time, by what threads did in it")?;
    let head = if counted {
        format!(" {:>8} {:>9} {:>7}", "slept", "preempted", "faults")
    } else {
        String::new()
    };
    writeln!(writer, "{}{head}  span", columns.head())?;
    for row in rows.iter().filter(|row| row.own.entered() > 0) {
        let counts = if counted { counts(row.tally.switches) } else { String::new() };
        let line = format!("{}{counts}  ", columns.row(&row.own));
        text::hanging(writer, &line, &row.name, WIDTH)?;
    }
    let blank = if counted { " ".repeat(27) } else { String::new() };
    writeln!(writer, "{}{blank}  all", columns.row(&all))?;
    writeln!(writer, "\ntotal time, by what threads did in it")?;
    writeln!(writer, "{}  span", columns.head())?;
    for row in rows {
        let line = format!("{}  ", columns.row(&row.total));
        text::hanging(writer, &line, &row.name, WIDTH)?;
    }
    Ok(())
}

fn counts(switches: Switches) -> String {
    let Switches { voluntary, involuntary, major_faults } = switches;
    format!(" {:>8} {:>9} {:>7}", Count(voluntary), Count(involuntary), Count(major_faults))
}

/// The states that have columns: all but the first two only where they occur.
struct Columns(Vec<State>);

impl Columns {
    fn of(all: &Parts) -> Self {
        let has = |state: &State| match state {
            State::Runnable | State::Blocked => true,
            State::Fault | State::OffCpu | State::Unknown => all.get(*state) > 0,
            State::Await => false,
        };
        Self(State::ALL.into_iter().filter(has).collect())
    }

    fn head(&self) -> String {
        let names = self.0.iter().map(|state| match state {
            State::Runnable => "runnable",
            State::Blocked => "blocked",
            State::Fault => "in faults",
            State::OffCpu => "off-CPU",
            State::Unknown => "unknown",
            State::Await => "await",
        });
        line(std::iter::once("on-CPU").chain(names).map(str::to_owned))
    }

    fn row(&self, parts: &Parts) -> String {
        let times = self.0.iter().map(|&state| parts.get(state));
        line(std::iter::once(parts.on_cpu).chain(times).map(|nanos| Nanos(nanos).to_string()))
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    cells.map(|cell| format!("{cell:>9}")).collect::<Vec<_>>().join(" ")
}
