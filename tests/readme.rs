//! The README's programs, as they stand there: built with its `[dependencies]`, as
//! packages of somebody else would be, and run.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

use tempfile::TempDir;

/// What stands for the program in each of them.
const PROGRAM: &str = "    // ... the program ...\n";
/// It makes a span, and goes on until its input ends.
const WORK: &str = "    tracing::info_span!(\"work\").in_scope(|| ());
    println!(\"at work\");
    std::io::stdin().lines().for_each(drop);
";
/// The programs, in the order in which they stand there.
const NAMES: [&str; 4] = ["layer", "flags", "log", "environment"];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository")
}

/// The README's blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let readme = fs::read_to_string(repository().join("README.md")).expect("a README");
    let fence = format!("```{language}\n");
    let blocks = readme.split(&fence).skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

/// Builds all of them, once, and says where they are.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
        fs::create_dir_all(package.join("src/bin")).expect("a directory");
        let [dependencies] = &blocks("toml")[..] else { panic!("one block of dependencies") };
        // The checkout is where it is, and not beside this package.
        let crates = format!("{}/crates/", repository().display());
        let dependencies = dependencies.replace("../tracing-flame-layer/crates/", &crates);
        let manifest = format!(
            "[package]\nname = \"readme\"\nedition = \"2024\"\n\n\
             {dependencies}env_logger = {{ version = \"0.11\", default-features = false }}\n\n\
             [workspace]\n"
        );
        fs::write(package.join("Cargo.toml"), manifest).expect("a file");
        let lock = repository().join("Cargo.lock");
        fs::copy(lock, package.join("Cargo.lock")).expect("the versions that are tested");
        let programs = blocks("rust,no_run");
        assert_eq!(programs.len(), NAMES.len(), "each program of the README has a name here");
        for (name, text) in NAMES.iter().zip(programs) {
            assert!(text.contains(PROGRAM), "{text}");
            let text = text.replace(PROGRAM, WORK);
            fs::write(package.join(format!("src/bin/{name}.rs")), text).expect("a file");
        }
        let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet"]).current_dir(&package);
        let built = build.env("CARGO_TARGET_DIR", package.join("target")).output().expect("cargo");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        package.join("target/debug")
    })
}

/// One of them in a directory of its own.
fn program(name: &str, arguments: &[&str]) -> (Command, TempDir) {
    let directory = TempDir::new().expect("a temporary directory");
    let mut command = Command::new(built().join(name));
    command.args(arguments).current_dir(directory.path());
    (command, directory)
}

fn run(mut command: Command) -> Output {
    let output = command.stdin(Stdio::null()).output().expect("a program that starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Whether a picture shows the span that each of them makes.
fn assert_picture(directory: &TempDir, name: &str) {
    let picture = fs::read_to_string(directory.path().join(name)).expect("a picture");
    assert!(picture.contains("<svg") && picture.contains("<title>work ("), "{picture}");
}

#[test]
fn the_layer_draws_a_picture() {
    let (command, directory) = program("layer", &[]);
    run(command);
    assert_picture(&directory, "flamegraph.svg");
}

#[test]
fn with_flags_there_is_a_picture_and_without_them_none() {
    for name in ["flags", "log"] {
        let (command, directory) = program(name, &["--flame"]);
        run(command);
        assert_picture(&directory, "flamegraph.svg");
        let (command, directory) = program(name, &[]);
        let said = run(command);
        assert_eq!(String::from_utf8_lossy(&said.stderr), "");
        assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 0);
    }
}

#[test]
fn the_logs_level_is_not_the_pictures() {
    for level in ["error", "trace"] {
        let (mut command, directory) = program("log", &["--flame"]);
        command.env("RUST_LOG", level);
        run(command);
        assert_picture(&directory, "flamegraph.svg");
    }
}

#[test]
fn a_variable_switches_it_on_beside_another_logger() {
    let (mut command, directory) = program("environment", &[]);
    command.env("TRACING_FLAME", "spans.svg");
    run(command);
    assert_picture(&directory, "spans.svg");
    let (mut command, directory) = program("environment", &[]);
    command.env_remove("TRACING_FLAME");
    run(command);
    assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 0);
}

#[test]
fn a_signal_ends_each_as_ever_and_those_with_a_session_leave_a_picture() {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        for name in ["flags", "log", "environment"] {
            let arguments: &[&str] = if name == "environment" { &[] } else { &["--flame"] };
            let (mut command, directory) = program(name, arguments);
            command.env("TRACING_FLAME", "flamegraph.svg");
            heed(&mut command, signal);
            let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
            let mut child = pipes.spawn().expect("a program that starts");
            let mut line = String::new();
            let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
            said.read_line(&mut line).expect("a line");
            assert_eq!(line, "at work\n");
            // SAFETY: the child has not been waited for, so the number is its own.
            unsafe { libc::kill(child.id() as libc::pid_t, signal) };
            assert_eq!(child.wait().expect("an end").signal(), Some(signal), "{name}");
            assert_picture(&directory, "flamegraph.svg");
        }
    }
}

/// Lets a signal do what it does by default, which these tests may have been started
/// to ignore.
fn heed(command: &mut Command, signal: i32) {
    use std::os::unix::process::CommandExt;

    // SAFETY: `signal` may be called between a fork and an exec, and nothing else is.
    unsafe {
        command.pre_exec(move || {
            libc::signal(signal, libc::SIG_DFL);
            Ok(())
        });
    }
}
