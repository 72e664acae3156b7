//! The log, model-checked: loom runs each model in every order that its threads' steps can
//! take and with every value that a relaxed read may see. The code is the one that runs,
//! with a fence in the place of the kernel's barrier and a shared number in that of the
//! processor's counter.

use std::sync::Arc;

use super::{
    Logs, Next, Order, Patience, Producer, Reader, Slot, producer::Refused, sync::counter,
};

/// A thread's end of its log.
struct End(*const Producer);

// SAFETY: each model gives an end to one thread.
unsafe impl Send for End {}

impl End {
    /// Appends an entry for a span, in a new chunk where there is no room for it.
    fn append(&self, logs: &Logs, span: u64) {
        // SAFETY: this thread alone has the log, which its reader keeps.
        let producer = unsafe { &*self.0 };
        loop {
            // SAFETY: this thread is the one that has the log.
            match unsafe { producer.append(|| Slot::enter(span, counter())) } {
                Ok(()) => return,
                Err(Refused::Reentered) => panic!("nobody is within"),
                Err(Refused::Full) => {}
            }
            let take = || loop {
                match logs.pool.take() {
                    Some(chunk) => return Some(chunk),
                    None => logs.pool.wait(std::time::Duration::ZERO),
                }
            };
            // SAFETY: this thread has the log, and one without room is at an end.
            assert!(unsafe { producer.refill(take) });
        }
    }
}

fn begin(logs: &Logs) -> (End, Reader) {
    let end = End(logs.begin_for_test());
    let producer = logs.newcomers().pop().expect("it has just begun");
    (end, Reader::new(producer, 0))
}

/// Drains a log: the spans and stamps of what was read, and the horizon.
fn drain(logs: &Logs, reader: &mut Reader, patience: Patience) -> (Vec<(u64, u64)>, u64) {
    let horizon = logs.horizon(patience).expect("a barrier");
    let horizon = reader.look(horizon);
    let mut read = Vec::new();
    while let Next::Entry { span, at, .. } = reader.step_or_next(horizon, &logs.pool) {
        read.push((span, at));
    }
    (read, horizon)
}

/// Whether entries of a thread come in its order, each after the drain's horizon before.
fn assert_in_order(read: &[(u64, u64)], after: u64) {
    assert!(read.is_sorted_by_key(|(span, _)| *span), "{read:?}");
    assert!(read.is_sorted_by_key(|(_, at)| *at), "{read:?}");
    assert!(read.iter().all(|(_, at)| *at > after), "{read:?} after {after}");
}

fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

/// Invariants 1 and 2: a slot is written before the cursor that covers it, and what comes
/// behind a cursor that was not writing is stamped later than the horizon.
#[test]
fn loom_nothing_that_is_read_later_is_stamped_before_the_horizon() {
    check(3, || {
        let logs = Arc::new(Logs::new(Order::Counter, super::SHARED));
        let (end, mut reader) = begin(&logs);
        let shared = Arc::clone(&logs);
        let thread =
            loom::thread::spawn(move || (1..=2).for_each(|span| end.append(&shared, span)));
        let (first, horizon) = drain(&logs, &mut reader, Patience::None);
        assert_in_order(&first, 0);
        // It may have moved on from one entry into the next.
        let (second, later) = drain(&logs, &mut reader, Patience::None);
        assert_in_order(&second, horizon);
        thread.join().expect("no panic");
        let (third, _) = drain(&logs, &mut reader, Patience::None);
        assert_in_order(&third, later);
        assert_eq!(first.len() + second.len() + third.len(), 2, "{first:?} {second:?} {third:?}");
    });
}

/// Invariant 5: a chunk goes back when its successor is known and it is read to its end.
/// There are fewer chunks than the thread fills.
#[test]
fn loom_a_chunk_is_used_again_only_after_it_was_read() {
    check(2, || {
        let logs = Arc::new(Logs::new(Order::Counter, super::SHARED));
        let (end, mut reader) = begin(&logs);
        let shared = Arc::clone(&logs);
        let thread =
            loom::thread::spawn(move || (1..=11).for_each(|span| end.append(&shared, span)));
        let (mut all, mut before) = (Vec::new(), 0);
        while all.len() < 11 {
            let (read, horizon) = drain(&logs, &mut reader, Patience::None);
            assert_in_order(&read, before);
            before = horizon.max(before);
            all.extend(read.into_iter().map(|(span, _)| span));
            loom::thread::yield_now();
        }
        assert_eq!(all, (1..=11).collect::<Vec<_>>());
        thread.join().expect("no panic");
    });
}

/// Entries of two threads are read in the order of their causes: what one did after it saw
/// what the other did comes after that, in the same drain or a later one.
#[test]
fn loom_what_one_thread_caused_is_read_after_its_cause() {
    check(2, || {
        let logs = Arc::new(Logs::new(Order::Counter, super::SHARED));
        let (cause, mut first) = begin(&logs);
        let (effect, mut second) = begin(&logs);
        let shared = Arc::clone(&logs);
        let thread = loom::thread::spawn(move || {
            cause.append(&shared, 1);
            let logs = Arc::clone(&shared);
            let thread = loom::thread::spawn(move || effect.append(&logs, 2));
            thread.join().expect("no panic");
        });
        let horizon = logs.horizon(Patience::None).expect("a barrier");
        let horizon = first.look(horizon);
        let horizon = second.look(horizon);
        let caused = matches!(second.step_or_next(horizon, &logs.pool), Next::Entry { .. });
        let has_cause = matches!(first.step_or_next(horizon, &logs.pool), Next::Entry { .. });
        assert!(has_cause || !caused, "the effect was read and its cause was not");
        thread.join().expect("no panic");
    });
}
