//! The README's programs, as they stand there: built with its `[dependencies]`, as
//! packages of somebody else would be, and run.

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::program::{Ended, Running};

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

/// One of them.
fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(built().join(name));
    command.args(arguments);
    command
}

fn run(command: Command) -> Ended {
    let ended = Running::start(command).end();
    assert!(ended.status.success(), "{}", ended.err);
    ended
}

/// Whether a picture shows the span that each of them makes.
fn assert_picture(ended: &Ended, name: &str) {
    let picture = ended.read(name);
    assert!(picture.contains("<svg") && picture.contains("<title>work ("), "{picture}");
}

#[test]
fn the_layer_draws_a_picture() {
    assert_picture(&run(program("layer", &[])), "flamegraph.svg");
}

#[test]
fn with_flags_there_is_a_picture_and_without_them_none() {
    for name in ["flags", "log"] {
        assert_picture(&run(program(name, &["--flame"])), "flamegraph.svg");
        let without = run(program(name, &[]));
        assert_eq!(without.err, "");
        assert_eq!(without.files(), Vec::<String>::new());
    }
}

#[test]
fn the_logs_level_is_not_the_pictures() {
    for level in ["error", "trace"] {
        let mut command = program("log", &["--flame"]);
        command.env("RUST_LOG", level);
        assert_picture(&run(command), "flamegraph.svg");
    }
}

#[test]
fn a_variable_switches_it_on_beside_another_logger() {
    let mut command = program("environment", &[]);
    command.env("TRACING_FLAME", "spans.svg");
    assert_picture(&run(command), "spans.svg");
    let mut command = program("environment", &[]);
    command.env_remove("TRACING_FLAME");
    assert_eq!(run(command).files(), Vec::<String>::new());
}

#[test]
fn a_signal_ends_each_as_ever_and_those_with_a_session_leave_a_picture() {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        for name in ["flags", "log", "environment"] {
            let arguments: &[&str] = if name == "environment" { &[] } else { &["--flame"] };
            let mut command = program(name, arguments);
            command.env("TRACING_FLAME", "flamegraph.svg");
            let mut running = Running::start(command);
            assert_eq!(running.line(), "at work\n");
            running.signal(signal);
            // It must not end for want of input.
            running.wait();
            let ended = running.end();
            assert_eq!(ended.status.signal(), Some(signal), "{name}");
            assert_picture(&ended, "flamegraph.svg");
        }
    }
}
