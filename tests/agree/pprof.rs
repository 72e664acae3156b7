//! `go tool pprof`, of Debian's package `golang-go` for instance.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;
use tracing_flame_layer::{Profile, render::Format};

use super::{by_name::Times, expected, run::recorded, written};
use crate::tools;
use flame_oracle::formats::sample::{self, import};

struct Pprof {
    go: std::path::PathBuf,
    directory: TempDir,
}

impl Pprof {
    fn find(test: &str) -> Option<Self> {
        let go = tools::program(&["go", "go.exe"], test)?;
        Some(Self { go, directory: TempDir::new().expect("a directory") })
    }

    /// What it prints of a profile.
    fn prints(&self, profile: &Profile, flags: &[&str]) -> String {
        let file = self.directory.path().join("run.pb.gz");
        fs::write(&file, written(profile, Format::Pprof)).expect("room");
        self.run(flags, &file)
    }

    fn run(&self, flags: &[&str], file: &Path) -> String {
        let output = Command::new(&self.go)
            .env("GOTOOLCHAIN", "local")
            .env("PPROF_TMPDIR", self.directory.path())
            .args(["tool", "pprof"])
            .args(flags)
            .arg(file)
            .output()
            .expect("go starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{said}");
        String::from_utf8(output.stdout).expect("text")
    }
}

/// Every row of `-top`: nothing too small to be shown, nothing rounded.
const TOP: [&str; 4] = ["-top", "-nodecount=0", "-nodefraction=0", "-unit=ns"];

fn times(top: &str) -> Times {
    let (_, rows) = top.split_once("cum%\n").expect("a head");
    rows.lines().map(row).collect()
}

/// `flat flat% sum% cum cum%  name`.
fn row(row: &str) -> (String, [u64; 2]) {
    let (mut rest, mut cells) = (row, Vec::new());
    for _ in 0..5 {
        let (cell, after) = rest.trim_start().split_once(' ').expect(row);
        cells.push(cell);
        rest = after;
    }
    let nanos = |cell: &str| cell.trim_end_matches("ns").parse().expect(row);
    (rest.strip_prefix(' ').expect(row).to_owned(), [nanos(cells[0]), nanos(cells[3])])
}

#[test]
fn go_tool_pprof_tells_the_same_times_of_the_same_names() {
    let Some(pprof) = Pprof::find("go_tool_pprof_tells_the_same_times_of_the_same_names") else {
        return;
    };
    for profile in [recorded(), import(), sample::busy()] {
        assert_eq!(times(&pprof.prints(&profile, &TOP)), expected(&profile));
    }
}

#[test]
fn go_tool_pprof_says_what_the_profile_is() {
    let Some(pprof) = Pprof::find("go_tool_pprof_says_what_the_profile_is") else { return };
    let top = pprof.prints(&import(), &["-top"]);
    for line in [
        "width = wall-clock time: every instant of an operation counts once",
        "Type: wall",
        "Duration: 3.31s, Total samples = 3521ms (106.37%)",
    ] {
        assert!(top.lines().any(|l| l == line), "{line} is missing in\n{top}");
    }
    let calls = pprof.prints(&import(), &["-top", "-sample_index=calls"]);
    assert!(calls.contains("     45000 43.89% 93.54%      95905 93.54%  execute tx\n"), "{calls}");
    let lines = pprof.prints(&import(), &["-top", "-lines"]);
    assert!(lines.contains("  execute tx src/exec.rs:31\n"), "{lines}");
}

#[test]
fn go_tool_pprof_takes_a_profile_of_nothing() {
    let Some(pprof) = Pprof::find("go_tool_pprof_takes_a_profile_of_nothing") else { return };
    let empty = Profile::new(sample::window(std::time::Duration::from_secs(2)));
    let top = pprof.prints(&empty, &TOP);
    assert!(times(&top).is_empty(), "{top}");
    assert!(top.contains("nothing was recorded"), "{top}");
}
