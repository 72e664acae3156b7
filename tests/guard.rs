//! A file that is written as a guard is dropped.

use std::{fs, io::ErrorKind};

use tracing::{info_span, subscriber::with_default};
use tracing_flame_layer::{
    FlameLayer,
    render::{Names, Options},
};
use tracing_subscriber::{layer::SubscriberExt, registry};

#[test]
fn the_file_is_written_as_the_guard_is_dropped_and_not_before() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("spans.folded");
    fs::write(&path, "what was there").unwrap();
    let (layer, flame) = FlameLayer::new();
    let guard = flame.write_on_drop(&path).unwrap();
    with_default(registry().with(layer), || {
        let guard = guard.options(Options::default().names(Names::Target));
        info_span!(target: "work", "span").in_scope(|| ());
        assert_eq!(fs::read_to_string(&path).unwrap(), "what was there");
        drop(guard);
    });
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("work::span "), "{text}");
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn what_cannot_be_written_is_refused_at_once_with_what_could() {
    let directory = tempfile::tempdir().unwrap();
    let (_layer, flame) = FlameLayer::new();
    let error = flame.write_on_drop(directory.path().join("spans.png")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains(".folded"), "{error}");
    let error = flame.write_on_drop(directory.path().join("none/spans.txt")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("none/spans.txt"), "{error}");
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
}

#[test]
fn finish_returns_what_went_wrong_and_leaves_what_was_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("spans.txt");
    let (_layer, flame) = FlameLayer::new();
    let guard = flame.write_on_drop(&path).unwrap();
    // A directory that has something in it cannot be written over.
    fs::create_dir(&path).unwrap();
    fs::write(path.join("file"), "").unwrap();
    let error = guard.finish().unwrap_err();
    assert!(error.to_string().contains("spans.txt"), "{error}");
    assert!(path.join("file").exists());
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "nothing is left beside it");
}
