//! The picture so far, beside the final one.

use tracing::span::EnteredSpan;

use super::*;

/// A session without an end that writes a table and stacks.
fn fixture(flags: &str) -> Fixture {
    Fixture::writing(&format!("--flame-duration 0 {flags}"), &["spans.txt", "spans.folded"])
}

const SO_FAR: &str = "so far: the program was still running";

#[test]
fn a_checkpoint_is_written_in_time_says_what_it_is_and_gives_way_to_the_final_picture() {
    let mut fixture = fixture("--flame-checkpoint 20");
    let run = fixture.run();
    with_default(fixture.subscriber(), || {
        let _open = info_span!("open").entered();
        run.gate.advance(Duration::from_secs(19));
        assert_eq!(fixture.files(), Vec::<String>::new());
        run.gate.advance(Duration::from_secs(1));
        wait_for(|| fixture.files().contains(&"spans.folded".to_owned()));
        assert!(fixture.read("spans.folded").starts_with("open"));
        let table = fixture.read("spans.txt");
        assert!(table.lines().next().is_some_and(|title| title.contains(SO_FAR)), "{table}");
        info_span!("later").in_scope(|| ());
    });
    let Fixture { directory, lines, session } = fixture;
    session.finish().expect("a picture");
    let table = fs::read_to_string(directory.path().join("spans.txt")).expect("a picture");
    assert!(table.contains("later") && !table.contains(SO_FAR), "{table}");
    drop(run);
    assert_eq!(lines.iter().count(), 2, "checkpoints that work are not told of");
}

#[test]
fn the_end_does_not_wait_for_a_checkpoint_that_then_finds_its_place_taken() {
    let fixture = fixture("");
    let run = fixture.run();
    let profile = run.flame.snapshot();
    let drafts: Vec<_> =
        run.plan.targets.iter().map(|target| run.draft(&profile, target)).collect();
    assert_eq!(fixture.files().len(), 2, "drafts beside the targets");
    let Fixture { directory, lines: _keep, session } = fixture;
    session.finish().expect("a picture");
    assert!(drafts.into_iter().all(|draft| run.place(draft).is_none()));
    let table = fs::read_to_string(directory.path().join("spans.txt")).expect("a picture");
    assert!(!table.contains(SO_FAR), "{table}");
    assert_eq!(fs::read_dir(&directory).expect("a directory").count(), 2);
}

#[test]
fn no_checkpoint_begins_once_the_session_is_over() {
    let fixture = fixture("");
    let run = fixture.run();
    let Fixture { directory, lines: _keep, session } = fixture;
    session.finish().expect("a picture");
    run.checkpoint();
    let table = fs::read_to_string(directory.path().join("spans.txt")).expect("a picture");
    assert!(!table.contains(SO_FAR), "{table}");
}

#[test]
fn a_failing_checkpoint_is_told_of_once_and_neither_stops_later_ones_nor_the_end() {
    let fixture = fixture("");
    let run = fixture.run();
    let path = fixture.directory.path().to_owned();
    fixture.line();
    fs::remove_dir_all(&path).expect("a directory to remove");
    run.checkpoint();
    run.checkpoint();
    let told = [fixture.line(), fixture.line()];
    for (line, name) in told.iter().zip(["spans.txt", "spans.folded"]) {
        let path = path.join(name);
        let start =
            format!("error: cannot write a checkpoint of the flamegraph {}", path.display());
        assert!(line.starts_with(&start), "{line}");
    }
    fs::create_dir(&path).expect("a directory");
    run.checkpoint();
    assert_eq!(fixture.files(), ["spans.folded", "spans.txt"]);
    fs::remove_dir_all(&path).expect("a directory to remove");
    run.checkpoint();
    assert!(fixture.line().contains("spans.txt"), "it failed anew");
    fixture.line();
    fs::create_dir(&path).expect("a directory");
    let Fixture { directory: _keep, lines, session } = fixture;
    session.finish().expect("a picture");
    drop(run);
    assert_eq!(lines.iter().count(), 1, "the last line alone");
}

/// An operation.
fn block(number: u32) -> EnteredSpan {
    info_span!(parent: None, "block", number).entered()
}

