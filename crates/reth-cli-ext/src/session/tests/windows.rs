//! One picture after the other, with `--flame-every`.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

/// What each window's stacks are, without their weights.
fn stacks(directory: &Path) -> Vec<(String, Vec<String>)> {
    let stacks = |name: &String| {
        let text = fs::read_to_string(directory.join(name)).expect("a picture");
        text.lines().filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned())).collect()
    };
    names_in(directory).into_iter().map(|name| (name.clone(), stacks(&name))).collect()
}

#[test]
fn each_window_has_a_picture_of_what_happened_in_it() {
    let mut fixture = Fixture::new("--flame-every 10m --flame-delay 10m --flame-hide-await");
    let run = fixture.run();
    let path = fixture.directory.path().join("spans-{time}.folded");
    let first = format!(
        "recording wall-clock time of spans `debug` until shutdown from 10m after the start, \
         every 10m to {}, of which the last 10 are kept",
        path.display()
    );
    assert_eq!(fixture.line(), first);
    with_default(fixture.subscriber(), || {
        let _open = info_span!("open").entered();
        run.gate.advance(10 * MINUTE);
        wait_for(|| run.seen.window_opened.is_raised());
        info_span!("first").in_scope(|| ());
        run.gate.advance(10 * MINUTE);
        assert!(fixture.line().contains(": 1 span over "));
        info_span!("second").in_scope(|| ());
    });
    let Fixture { directory, lines, session } = fixture;
    session.finish().expect("a picture");
    drop(run);
    assert_eq!(lines.iter().count(), 1);
    assert_eq!(
        stacks(directory.path()),
        [
            ("spans-19700101T001000Z.folded", ["open", "open;first"]),
            ("spans-19700101T002000Z.folded", ["open", "open;second"]),
        ]
        .map(|(name, stacks)| (name.to_owned(), stacks.map(str::to_owned).to_vec())),
    );
}

#[test]
fn a_window_without_a_span_has_a_picture_that_says_so() {
    let mut fixture = Fixture::new("--flame-every 10m");
    let run = fixture.run();
    fixture.line();
    with_default(fixture.subscriber(), || {
        info_span!("first").in_scope(|| ());
        run.gate.advance(10 * MINUTE);
        fixture.line();
        run.gate.advance(10 * MINUTE);
        let line = fixture.line();
        assert!(
            line.ends_with("spans were created, but none was entered in that window"),
            "{line}"
        );
    });
}

#[test]
fn checkpoints_of_a_window_go_to_its_own_file_which_counts_as_one_that_is_kept() {
    let mut fixture = Fixture::new("--flame-every 10m --flame-checkpoint 4m --flame-keep 2");
    let run = fixture.run();
    fixture.line();
    with_default(fixture.subscriber(), || {
        for window in 0..3 {
            run.gate.advance(4 * MINUTE);
            let so_far = format!("spans-19700101T00{window}000Z.folded");
            wait_for(|| fixture.files().contains(&so_far));
            wait_for(|| fixture.files().len() == (window + 1).min(2));
            run.gate.advance(6 * MINUTE);
            fixture.line();
        }
    });
    assert_eq!(fixture.files(), ["spans-19700101T001000Z.folded", "spans-19700101T002000Z.folded"]);
}

#[test]
fn only_files_that_the_session_wrote_are_deleted_and_none_is_written_over() {
    let directory = TempDir::new().expect("a temporary directory");
    for name in ["spans-1.txt", "spans-2.txt", "spans-x.txt"] {
        fs::write(directory.path().join(name), "of an earlier process").expect("a file");
    }
    let fixture =
        Fixture::within(directory, "--flame-every 10m --flame-keep 1", &["spans-{n}.txt"]);
    let run = fixture.run();
    fixture.line();
    for _ in 0..3 {
        run.gate.advance(10 * MINUTE);
        fixture.line();
    }
    assert_eq!(fixture.files(), ["spans-1.txt", "spans-2.txt", "spans-5.txt", "spans-x.txt"]);
    assert_eq!(fixture.read("spans-2.txt"), "of an earlier process");
}

#[test]
fn a_time_in_a_name_is_when_the_only_window_began_too() {
    let fixture = Fixture::writing("--flame-delay 10m", &["spans-{time}.folded", "a.txt"]);
    let run = fixture.run();
    let line = fixture.line();
    assert!(line.contains("spans-{time}.folded, ") && line.ends_with("a.txt"), "{line}");
    run.gate.advance(10 * MINUTE);
    wait_for(|| run.seen.window_opened.is_raised());
    run.gate.advance(MINUTE);
    fixture.line();
    assert_eq!(fixture.files(), ["a.txt", "spans-19700101T001000Z.folded"]);
}

