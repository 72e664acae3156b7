//! Which files a window's pictures go to.

use std::{
    path::{self, PathBuf},
    time::SystemTime,
};

use tracing_flame_layer::render::Format;

use crate::file_name::{FileName, Filling};

/// So many names are looked at, before one that is taken is used after all.
const TRIES: u64 = 10_000;

/// The outputs as typed, from which the files are named.
#[derive(Clone, Debug)]
pub(crate) struct Naming {
    /// Each path as typed but absolute, and what its last part means.
    outputs: Vec<(PathBuf, FileName)>,
    /// The next window's.
    number: u64,
}

impl Naming {
    /// Goes on counting where the files that are there end.
    pub(crate) fn new(outputs: Vec<(PathBuf, FileName)>) -> Self {
        let highest =
            outputs.iter().filter_map(|(path, name)| name.highest_number(path.parent()?)).max();
        Self { outputs, number: highest.map_or(1, |highest| highest.saturating_add(1)) }
    }

    /// The paths for a window that begins at a time. Where a name has a number or
    /// a time in it, no such file is there yet.
    pub(crate) fn next(&mut self, time: SystemTime) -> Vec<PathBuf> {
        let mut filling = Filling { time, number: self.number, taken: 0 };
        while filling.taken < TRIES && self.is_taken(&filling) {
            filling.taken += 1;
            filling.number = filling.number.saturating_add(1);
        }
        self.number = filling.number.saturating_add(1);
        self.paths(&filling)
    }

    /// A directory beside the first output whose name says its format, and named after
    /// it: one for all windows, and for the processes that come after this one.
    /// `flamegraph.operations` where no output has such a name.
    pub(crate) fn operations(&self) -> Option<PathBuf> {
        let named = self.outputs.iter().find_map(|(path, name)| {
            let stem = name.common_stem(Format::from_path(path).ok()?);
            let stem = if stem.is_empty() { "spans" } else { &stem };
            Some(path.with_file_name(format!("{stem}.operations")))
        });
        named.or_else(|| path::absolute("flamegraph.operations").ok())
    }

    fn is_taken(&self, filling: &Filling) -> bool {
        let new = self.outputs.iter().filter(|(_, name)| name.is_new_each_time());
        new.map(|output| path(output, filling)).any(|path| path.symlink_metadata().is_ok())
    }

    fn paths(&self, filling: &Filling) -> Vec<PathBuf> {
        self.outputs.iter().map(|output| path(output, filling)).collect()
    }

    /// The paths, those with their placeholders that have a time or a number.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = PathBuf> {
        let nothing = Filling { time: SystemTime::UNIX_EPOCH, number: 0, taken: 0 };
        self.outputs.iter().map(move |output @ (typed, name)| match name.is_new_each_time() {
            true => typed.with_file_name(name.to_string()),
            false => path(output, &nothing),
        })
    }
}

fn path((path, name): &(PathBuf, FileName), filling: &Filling) -> PathBuf {
    path.with_file_name(name.fill(filling))
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use tempfile::TempDir;

    use super::*;

    fn naming(directory: &TempDir, names: &[&str]) -> Naming {
        let output = |name: &&str| {
            let parsed = FileName::parse(name.as_ref()).expect("placeholders that exist");
            (directory.path().join(name), parsed)
        };
        Naming::new(names.iter().map(output).collect())
    }

    fn next(naming: &mut Naming) -> Vec<String> {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(60);
        let name =
            |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        naming.next(time).iter().filter_map(name).collect()
    }

    fn write(directory: &TempDir, names: &[&str]) {
        for name in names {
            fs::write(directory.path().join(name), "").expect("a file");
        }
    }

    #[test]
    fn numbers_go_on_where_an_earlier_process_ended() {
        let directory = TempDir::new().expect("a temporary directory");
        write(&directory, &["a-4.txt", "b-6.json"]);
        let mut naming = naming(&directory, &["a-{n}.txt", "b-{n}.json"]);
        assert_eq!(next(&mut naming), ["a-7.txt", "b-7.json"]);
        assert_eq!(next(&mut naming), ["a-8.txt", "b-8.json"]);
        write(&directory, &["a-9.txt"]);
        assert_eq!(next(&mut naming), ["a-10.txt", "b-10.json"]);
    }

    #[test]
    fn a_time_that_is_taken_is_told_apart() {
        let directory = TempDir::new().expect("a temporary directory");
        write(&directory, &["19700101T000100Z.txt", "19700101T000100Z-2.txt"]);
        let mut naming = naming(&directory, &["{time}.txt"]);
        assert_eq!(next(&mut naming), ["19700101T000100Z-3.txt"]);
    }

    #[test]
    fn a_name_that_says_nothing_new_is_used_again() {
        let directory = TempDir::new().expect("a temporary directory");
        write(&directory, &["a.txt"]);
        let mut naming = naming(&directory, &["a.txt"]);
        assert_eq!(next(&mut naming), ["a.txt"]);
        assert_eq!(naming.patterns().next().as_deref(), Some(&*directory.path().join("a.txt")));
    }
}
