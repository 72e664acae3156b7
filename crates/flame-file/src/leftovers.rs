//! Files that pictures are written to before they take their place.
//!
//! A process that is killed meanwhile leaves one behind. Whoever writes to the same
//! directory next removes it, where it can be told that nobody writes to it any
//! more.

use std::{
    fs::{self, DirEntry, Metadata},
    path::Path,
    process,
    time::Duration,
};

/// For how long nobody has written to one that is removed. Writing one takes
/// moments.
const RESTED: Duration = Duration::from_secs(60);

/// What this process calls one.
pub(crate) fn name(attempt: u32) -> String {
    format!(".flame-{}-{attempt}.tmp", process::id())
}

/// Removes those that processes have left behind.
///
/// A process that cannot be seen from here, in another container say, may write to
/// this directory too; so may another session of this one, whose number an earlier
/// process had in a container of its own. What either writes has not rested.
pub(crate) fn sweep(directory: &Path) {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    for left in entries.filter(is_left_behind) {
        // Nothing hangs on it.
        let _ = fs::remove_file(left.path());
    }
}

fn is_left_behind(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    name.to_str().and_then(writer).is_some_and(|writer| !is_another(writer)) && has_rested(entry)
}

/// The process that gave a file its name, if one did.
fn writer(name: &str) -> Option<u32> {
    let (process, attempt) = name.strip_prefix(".flame-")?.strip_suffix(".tmp")?.split_once('-')?;
    let number = |text: &str| {
        // Without a sign.
        text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
    };
    number(attempt).and(number(process))
}

/// Whether it may be another process that runs.
fn is_another(process: u32) -> bool {
    let seen = || !cfg!(target_os = "linux") || Path::new(&format!("/proc/{process}")).exists();
    process != process::id() && seen()
}

fn has_rested(entry: &DirEntry) -> bool {
    let file = entry.metadata().ok().filter(Metadata::is_file);
    let written = file.and_then(|file| file.modified().ok());
    written.and_then(|at| at.elapsed().ok()).is_some_and(|rested| rested >= RESTED)
}

#[cfg(test)]
mod tests {
    use std::{fs::File, time::SystemTime};

    use tempfile::TempDir;

    use super::*;

    fn make(directory: &TempDir, name: &str, ago: Duration) {
        let file = File::create(directory.path().join(name)).expect("a file");
        file.set_modified(SystemTime::now() - ago).expect("a time");
    }

    fn names(directory: &TempDir) -> Vec<String> {
        let entries = fs::read_dir(directory.path()).expect("a directory").flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// No process has this number: Linux has none above 2²².
    const NOBODY: u32 = 4_200_000_000;

    #[test]
    #[cfg(target_os = "linux")]
    fn what_a_process_has_left_behind_is_removed_and_nothing_else() {
        let directory = TempDir::new().expect("a directory");
        let long = 2 * RESTED;
        let parent = std::os::unix::process::parent_id();
        let kept = [
            format!(".flame-{parent}-0.tmp"),
            format!(".flame-{NOBODY}-.tmp"),
            format!(".flame-{NOBODY}-0.tmp.svg"),
            format!(".flame-{NOBODY}-+1.tmp"),
            format!(".flame-{NOBODY}-x.tmp"),
            ".flame--0.tmp".to_owned(),
            format!("flame-{NOBODY}-0.tmp"),
        ];
        kept.iter().for_each(|name| make(&directory, name, long));
        make(&directory, &format!(".flame-{NOBODY}-1.tmp"), Duration::ZERO);
        make(&directory, &name(1), Duration::ZERO);
        fs::create_dir(directory.path().join(format!(".flame-{NOBODY}-2.tmp"))).expect("one");
        let before = names(&directory);

        make(&directory, &format!(".flame-{NOBODY}-0.tmp"), long);
        make(&directory, &format!(".flame-{NOBODY}-17.tmp"), long);
        make(&directory, &name(0), long);
        sweep(directory.path());
        assert_eq!(names(&directory), before);
    }

    #[test]
    fn a_directory_that_is_not_there_is_no_matter() {
        sweep(Path::new("/nowhere/at/all"));
    }
}
