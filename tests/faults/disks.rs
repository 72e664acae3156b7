//! Disks that take no more, as small ones in memory that only the host sees.

use super::support::{PICTURE, Setup, can_run};
use crate::{
    program::{Ended, files},
    tools::skip,
};

/// Mounts a disk, runs the host, and keeps what is on the disk then.
const SCRIPT: &str = "mkdir disk kept && mount -t tmpfs -o size=64k tmpfs disk && \
                      echo earlier > disk/spans.json && \
                      \"$0\" \"$@\"; status=$?; cp disk/* kept; exit $status";

/// Commands that run a shell whose mounts are its own, for root and for others.
pub(super) const SHELLS: [&[&str]; 3] =
    [&["unshare", "-m", "sh"], &["unshare", "-rm", "sh"], &["sudo", "-n", "unshare", "-m", "sh"]];

pub(super) fn may_mount(shell: &&&[&str]) -> bool {
    can_run(shell, "mount -t tmpfs tmpfs /mnt")
}

/// Spoils the disk while the host works.
fn with_a_disk(spoil: &str) -> Option<Ended> {
    let Some(shell) = SHELLS.iter().find(may_mount) else {
        skip("no file system can be mounted, neither by `unshare -m` nor by `unshare -rm`");
        return None;
    };
    let output = format!("disk/{PICTURE}");
    let flags = ["--flame-output", &output];
    let setup = Setup { flags: &flags, script: Some((shell, SCRIPT)), ..Setup::default() };
    Some(setup.unharmed(|host| {
        host.tell("work 1000");
        host.tell(spoil);
        host.tell("work 1000");
    }))
}

fn assert_earlier_picture_is_left(ended: &Ended, why: &str) {
    let line = ended.err.lines().find(|line| line.starts_with("flame: error: "));
    let line = line.unwrap_or_else(|| panic!("no error is reported:\n{}", ended.err));
    assert!(line.contains("disk/spans.json") && line.contains(why), "{line}");
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(ended.read("kept/spans.json"), "earlier\n");
    // The other output, on another disk, is whole.
    assert_eq!(ended.lost(2000), 0);
}

#[test]
fn a_disk_that_is_full_leaves_the_earlier_picture_and_no_other_file() {
    let Some(ended) = with_a_disk("fill disk") else { return };
    assert_earlier_picture_is_left(&ended, "No space left on device");
    assert_eq!(files(&ended.path("kept")), ["filler", PICTURE]);
}

#[test]
fn a_disk_that_was_made_read_only_leaves_the_earlier_picture() {
    let Some(ended) = with_a_disk("spawn mount -o remount,ro disk") else { return };
    assert_earlier_picture_is_left(&ended, "Read-only file system");
    assert_eq!(files(&ended.path("kept")), [PICTURE]);
}
