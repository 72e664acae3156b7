//! Snapshots and pictures of many stacks.

use std::{
    fs, io,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use tracing_flame_layer::{Flame, Profile, render::Options};

use crate::{
    Result,
    memory::{ask, resident},
    shape::open,
    subject::{Installed, Subject},
};

/// Children that a node has.
const CHILDREN: usize = 10;

/// What a number of stacks costs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stacks {
    /// Distinct stacks.
    pub stacks: u64,
    /// Threads that each recorded all of them.
    pub threads: u64,
    /// To record each for the first time, on the first thread, in nanoseconds.
    pub cold_nanos: f64,
    /// Memory that recording them took, in bytes.
    pub own: u64,
    /// A snapshot, all threads merged.
    pub snapshot: Duration,
    /// An SVG file.
    pub svg: Written,
    /// Folded text.
    pub folded: Written,
    /// A text table.
    pub table: Written,
    /// The most memory that the snapshot, the merge and the SVG had beside that, in
    /// bytes.
    pub added: u64,
}

/// A file made in memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written {
    /// How long it took.
    pub time: Duration,
    /// Its size.
    pub bytes: u64,
}

/// Has a process of its own record so many stacks on each of some threads.
///
/// # Errors
///
/// Where that fails, or this system does not tell a process its memory.
pub fn measure(stacks: u64, threads: u64) -> Result<Stacks> {
    let output = tempfile::tempdir()?;
    let numbers = ask("stacks", Subject::Ours, output.path(), &[&stacks, &threads])?;
    let [cold, own, snapshot, svg, svg_bytes, folded, folded_bytes, table, table_bytes, added] =
        numbers[..]
    else {
        return Err("a stacks worker answers ten numbers".into());
    };
    let written = |nanos, bytes| Written { time: Duration::from_nanos(nanos), bytes };
    Ok(Stacks {
        stacks,
        threads,
        cold_nanos: cold as f64 / stacks as f64,
        own,
        snapshot: Duration::from_nanos(snapshot),
        svg: written(svg, svg_bytes),
        folded: written(folded, folded_bytes),
        table: written(table, table_bytes),
        added,
    })
}

pub(crate) fn work(installed: &Installed, stacks: u64, threads: u64) -> Result<()> {
    let flame = installed.flame.as_ref().ok_or("only ours has stacks")?;
    let before = resident("VmRSS")?;
    let first = grow(stacks);
    let barrier = Barrier::new(threads as usize);
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| {
                grow(stacks);
                barrier.wait();
                barrier.wait();
            });
        }
        barrier.wait();
        let answer = read(flame, before);
        barrier.wait();
        println!("{} {}", first.as_nanos(), answer?);
        Ok(())
    })
}

/// Reads and draws; the numbers to answer.
fn read(flame: &Flame, before: u64) -> Result<String> {
    // Forgets the most so far (proc(5), since Linux 4.0).
    fs::write("/proc/self/clear_refs", "5")?;
    let recorded = resident("VmRSS")?;
    let (snapshot, profile) = fastest(|| flame.snapshot());
    let options = Options::default();
    let svg = write(&profile, |profile, to| profile.write_svg(to, &options))?;
    let added = resident("VmHWM")?.saturating_sub(recorded);
    let folded = write(&profile, |profile, to| profile.write_folded(to, &options))?;
    let table = write(&profile, |profile, to| profile.write_table(to, &options))?;
    let own = recorded.saturating_sub(before);
    Ok(format!("{own} {} {svg} {folded} {table} {added}", snapshot.as_nanos()))
}

/// Makes one file; `<nanoseconds> <bytes>`.
fn write(
    profile: &Profile,
    write: impl Fn(&Profile, &mut Vec<u8>) -> io::Result<()>,
) -> Result<String> {
    let (time, written) = fastest(|| {
        let mut bytes = Vec::new();
        write(profile, &mut bytes).map(|()| bytes.len())
    });
    Ok(format!("{} {}", time.as_nanos(), written?))
}

/// The quickest of three: what disturbs it only ever adds.
fn fastest<T>(work: impl Fn() -> T) -> (Duration, T) {
    let once = || {
        let start = Instant::now();
        let result = work();
        (start.elapsed(), result)
    };
    let (first, _) = once();
    let (second, _) = once();
    let (third, result) = once();
    (first.min(second).min(third), result)
}

/// Enters so many distinct stacks once.
pub(crate) fn grow(stacks: u64) -> Duration {
    let start = Instant::now();
    let mut left = stacks;
    grow_below(&mut left, 0, levels(stacks));
    start.elapsed()
}

fn grow_below(left: &mut u64, level: usize, levels: usize) {
    for child in 0..CHILDREN {
        if *left == 0 {
            return;
        }
        *left -= 1;
        let _entered = open(level * CHILDREN + child).entered();
        if level + 1 < levels {
            grow_below(left, level + 1, levels);
        }
    }
}

/// The levels of a tree that holds so many stacks.
fn levels(stacks: u64) -> usize {
    let (mut levels, mut room, mut width) = (0, 0, 1);
    while room < stacks {
        width *= CHILDREN as u64;
        room += width;
        levels += 1;
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_has_as_many_levels_as_it_needs() {
        let found: Vec<_> = [1, 10, 11, 110, 111, 1_000_000].map(levels).into();
        assert_eq!(found, [1, 1, 2, 2, 3, 6]);
    }
}
