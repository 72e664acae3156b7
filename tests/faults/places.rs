//! Files that can be written and not be replaced: what the start finds out, the end does.

use super::{
    disks::SHELLS,
    support::{PICTURE, Setup},
};
use crate::{program::Ended, tools::skip};

/// Prepares a directory `there`, runs the host as a user without privileges, and says at
/// the end which file the picture's place has.
fn script(prepare: &str) -> String {
    format!(
        "mkdir there && chmod 777 . there && {prepare} && before=$(stat -c %i there/{PICTURE}) && \
         setpriv --reuid=65534 --regid=65534 --clear-groups \"$0\" \"$@\"; status=$?; \
         [ \"$before\" = \"$(stat -c %i there/{PICTURE})\" ] && cp there/{PICTURE} same; \
         ls -A there > left; chattr -ia there/{PICTURE} 2> /dev/null; exit $status"
    )
}

/// What comes of a picture there. `None` where that place cannot be prepared here.
fn drawn_to(prepare: &str) -> Option<[Ended; 2]> {
    let privileged = |shell: &&&[&str]| !shell.contains(&"-rm");
    let Some(shell) = SHELLS.iter().filter(privileged).find(super::disks::may_mount) else {
        skip("nobody can become another user or mount, neither directly nor by `sudo`");
        return None;
    };
    let output = format!("there/{PICTURE}");
    let flags = ["--flame-output", &output, "--flame-checkpoint", "0.01"];
    let script = script(prepare);
    let setup = Setup { flags: &flags, script: Some((shell, &script)), ..Setup::default() };
    Some(setup.both(|host| drop(host.tell("work 1000"))))
}

fn assert_written_in_place(prepare: &str) {
    let Some([plain, flamed]) = drawn_to(prepare) else { return };
    assert_eq!((flamed.status, &flamed.out), (plain.status, &plain.out), "{}", flamed.err);
    assert!(!flamed.err.contains("error"), "{}", flamed.err);
    assert!(
        flamed.err.contains(&format!("there/{PICTURE} (in place, at the end only)")),
        "{}",
        flamed.err
    );
    let picture = flamed.read("same");
    assert_eq!(super::support::calls(&picture, "job"), 1000);
    assert_eq!(flamed.read("left"), format!("{PICTURE}\n"), "nothing is left");
}

fn assert_refused(prepare: &str, why: &str) {
    let Some([plain, flamed]) = drawn_to(prepare) else { return };
    assert_eq!((plain.status.code(), flamed.status.code()), (Some(3), Some(2)), "{}", flamed.err);
    assert!(flamed.err.starts_with("error: cannot write `--flame-output there/"), "{}", flamed.err);
    assert!(flamed.err.contains(why), "{}", flamed.err);
    assert_eq!(flamed.read("same"), "earlier\n");
    assert_eq!(flamed.read("left"), format!("{PICTURE}\n"), "nothing is left");
}

#[test]
fn a_file_that_is_a_mount_of_its_own_is_written_in_place() {
    assert_written_in_place(&format!(
        "echo earlier > below && chmod 666 below && touch there/{PICTURE} && \
         mount --bind below there/{PICTURE}"
    ));
}

#[test]
fn another_users_file_in_a_sticky_directory_is_written_in_place() {
    assert_written_in_place(&format!(
        "chmod 1777 there && echo earlier > there/{PICTURE} && chmod 666 there/{PICTURE}"
    ));
}

#[test]
fn a_file_in_a_directory_that_takes_no_others_is_written_in_place() {
    assert_written_in_place(&format!(
        "echo earlier > there/{PICTURE} && chmod 666 there/{PICTURE} && chmod 755 there"
    ));
}

#[test]
fn a_file_that_can_only_be_added_to_or_only_be_read_is_refused_at_the_start() {
    let file = format!("echo earlier > there/{PICTURE} && chmod 666 there/{PICTURE}");
    assert_refused(
        &format!(
            "{file} && mount --bind there/{PICTURE} there/{PICTURE} && mount -o remount,bind,ro there/{PICTURE}"
        ),
        "the file there cannot be written to: Read-only file system",
    );
    for attribute in ["a", "i"] {
        let prepare = format!("{file} && {{ chattr +{attribute} there/{PICTURE} || exit 77; }}");
        match drawn_to(&prepare) {
            Some([plain, _]) if plain.status.code() == Some(77) => {
                // By the file system that the tests have, which knows no such files.
            }
            _ => assert_refused(
                &prepare,
                "the file there cannot be written to: Operation not permitted",
            ),
        }
    }
}
