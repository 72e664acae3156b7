//! `flame` as a process: its streams, and what the system does to it.
#![cfg(target_os = "linux")]

use std::{
    fs::{self, File},
    io::Write,
    os::unix::{fs::symlink, process::CommandExt},
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

/// A directory to run the program in.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(TempDir::new().expect("a temporary directory"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flame"));
        command.args(line.split_whitespace()).current_dir(self.0.path());
        command
    }

    /// Runs the program with an input.
    fn given(&self, input: &[u8], line: &str) -> Output {
        let mut command = self.command(line);
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("a program that starts");
        child.stdin.take().expect("a pipe").write_all(input).expect("a program that reads");
        child.wait_with_output().expect("a program that ends")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[test]
fn standard_input_is_read_and_standard_output_written() {
    let desk = Desk::new();
    let ran = desk.given(b"main;a 1\nmain;b 2\n", "top -");
    assert!(ran.status.success(), "{ran:?}");
    assert!(text(&ran.stdout).contains("  b\n"), "{ran:?}");

    let ran = desk.given(b"main;a 1\nmain;b 2\n", "convert - --to json -o -");
    assert!(ran.status.success(), "{ran:?}");
    // What it looks like says what it is.
    let again = desk.given(&ran.stdout, "convert - --to folded -o -");
    assert_eq!(text(&again.stdout), "main;a 1\nmain;b 2\n", "{again:?}");

    fs::write(desk.path("a.folded"), "main;a 2\n").expect("a file");
    let ran = desk.given(b"main;a 1\n", "diff - a.folded");
    assert!(ran.status.success() && text(&ran.stdout).contains("+100%"), "{ran:?}");
    let ran = desk.given(b"", "diff - -");
    assert_eq!(ran.status.code(), Some(2));
    let ran = desk.given(b"", "top -");
    assert!(text(&ran.stderr).contains("there is no stack in it"), "{ran:?}");
}

#[test]
fn streams_of_a_shell_are_read_and_written_where_no_name_says_what_they_are() {
    let desk = Desk::new();
    fs::write(desk.path("a.folded"), "main;a 1\n").expect("a file");
    // As by process substitution.
    let line = "exec 3< a.folded; \"$0\" diff /dev/fd/3 a.folded -o /dev/fd/4 4>&1 > table | cat";
    let mut shell = Command::new("sh");
    shell.args(["-c", line, env!("CARGO_BIN_EXE_flame")]).current_dir(desk.0.path());
    let ran = shell.output().expect("a shell");
    assert!(text(&ran.stdout).contains("<svg"), "{ran:?}");
    assert!(desk.text("table").contains("nothing changed"), "{ran:?}");
    let ran = desk.command("diff a.folded a.folded -o -").output().expect("it runs");
    assert!(text(&ran.stderr).contains("its table is printed"), "{ran:?}");
}

/// A fault: what the file had was lost.
#[test]
fn a_link_to_standard_output_leaves_the_file_that_it_goes_to() {
    let desk = Desk::new();
    fs::write(desk.path("a.folded"), "main;a 1\n").expect("a file");
    symlink("/dev/stdout", desk.path("b.folded")).expect("a link");
    fs::write(desk.path("log"), "earlier\n").expect("a file");
    let log = || File::options().append(true).open(desk.path("log")).expect("a file");
    let ran = desk.command("convert a.folded -o b.folded").stdout(log()).status();
    assert!(ran.expect("it runs").success());
    assert_eq!(desk.text("log"), "earlier\nmain;a 1\n");
    let ran = desk.command("convert a.folded --to folded -o log").stdout(log()).output();
    let ran = ran.expect("it runs");
    assert!(ran.status.code() == Some(2), "{ran:?}");
    assert!(text(&ran.stderr).contains("standard output goes to that file"), "{ran:?}");
    assert_eq!(desk.text("log"), "earlier\nmain;a 1\n");
}

/// A fault: the program was killed by SIGXFSZ.
#[test]
fn a_limit_on_file_sizes_is_an_error_and_leaves_the_earlier_file() {
    let desk = Desk::new();
    fs::write(desk.path("a.folded"), "main;a 1\n").expect("a file");
    fs::write(desk.path("a.svg"), "earlier").expect("a file");
    let limit = libc::rlimit { rlim_cur: 1_024, rlim_max: 1_024 };
    // SAFETY: `setrlimit` may be called between a fork and an exec.
    let lower = move || match unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    };
    let mut command = desk.command("convert a.folded -o a.svg");
    // SAFETY: as above; nothing else is called there.
    let ran = unsafe { command.pre_exec(lower) }.output().expect("it runs");
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    assert!(text(&ran.stderr).contains("cannot write `a.svg`: File too large"), "{ran:?}");
    assert_eq!(desk.text("a.svg"), "earlier");
    assert_eq!(fs::read_dir(desk.0.path()).expect("a directory").count(), 2);
}
