//! What may have become of the picture's place when it is to be written.

use std::{fs, os::unix::fs::symlink};

use super::support::{PICTURE, Setup, unharmed};
use crate::program::Ended;

fn assert_reported(ended: &Ended, why: &str) {
    let line = ended.err.lines().find(|line| line.starts_with("flame: error: "));
    let line = line.unwrap_or_else(|| panic!("no error is reported:\n{}", ended.err));
    assert!(line.contains(PICTURE) && line.contains(why), "{line}");
    assert_eq!(ended.status.code(), Some(3));
}

/// Without `--flame` nobody made the directory.
fn in_a_directory(act: impl Fn(&std::path::Path)) -> Ended {
    let output = format!("d/{PICTURE}");
    let prepare = |command: &mut std::process::Command| {
        let at = command.get_current_dir().expect("it was set");
        fs::create_dir(at.join("d")).expect("a directory");
    };
    let flags = ["--flame-output", &output];
    Setup { flags: &flags, prepare: &prepare, ..Setup::default() }.unharmed(|host| {
        host.tell("work 1000");
        act(&host.directory().join("d"));
    })
}

#[test]
fn a_directory_that_was_removed_is_reported_and_the_other_picture_written() {
    let ended = in_a_directory(|d| fs::remove_dir(d).expect("an empty directory"));
    assert_reported(&ended, "No such file or directory");
    assert_eq!(ended.lost(1000), 0);
    assert_eq!(ended.files(), [PICTURE]);
}

#[test]
fn a_directory_that_a_link_took_the_place_of_is_followed() {
    let ended = in_a_directory(|d| {
        let other = d.with_file_name("other");
        fs::create_dir(&other).expect("a directory");
        fs::remove_dir(d).expect("an empty directory");
        symlink(&other, d).expect("a link");
    });
    assert_eq!(ended.files(), ["d", "other", PICTURE]);
    let picture = ended.read(&format!("other/{PICTURE}"));
    assert_eq!(super::support::calls(&picture, "job"), 1000);
}

#[test]
fn a_file_that_a_link_took_the_place_of_is_replaced_and_what_it_points_at_is_not() {
    let ended = unharmed(|host| {
        host.tell("work 1000");
        // Without `--flame` there must be no picture, so what is linked goes.
        let (file, link) = (host.directory().join("precious"), host.directory().join(PICTURE));
        fs::write(&file, "precious").expect("a file");
        symlink(&file, link).expect("a link");
        host.tell("work 1");
    });
    assert_eq!(ended.read("precious"), "precious");
    assert_eq!(ended.lost(1001), 0);
}

#[test]
fn with_no_file_descriptor_left_the_host_goes_on_and_the_failure_is_reported() {
    let few = |command: &mut std::process::Command| {
        use std::os::unix::process::CommandExt;
        let limit = libc::rlimit { rlim_cur: 64, rlim_max: 64 };
        // SAFETY: `setrlimit` may be called between a fork and an exec.
        let lower = move || match unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }
        {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        };
        // SAFETY: as above; nothing else is called there.
        unsafe { command.pre_exec(lower) };
    };
    let ended = Setup { prepare: &few, ..Setup::default() }.unharmed(|host| {
        assert_eq!(host.tell("crowd"), "no file is left\n");
        assert_eq!(host.tell("worker"), "the worker panicked\n");
        host.tell("work 1000");
    });
    assert_reported(&ended, "Too many open files");
    assert_eq!(ended.files(), Vec::<String>::new());
}