#[test]
fn a_checkpoint_draws_the_slowest_that_have_come_and_removes_those_that_are_no_more() {
    let mut fixture = fixture("--flame-operation block --flame-slowest 2");
    let run = fixture.run();
    let pages = fixture.directory.path().join("spans.operations");
    let index = || fs::read_to_string(pages.join("index.html")).expect("an index");
    with_default(fixture.subscriber(), || {
        run.checkpoint();
        assert!(!pages.exists(), "no operation has ended");
        // Each within the next one, so it takes longer, whatever the machine does.
        let third = block(3);
        let second = block(2);
        drop(block(1));
        drop(second);
        run.checkpoint();
        let names = names_in(&pages);
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(names[0].starts_with("block-1-") && names[1].starts_with("block-2-"), "{names:?}");
        assert!(index().contains(SO_FAR) && names[..2].iter().all(|name| index().contains(name)));

        fs::write(pages.join(&names[1]), "as it was").expect("a file");
        drop(third);
        run.checkpoint();
        let now = names_in(&pages);
        assert!(now[0] == names[1] && now[1].starts_with("block-3-"), "{now:?}");
        assert_eq!((now.len(), now[2].as_str()), (3, "index.html"));
        let second = fs::read_to_string(pages.join(&names[1])).expect("a picture");
        assert_eq!(second, "as it was", "what is drawn is drawn once");
        assert!(!index().contains("block-1-"));
    });
    let Fixture { directory: _keep, lines, session } = fixture;
    session.finish().expect("a picture");
    drop(run);
    assert_eq!(names_in(&pages).len(), 3);
    assert!(!index().contains(SO_FAR), "it is the last one");
    let told: Vec<String> = lines.iter().collect();
    assert!(told.iter().any(|line| line.starts_with("wrote 2 pictures of slow")), "{told:?}");
}

#[test]
fn pictures_that_were_removed_with_their_directory_are_drawn_again() {
    let mut fixture = fixture("--flame-operation block --flame-slowest 2");
    let run = fixture.run();
    let pages = fixture.directory.path().join("spans.operations");
    with_default(fixture.subscriber(), || {
        let second = block(2);
        drop(block(1));
        run.checkpoint();
        assert_eq!(names_in(&pages).len(), 2);
        fs::remove_dir_all(&pages).expect("a directory to remove");
        run.checkpoint();
        assert_eq!(names_in(&pages).len(), 2, "no operation has ended since");
        fs::remove_dir_all(&pages).expect("a directory to remove");
        drop(second);
    });
    let Fixture { directory: _keep, lines, session } = fixture;
    session.finish().expect("a picture");
    drop(run);
    let names = names_in(&pages);
    assert_eq!(names.len(), 3, "{names:?}");
    let index = fs::read_to_string(pages.join("index.html")).expect("an index");
    assert!(names[..2].iter().all(|name| index.contains(name)), "{index}");
    assert!(lines.iter().all(|line| !line.starts_with("error: ")));
}

#[test]
fn slowest_operations_that_cannot_be_drawn_are_told_of_once() {
    let mut fixture = Fixture::writing(
        "--flame-duration 0 --flame-operation block --flame-slowest 2",
        &["spans.folded"],
    );
    let run = fixture.run();
    fixture.line();
    let pages = fixture.directory.path().join("spans.operations");
    fs::write(&pages, "in the way").expect("a file");
    with_default(fixture.subscriber(), || drop(block(1)));
    run.checkpoint();
    run.checkpoint();
    let line = fixture.line();
    let start = "error: cannot write a checkpoint of the slowest operations: ";
    assert!(line.starts_with(start) && line.contains("spans.operations"), "{line}");
    assert!(fixture.lines.try_recv().is_err(), "and once");
    fs::remove_file(&pages).expect("a file to remove");
    run.checkpoint();
    assert_eq!(names_in(&pages).len(), 2);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_replaced_gets_the_final_picture_only() {
    let directory = TempDir::new().expect("a temporary directory");
    let device = directory.path().join("spans.folded");
    std::os::unix::fs::symlink("/dev/full", &device).expect("a link");
    let mut fixture = Fixture::within(directory, "--flame-duration 0", &["spans.folded"]);
    let run = fixture.run();
    with_default(fixture.subscriber(), || {
        let _open = info_span!("open").entered();
        fixture.line();
        // `/dev/full` would refuse it.
        run.checkpoint();
        assert!(fixture.lines.try_recv().is_err());
    });
    assert!(fixture.session.finish().is_err());
}
