//! What is kept, and how much memory that takes.
//!
//! The large versions run by
//!
//! ```text
//! cargo test --release -p flame-tests slow::bounds -- --ignored --nocapture
//! ```

use std::{
    fs,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tracing_flame_layer::{
    SlowerThan,
    profile::{Operation, Step},
    render::Options,
};

use super::{block, recorded};

/// Resident memory of the process, in bytes.
fn resident() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4_096
}

/// Memory is the process's, so only one test at a time watches it.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Thirty days, which pass while operations run.
const RUN: Duration = Duration::from_secs(30 * 24 * 3_600);

/// Runs so many operations of twenty spans each, by classes of latency too; returns how much
/// memory grew after the first tenth of them, and those that were kept.
fn run(operations: u64, slowest: usize) -> (u64, Vec<Operation>) {
    let mut after_a_tenth = 0;
    let mut at_the_end = 0;
    let flame = recorded(
        |builder| builder.slowest(slowest).classes(true),
        |now| {
            let pause = RUN.as_nanos() as u64 / operations;
            for number in 0..operations {
                // Every one has another duration, in no order.
                block(now, number, 19, 1 + number * 7_919 % operations);
                now.pass(pause);
                if number == operations / 10 {
                    after_a_tenth = resident();
                }
            }
            at_the_end = resident();
        },
    );
    (at_the_end.saturating_sub(after_a_tenth), flame.slowest())
}

fn are_the_slowest(kept: &[Operation], operations: u64) -> bool {
    let nanos: Vec<u64> = kept.iter().map(Operation::nanos).collect();
    let expected: Vec<u64> = (0..kept.len() as u64).map(|i| 19 + operations - i).collect();
    nanos == expected
}

#[test]
fn the_slowest_of_many_are_kept_the_slowest_first() {
    let (_, kept) = run(2_003, 10);
    assert_eq!(kept.len(), 10);
    assert!(are_the_slowest(&kept, 2_003));
    assert_eq!(kept[0].fields(), [("number".to_owned(), kept[0].fields()[0].1.clone())]);
}

#[test]
#[ignore = "takes a minute"]
fn a_million_operations_of_twenty_spans_leave_memory_as_it_is() {
    let _turn = turn();
    let (grown, kept) = run(1_000_003, 10);
    eprintln!(
        "1,000,003 operations of 20 spans in 30 days: {grown} bytes more after the first tenth"
    );
    assert!(are_the_slowest(&kept, 1_000_003));
    assert!(grown < 1 << 20, "{grown} bytes more");
}

/// One operation of so many spans, followed.
fn large(spans: u64) -> (u64, Operation) {
    let before = resident();
    let flame = recorded(|builder| builder.slowest(1), |now| block(now, 7, spans - 1, 1_000));
    let grown = resident().saturating_sub(before);
    (grown, flame.slowest().pop().expect("one operation"))
}

fn check(operation: &Operation, spans: u64) {
    let nodes = operation.profile().nodes();
    assert_eq!(nodes.iter().map(|node| node.measures.calls).collect::<Vec<_>>(), [1, spans - 1]);
    let walls: Vec<u64> = nodes.iter().map(|node| node.measures.wall_nanos).collect();
    assert_eq!(walls, [1_000, spans - 1], "exact to the nanosecond");
    let chart = operation.chart();
    assert!(chart.visits.len() <= 8_192, "{}", chart.visits.len());
    let all = chart.visits.len() as u64 + chart.omitted_visits.count;
    assert_eq!(all, spans, "every visit is there or counted");
    let path: u64 = operation.critical_path().iter().map(Step::nanos).sum();
    assert_eq!(path, operation.nanos(), "the path has no gap");
    let mut page = Vec::new();
    operation.write_svg(&mut page, &Options::default()).expect("it fits into memory");
    let page = String::from_utf8(page).expect("text");
    assert!(page.contains("shorter stays in spans are left out of the chart"), "it is said");
}

#[test]
fn a_large_operation_is_cut_in_its_chart_and_exact_in_its_tree() {
    check(&large(50_000).1, 50_000);
}

#[test]
#[ignore = "takes a minute"]
fn an_operation_of_ten_million_spans_is_bounded_and_exact() {
    let _turn = turn();
    let (grown, operation) = large(10_000_000);
    eprintln!("10,000,000 spans in one operation: {grown} bytes");
    check(&operation, 10_000_000);
    assert!(grown < 4 << 20, "{grown} bytes");
}

#[test]
fn slow_ones_are_handed_out_once_and_in_order() {
    let flame = recorded(
        |builder| builder.slower_than(SlowerThan::Duration(Duration::from_nanos(100))),
        |now| (0..10).for_each(|number| block(now, number, 0, 20 * number)),
    );
    let nanos = |operations: Vec<Operation>| -> Vec<u64> {
        operations.iter().map(Operation::nanos).collect()
    };
    assert_eq!(nanos(flame.take_slow()), [100, 120, 140, 160, 180]);
    assert!(flame.take_slow().is_empty() && flame.slowest().is_empty());
}

#[test]
fn slow_ones_that_nobody_takes_are_counted() {
    let flame = recorded(
        |builder| builder.slower_than(SlowerThan::Duration(Duration::ZERO)),
        |now| (0..300).for_each(|number| block(now, number, 1, 1)),
    );
    assert_eq!(flame.take_slow().len(), 256);
    assert_eq!(flame.missing_operations().not_taken, 44);
}

#[test]
fn operations_that_begin_or_end_while_no_time_is_taken_are_not_kept() {
    let flame = recorded(|builder| builder.slowest(9).paused(true), |now| block(now, 1, 1, 1));
    assert!(flame.slowest().is_empty());
}
