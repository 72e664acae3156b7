//! Spans as reth makes them, and logs that do not know of the picture.

use super::support::{run, stacks, start};
use crate::program::Ended;

const PICTURE: &str = "--flame --flame-output spans.json";
const BLOCKS: u64 = 5;

/// A node that has done some blocks.
fn node(flags: &str) -> Ended {
    let mut node = start(&format!("node --dev {flags}"));
    assert!((0..BLOCKS).all(|_| node.does("block")));
    let ended = node.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.err);
    ended
}

#[test]
fn each_pattern_of_spans_stands_where_it_belongs_and_is_counted() {
    let calls = node(PICTURE).stack_calls("spans.json");
    let block = "on_new_payload";
    let validate = format!("{block};validate_block_with_state");
    let expected = [
        // Explicit parents across threads.
        (format!("{block};convert"), BLOCKS),
        (format!("{validate};state_root;storage_root"), 4 * BLOCKS),
        // At the trace level, which the logs do not have.
        (format!("{validate};execute_block;execute tx"), 20 * BLOCKS),
        (format!("{validate};execute_block;finish"), BLOCKS),
        // One span on three threads, and one name under two targets.
        (format!("{block};save_blocks"), BLOCKS),
        (format!("{block};save_blocks;write_blocks_data"), 3 * BLOCKS),
        (format!("{block};save_blocks;commit"), BLOCKS),
        // Towers of their own.
        ("receipt_root".to_owned(), BLOCKS),
        ("hashed_post_state".to_owned(), BLOCKS),
        ("txn;commit".to_owned(), BLOCKS),
        // Workers that live as long as the process, and longer than the session.
        ("launch;storage_worker".to_owned(), 2),
    ];
    for (stack, count) in &expected {
        assert_eq!(calls.get(stack), Some(count), "{stack} in {calls:#?}");
    }
    let between = [
        block,
        &validate,
        &format!("{validate};execute_block"),
        &format!("{validate};state_root"),
        "txn",
        "launch",
    ];
    let known = |stack: &String| {
        between.contains(&stack.as_str()) || expected.iter().any(|(known, _)| known == stack)
    };
    assert!(calls.keys().all(known), "{calls:#?}");
}

#[test]
fn workers_that_wait_take_no_wall_clock_time() {
    let ended = node(PICTURE);
    let stacks = stacks(&ended.read("spans.json"));
    let (_, worker) =
        stacks.iter().find(|(stack, _)| stack == "launch;storage_worker").expect("it");
    assert_eq!(worker["wall_nanos"], 0);
    assert!(worker["busy_nanos"].as_u64() > Some(0));
}

#[test]
fn one_span_entered_on_several_threads_at_once_is_entered_time_for_each() {
    let ended = node(PICTURE);
    let stacks = stacks(&ended.read("spans.json"));
    let (_, saved) =
        stacks.iter().find(|(stack, _)| stack == "on_new_payload;save_blocks").expect("it");
    assert_eq!(saved["enters"], 3 * BLOCKS);
}

#[test]
fn the_logs_are_the_same_with_a_picture_and_without() {
    let logs = "--log.file node.log --log.file.filter debug,engine=info";
    let (plain, flamed) = (node(logs), node(&format!("{logs} {PICTURE} --flame-filter trace")));
    assert_eq!(flamed.log(), plain.log());
    assert_eq!(plain.log(), plain.err);
    assert_eq!(flamed.read("node.log"), plain.read("node.log"));
    assert!(plain.read("node.log").contains("written"));
    assert!(plain.log().contains("block added"));
}

#[test]
fn a_filter_by_span_and_field_works_beside_the_others() {
    let ended = node(&format!("{PICTURE} --flame-filter warn,[on_new_payload{{number=3}}]=debug"));
    let calls = ended.stack_calls("spans.json");
    assert_eq!(calls.get("on_new_payload;save_blocks;commit"), Some(&1), "{calls:#?}");
    // It goes by what the thread has entered, and this one knows a parent only.
    assert_eq!(calls.get("on_new_payload;convert"), None, "{calls:#?}");
    assert_eq!(calls.get("launch"), None, "{calls:#?}");
}

#[test]
fn an_import_and_a_stage_show_how_blocks_are_executed() {
    let ended = run(&format!("import 3 {PICTURE}"));
    assert_eq!(ended.stack_calls("spans.json").get("import;execute_block;execute tx"), Some(&60));
    let ended = run(&format!("stage run execution 3 {PICTURE}"));
    assert_eq!(ended.stack_calls("spans.json").get("stage;execute_block;execute tx"), Some(&60));
}
