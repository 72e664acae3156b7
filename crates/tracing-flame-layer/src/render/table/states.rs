//! What threads did in the time of each label, where that is known.
//!
//! The first part is about self times, the second about totals. Each row's times add up
//! to the label's time but for what was awaited, which no thread was in. **slept** and
//! **preempted** say how often threads were switched out, by their own doing or not, and
//! **faults** how often something had to be read for a page; **faulted** is the time that is
//! known to have been spent asleep for that. What else threads were asleep for is told in lines
//! of [`reasons`](super::reasons), as a line has no room for it here.

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
    let counts = Counts::of(&rows);
    writeln!(writer, "\nself time, by what threads did in it")?;
    writeln!(writer, "{}{}  span", columns.head(), counts.head())?;
    for row in rows.iter().filter(|row| row.own.entered() > 0) {
        let line = format!("{}{}  ", columns.row(&row.own), counts.row(row.tally.switches));
        text::hanging(writer, &line, &row.name, WIDTH)?;
    }
    let blank = counts.head().len();
    writeln!(writer, "{}{:blank$}  all", columns.row(&all), "")?;
    writeln!(writer, "\ntotal time, by what threads did in it")?;
    writeln!(writer, "{}  span", columns.head())?;
    for row in rows {
        let line = format!("{}  ", columns.row(&row.total));
        text::hanging(writer, &line, &row.name, WIDTH)?;
    }
    Ok(())
}

/// The columns of how often threads were switched out or had to wait for a page, as wide as
/// they need to be; none where nothing was counted.
struct Counts(Option<[usize; 3]>);

impl Counts {
    const HEAD: [&str; 3] = ["slept", "preempted", "faults"];

    fn of(rows: &[&Row]) -> Self {
        let mut widths = Self::HEAD.map(str::len);
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(Self::cells(row.tally.switches)) {
                *width = cell.len().max(*width);
            }
        }
        let has_any = rows.iter().any(|row| row.tally.switches != Switches::default());
        Self(has_any.then_some(widths))
    }

    fn cells(switches: Switches) -> [String; 3] {
        let Switches { voluntary, involuntary, major_faults, .. } = switches;
        [voluntary, involuntary, major_faults].map(|count| Count(count).to_string())
    }

    fn head(&self) -> String {
        self.line(Self::HEAD.map(str::to_owned))
    }

    fn row(&self, switches: Switches) -> String {
        self.line(Self::cells(switches))
    }

    fn line(&self, cells: [String; 3]) -> String {
        let widths = self.0.into_iter().flatten();
        widths.zip(cells).map(|(width, cell)| format!(" {cell:>width$}")).collect()
    }
}

/// The states that have columns: all but the first two only where they occur.
struct Columns(Vec<State>);

impl Columns {
    fn of(all: &Parts) -> Self {
        let has = |state: &State| match state {
            State::Runnable | State::Blocked => true,
            State::Fault | State::OffCpu | State::Unknown => all.get(*state) > 0,
            State::Disk | State::Lock | State::Net | State::Timer | State::Await => false,
        };
        Self(State::ALL.into_iter().filter(has).collect())
    }

    fn head(&self) -> String {
        let names = self.0.iter().map(|state| match state {
            State::Runnable => "runnable",
            State::Blocked => "blocked",
            State::Fault => "faulted",
            State::OffCpu => "off-CPU",
            State::Unknown => "unknown",
            State::Disk | State::Lock | State::Net | State::Timer | State::Await => "",
        });
        line(std::iter::once("on-CPU").chain(names).map(str::to_owned))
    }

    fn row(&self, parts: &Parts) -> String {
        let known = [State::Disk, State::Lock, State::Net, State::Timer];
        let times = self.0.iter().map(|&state| match state {
            State::Blocked => known
                .iter()
                .fold(parts.get(state), |sum, known| sum.saturating_add(parts.get(*known))),
            _ => parts.get(state),
        });
        line(std::iter::once(parts.on_cpu).chain(times).map(|nanos| Nanos(nanos).to_string()))
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    cells.map(|cell| format!("{cell:>9}")).collect::<Vec<_>>().join(" ")
}
