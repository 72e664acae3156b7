//! Files that can be written, files that cannot, and what is left behind.

use std::fmt::Display;

use tempfile::TempDir;

use super::*;

fn directory() -> TempDir {
    TempDir::new().expect("a temporary directory")
}

fn target(path: &Path) -> Target {
    Target::check(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn refusal(path: &Path) -> String {
    match Target::check(path) {
        Ok(target) => panic!("{target:?} was accepted"),
        Err(why) => why.to_string(),
    }
}

fn says(text: &str) -> impl FnOnce(&mut dyn Write) -> io::Result<()> {
    move |writer| writer.write_all(text.as_bytes())
}

/// Fails after it has written something.
fn breaks(writer: &mut dyn Write) -> io::Result<()> {
    writer.write_all(&[b'x'; 100_000])?;
    Err(io::Error::other("out of ink"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn files(directory: &TempDir) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(directory)
        .expect("a directory to read")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn assert_starts(text: impl Display, start: &str) {
    let text = text.to_string();
    assert!(text.starts_with(start), "{text}");
}

#[test]
fn a_check_leaves_nothing_behind() {
    let directory = directory();
    let target = target(&directory.path().join("a.folded"));
    assert!(target.path().is_absolute());
    assert_eq!(files(&directory), Vec::<String>::new());
}

#[test]
fn a_relative_path_is_shown_as_absolute() {
    let here = std::env::current_dir().expect("a current directory");
    assert_eq!(target(Path::new("a.folded")).path(), here.join("a.folded"));
}

#[test]
fn a_missing_directory_is_named() {
    let directory = directory();
    let missing = directory.path().join("missing");
    assert_starts(
        refusal(&missing.join("a.folded")),
        &format!("the directory {} does not exist", missing.display()),
    );
}

#[test]
fn a_directory_that_is_a_file_is_named() {
    let directory = directory();
    let file = directory.path().join("file");
    fs::write(&file, "").expect("a file");
    let why = refusal(&file.join("a.folded"));
    assert!(why.ends_with("is not a directory"), "{why}");
}

#[test]
fn an_output_that_is_a_directory_is_refused() {
    let directory = directory();
    let output = directory.path().join("a.folded");
    fs::create_dir(&output).expect("a directory");
    assert_starts(refusal(&output), "it is a directory");
}

#[test]
fn a_file_is_replaced_as_a_whole() {
    let directory = directory();
    let path = directory.path().join("a.folded");
    fs::write(&path, "what was there, and longer").expect("an earlier file");
    assert_eq!(target(&path).replace(says("new")).expect("room"), 3);
    assert_eq!(read(&path), "new");
    assert_eq!(files(&directory), ["a.folded"]);
}

#[test]
fn a_failed_write_leaves_the_earlier_file_and_nothing_else() {
    let directory = directory();
    let path = directory.path().join("a.folded");
    fs::write(&path, "earlier").expect("an earlier file");
    assert_starts(target(&path).replace(breaks).expect_err("a failure"), "out of ink");
    assert_eq!(read(&path), "earlier");
    assert_eq!(files(&directory), ["a.folded"]);
}

#[test]
fn a_failed_first_write_leaves_no_file() {
    let directory = directory();
    assert!(target(&directory.path().join("a.folded")).replace(breaks).is_err());
    assert_eq!(files(&directory), Vec::<String>::new());
}

#[test]
fn a_panic_while_drawing_leaves_the_earlier_file_and_nothing_else() {
    let directory = directory();
    let path = directory.path().join("a.folded");
    fs::write(&path, "earlier").expect("an earlier file");
    let target = target(&path);
    let panicked = std::panic::catch_unwind(|| {
        target.replace(|writer| {
            writer.write_all(b"half")?;
            panic!("the writer's own")
        })
    });
    assert!(panicked.is_err());
    assert_eq!(read(&path), "earlier");
    assert_eq!(files(&directory), ["a.folded"]);
}

#[test]
fn two_files_beside_one_target_do_not_meet() {
    let directory = directory();
    let first = Beside::create(directory.path()).expect("one");
    let second = Beside::create(directory.path()).expect("another");
    assert_ne!(format!("{first:?}"), format!("{second:?}"));
}

#[test]
fn one_file_by_two_names_is_the_same() {
    let directory = directory();
    let (plain, dotted) = (directory.path().join("a.folded"), directory.path().join("./a.folded"));
    assert!(target(&plain).is_same_file(&target(&dotted)));
    assert!(!target(&plain).is_same_file(&target(&directory.path().join("b.folded"))));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).mode() & 0o7777
    }

    #[test]
    fn a_new_file_has_the_permissions_of_any_new_file() {
        let directory = directory();
        let (ours, any) = (directory.path().join("a.folded"), directory.path().join("any"));
        fs::write(&any, "").expect("any file");
        target(&ours).replace(says("new")).expect("room");
        assert_eq!(mode(&ours), mode(&any));
    }

    #[test]
    fn a_replaced_file_keeps_its_permissions() {
        let directory = directory();
        let path = directory.path().join("a.folded");
        fs::write(&path, "earlier").expect("an earlier file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("permissions");
        target(&path).replace(says("new")).expect("room");
        assert_eq!(mode(&path), 0o640);
    }

    #[test]
    fn a_symbolic_link_stays_and_the_file_it_means_is_replaced() {
        let directory = directory();
        let (link, file) = (directory.path().join("a.folded"), directory.path().join("file"));
        symlink("file", &link).expect("a link");
        let target = target(&link);
        // At first it points nowhere.
        target.replace(says("one")).expect("room");
        assert_eq!(read(&file), "one");
        target.replace(says("two")).expect("room");
        assert_eq!(read(&file), "two");
        assert!(fs::read_link(&link).is_ok_and(|to| to == Path::new("file")));
        assert_eq!(files(&directory), ["a.folded", "file"]);
    }

    #[test]
    fn a_link_to_another_output_is_the_same_file() {
        let directory = directory();
        let (link, file) = (directory.path().join("a.folded"), directory.path().join("b.folded"));
        symlink(&file, &link).expect("a link");
        assert!(target(&link).is_same_file(&target(&file)));
    }

    #[test]
    fn links_in_a_circle_are_refused() {
        let directory = directory();
        let link = directory.path().join("a.folded");
        symlink("a.folded", &link).expect("a link");
        assert_starts(refusal(&link), "following its symbolic links");
    }

    #[test]
    fn a_device_is_written_in_place() {
        let directory = directory();
        let link = directory.path().join("a.folded");
        symlink("/dev/null", &link).expect("a link");
        assert_eq!(target(&link).replace(says("gone")).expect("room without end"), 4);
        assert!(!fs::metadata("/dev/null").expect("a device").is_file());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_an_error() {
        let directory = directory();
        let link = directory.path().join("a.folded");
        symlink("/dev/full", &link).expect("a link");
        assert_starts(target(&link).replace(says("much")).expect_err("no room"), "No space left");
    }

    fn pipe(directory: &TempDir) -> PathBuf {
        let path = directory.path().join("a.folded");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.expect("a program that makes pipes").success());
        path
    }

    #[test]
    fn a_pipe_that_nobody_reads_from_is_an_error_at_once() {
        let directory = directory();
        let target = target(&pipe(&directory));
        assert_starts(target.replace(says("lost")).expect_err("no reader"), "nobody reads");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn all_that_a_pipe_cannot_hold_at_once_reaches_its_reader() {
        let directory = directory();
        let path = pipe(&directory);
        // Opened for writing, too, which waits for nobody.
        let reader = OpenOptions::new().read(true).write(true).open(&path);
        let mut reader = reader.expect("a pipe");
        let long = "x".repeat(300_000);
        std::thread::scope(|scope| {
            scope.spawn(|| target(&path).replace(says(&long)).expect("a reader"));
            let mut read = vec![0; long.len()];
            io::Read::read_exact(&mut reader, &mut read).expect("what was written");
            assert!(read == long.as_bytes());
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_directory_that_takes_no_files_is_refused() {
        assert_starts(refusal("/proc/a.folded".as_ref()), "its directory cannot be written to: ");
    }

    #[test]
    fn a_socket_is_refused() {
        let directory = directory();
        let path = directory.path().join("a.folded");
        let _listener = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
        assert_starts(refusal(&path), "it is a socket");
    }

    #[test]
    fn a_file_that_this_process_writes_to_is_refused_and_not_replaced_later() {
        let directory = directory();
        let path = directory.path().join("a.folded");
        let checked = target(&path);
        let mut log = fs::File::create(&path).expect("a file");
        assert_starts(refusal(&path), "this process writes to that file already (descriptor ");
        let why = checked.replace(says("picture")).expect_err("it is in use");
        assert_starts(why, "this process writes to that file already");
        log.write_all(b"said").expect("room");
        assert_eq!(read(&path), "said");
        drop(log);
        let _reader = fs::File::open(&path).expect("a file");
        target(&path).replace(says("picture")).expect("who reads it is not hurt");
        assert_eq!(read(&path), "picture");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_link_to_an_open_file_writes_behind_what_was_written_there() {
        use std::os::fd::AsRawFd;

        let directory = directory();
        let (log, link) = (directory.path().join("log"), directory.path().join("a.folded"));
        let mut open = fs::File::create(&log).expect("a file");
        symlink(format!("/dev/fd/{}", open.as_raw_fd()), &link).expect("a link");
        let target = target(&link);
        assert!(target.is_written_in_place());
        open.write_all(b"before ").expect("room");
        target.replace(says("picture")).expect("room");
        open.write_all(b" after").expect("room");
        assert_eq!(read(&log), "before picture after");
        assert_eq!(files(&directory), ["a.folded", "log"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_open_file_that_was_deleted_or_is_a_pipe_is_written_to() {
        use std::os::fd::AsRawFd;

        let directory = directory();
        let (log, link) = (directory.path().join("log"), directory.path().join("a.folded"));
        let open = fs::File::options().read(true).write(true).create_new(true).open(&log);
        let mut open = open.expect("a file");
        fs::remove_file(&log).expect("it is there");
        symlink(format!("/proc/self/fd/{}", open.as_raw_fd()), &link).expect("a link");
        target(&link).replace(says("picture")).expect("room");
        io::Seek::rewind(&mut open).expect("a file");
        assert_eq!(io::read_to_string(&open).expect("text"), "picture");
        assert_eq!(files(&directory), ["a.folded"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_open_file_that_can_only_be_read_is_refused() {
        use std::os::fd::AsRawFd;

        let directory = directory();
        let open = fs::File::open("/dev/null").expect("a device");
        let link = directory.path().join("a.folded");
        symlink(format!("/dev/fd/{}", open.as_raw_fd()), &link).expect("a link");
        assert_starts(refusal(&link), "the open file there: it is open for reading only");
    }

    #[test]
    fn a_link_that_was_put_in_the_place_of_a_file_later_leads_nowhere() {
        let directory = directory();
        let (path, other) = (directory.path().join("a.folded"), directory.path().join("other"));
        let target = target(&path);
        fs::write(&other, "precious").expect("a file");
        symlink(&other, &path).expect("a link");
        target.replace(says("picture")).expect("room");
        assert_eq!((read(&path), read(&other)), ("picture".to_owned(), "precious".to_owned()));
        assert!(!path.is_symlink());
    }
}
