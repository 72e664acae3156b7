//! The windows of a session, one after the other: with `--flame-every` one for
//! each period, else one for all.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
    path::PathBuf,
    time::SystemTime,
};

use tracing_flame_layer::{Flame, Mark, Profile};

use crate::{naming::Naming, plan::Plan, target::Target};

/// The window that runs, and the files of those before.
#[derive(Debug)]
pub(crate) struct Series {
    /// Names the files of each window.
    naming: Naming,
    window: Running,
    kept: Kept,
}

#[derive(Debug)]
struct Running {
    /// Counts from 0.
    number: u64,
    time: SystemTime,
    /// Its begin; `None` before the first one.
    from: Option<Mark>,
    /// Where its picture goes, once that has been asked for: not before it is written,
    /// so that no other process takes its names meanwhile.
    targets: Option<Vec<Target>>,
}

/// A window's picture, and where it goes.
pub(crate) struct Picture {
    pub(crate) window: u64,
    pub(crate) profile: Profile,
    pub(crate) targets: Vec<Target>,
}

impl Series {
    pub(crate) fn new(plan: &Plan, time: SystemTime) -> Self {
        let naming = plan.naming.clone();
        let keep = plan.every.and_then(|every| every.keep);
        let window = Running { number: 0, time, from: None, targets: None };
        Self { naming, window, kept: Kept { most: keep, files: BTreeMap::new() } }
    }

    /// Begins the first window.
    pub(crate) fn open(&mut self, flame: &Flame, time: SystemTime) {
        // Marked while no time is taken, so that nothing is lost between.
        self.window.from = Some(flame.mark());
        self.window.time = time;
        flame.start();
    }

    /// The running window's picture so far.
    pub(crate) fn so_far(&mut self, flame: &Flame, plan: &Plan) -> Picture {
        self.picture(flame, &flame.mark(), plan)
    }

    /// Ends the running window and begins the next at the same instant.
    pub(crate) fn turn(&mut self, flame: &Flame, plan: &Plan, time: SystemTime) -> Picture {
        let now = flame.mark();
        let picture = self.picture(flame, &now, plan);
        let number = self.window.number + 1;
        self.window = Running { number, time, from: Some(now), targets: None };
        picture
    }

    fn picture(&mut self, flame: &Flame, to: &Mark, plan: &Plan) -> Picture {
        let Self { naming, window, .. } = self;
        let mut profile = match &window.from {
            Some(from) => flame.between(from, to).expect("marks of the session's handle"),
            None => flame.snapshot(),
        };
        profile.set_recorded_with(plan.recorded_with.iter().cloned());
        let targets = window.targets.get_or_insert_with(|| {
            let paths = naming.next(window.time).into_iter();
            paths.zip(&plan.targets).map(|(path, first)| first.named(path)).collect()
        });
        Picture { window: window.number, profile, targets: targets.clone() }
    }

    /// Remembers a file that was written, and returns those that are too old by now.
    #[must_use]
    pub(crate) fn wrote(&mut self, window: u64, path: PathBuf) -> Vec<PathBuf> {
        self.kept.add(window, path)
    }
}

/// The files that were written, by window, the oldest first.
#[derive(Debug)]
struct Kept {
    /// Of how many windows; `None`: of all, so that none need be remembered.
    most: Option<NonZeroUsize>,
    files: BTreeMap<u64, BTreeSet<PathBuf>>,
}

impl Kept {
    fn add(&mut self, window: u64, path: PathBuf) -> Vec<PathBuf> {
        let Some(most) = self.most else { return Vec::new() };
        self.files.entry(window).or_default().insert(path);
        let surplus = self.files.len().saturating_sub(most.get());
        let oldest = (0..surplus).filter_map(|_| self.files.pop_first());
        oldest.flat_map(|(_, paths)| paths).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(most: usize) -> Kept {
        Kept { most: NonZeroUsize::new(most), files: BTreeMap::new() }
    }

    #[test]
    fn the_oldest_windows_go_with_all_their_files() {
        let mut kept = kept(2);
        let gone: Vec<_> = (0..4)
            .flat_map(|window| ["a", "b", "a"].map(|name| (window, format!("{window}{name}"))))
            .flat_map(|(window, path)| kept.add(window, path.into()))
            .collect();
        assert_eq!(gone, ["0a", "0b", "1a", "1b"].map(PathBuf::from));
    }

    #[test]
    fn a_window_that_is_written_after_its_successor_is_the_older_one_all_the_same() {
        let mut kept = kept(1);
        assert!(kept.add(8, "8".into()).is_empty());
        assert_eq!(kept.add(7, "7".into()), [PathBuf::from("7")]);
    }

    #[test]
    fn a_window_that_wrote_nothing_makes_no_other_go() {
        let mut kept = kept(1);
        assert!(kept.add(0, "0".into()).is_empty());
        assert_eq!(kept.add(5, "5".into()), [PathBuf::from("0")]);
    }

    #[test]
    fn where_all_are_kept_none_is_remembered() {
        let mut kept = kept(0);
        assert!((0..100).all(|window| kept.add(window, "a".into()).is_empty()));
        assert!(kept.files.is_empty());
    }
}