#[test]
fn a_number_that_another_process_took_meanwhile_is_left_to_it() {
    let fixture = Fixture::writing("", &["a-{n}.folded", "b-{n}.txt"]);
    let path = fixture.directory.path().join("a-1.folded");
    fs::write(&path, "of another process").expect("a file");
    let run = fixture.run();
    run.checkpoint();
    let Fixture { directory, lines: _keep, session } = fixture;
    session.finish().expect("a picture");
    assert_eq!(names_in(directory.path()), ["a-1.folded", "a-2.folded", "b-2.txt"]);
    assert_eq!(fs::read_to_string(path).expect("a file"), "of another process");
}

#[test]
fn a_window_that_cannot_be_written_is_told_of_once_and_the_next_are_tried() {
    let fixture = Fixture::new("--flame-every 10m --flame-checkpoint 0");
    let run = fixture.run();
    let path = fixture.directory.path().to_owned();
    fixture.line();
    fs::remove_dir_all(&path).expect("a directory to remove");
    run.turn();
    run.turn();
    assert!(fixture.line().starts_with("error: cannot write the flamegraph "));
    fs::create_dir(&path).expect("a directory");
    run.turn();
    assert!(fixture.line().starts_with("wrote "));
}

#[test]
fn what_happens_while_the_handle_has_stopped_is_in_no_picture() {
    let mut fixture =
        Fixture::writing("--flame-every 10m --flame-hide-await", &["spans-{n}.folded"]);
    let run = fixture.run();
    let flame = fixture.session.flame().expect("a session that is on");
    fixture.line();
    with_default(fixture.subscriber(), || {
        info_span!("before").in_scope(|| ());
        flame.stop();
        info_span!("between").in_scope(|| ());
        run.turn();
        flame.start();
        info_span!("after").in_scope(|| ());
        run.turn();
    });
    let seen: Vec<_> =
        stacks(fixture.directory.path()).into_iter().map(|(_, stacks)| stacks).collect();
    assert_eq!(seen, [["before"], ["after"]]);
    assert!(FlameSession::off().flame().is_none());
}

/// What a reader may find at any moment: whole files, and not too many.
fn assert_sound(directory: &Path, most: usize) {
    let names = names_in(directory);
    let mut pictures = 0;
    for name in names.iter().filter(|name| !name.starts_with('.')) {
        pictures += 1;
        // One that is deleted meanwhile is no half one.
        let Ok(text) = fs::read_to_string(directory.join(name)) else { continue };
        if name.ends_with(".json") {
            serde_json::from_str::<serde_json::Value>(&text).expect("whole JSON");
        } else {
            assert!(text.is_empty() || text.ends_with('\n'), "{name}: {text}");
        }
    }
    assert!(pictures <= most, "{names:?}");
}

/// Raises a flag when it is dropped, by a failed assertion too.
struct RaiseAtEnd<'a>(&'a AtomicBool);

impl Drop for RaiseAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

#[test]
fn a_day_of_windows_leaves_few_files_and_none_that_is_half_written() {
    const KEEP: usize = 5;
    let mut fixture = Fixture::writing(
        "--flame-every 20m --flame-checkpoint 6m --flame-keep 5",
        &["a.json", "b-{n}.folded"],
    );
    let run = fixture.run();
    let directory = fixture.directory.path().to_owned();
    fixture.line();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let reading = RaiseAtEnd(&over);
        scope.spawn(|| {
            while !over.load(Relaxed) {
                // A new file takes its place before an old one goes.
                assert_sound(&directory, 2 * (KEEP + 1));
            }
        });
        with_default(fixture.subscriber(), || {
            for window in 1..=72 {
                for _ in 0..20 {
                    info_span!("minute").in_scope(|| ());
                    run.gate.advance(MINUTE);
                }
                let line = fixture.line();
                assert!(line.contains(": 20 spans over "), "{line}");
                assert_sound(&directory, 2 * (KEEP + 1));
                assert!(window < KEEP || fixture.files().len() >= 2 * KEEP);
            }
        });
        drop(reading);
    });
    let Fixture { directory, lines: _keep, session } = fixture;
    session.finish().expect("a last picture");
    let names = names_in(directory.path());
    assert_eq!(names.len(), 2 * KEEP, "{names:?}");
    assert!(names.contains(&"b-73.folded".to_owned()), "{names:?}");
    assert!(names.contains(&"a-19700102T000000Z.json".to_owned()), "{names:?}");
}
