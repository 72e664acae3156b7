//! Tests that walk every `unsafe` line of the log, small enough for Miri.

use std::{sync::Arc, thread};

use super::{
    Entry, Logs, Message, Next, Order, Parent, Producer, Reader, Slot, chunk::CHUNK,
    producer::Refused,
};
use crate::callsites::root;

/// A thread's end of its log.
#[derive(Clone, Copy)]
struct End(*const Producer);

// SAFETY: each test gives an end to one thread.
unsafe impl Send for End {}

impl End {
    fn append(self, logs: &Logs, count: u64, make: impl Fn() -> [Slot; 3]) {
        // SAFETY: one thread has the log, which its reader keeps.
        let producer = unsafe { &*self.0 };
        // SAFETY: this thread is the one that has the log.
        while let Err(refused) = unsafe { producer.append_some(count, &make) } {
            assert_eq!(refused, Refused::Full);
            // SAFETY: this thread has the log, and one without room is at an end.
            unsafe { producer.refill(|| logs.pool.take()) };
        }
    }
}

fn begin(logs: &Logs) -> (End, Reader) {
    let end = End(logs.begin_for_test());
    (end, Reader::new(logs.newcomers().pop().expect("it has just begun"), 0))
}

fn clear(span: u64, ticks: u64) -> [Slot; 2] {
    Slot::write(span, Entry::CreateClear(Parent::Root), ticks)
}

fn logs() -> Arc<Logs> {
    Arc::new(Logs::new(Order::Number(Default::default()), super::SHARED))
}

/// The spans of the entries that are there to be read.
fn spans(logs: &Logs, reader: &mut Reader) -> Vec<u64> {
    let horizon = reader.look(logs.order.now());
    let mut spans = Vec::new();
    while let Next::Entry { span, .. } = reader.step_or_next(horizon, &logs.pool) {
        spans.push(span);
    }
    spans
}

#[test]
fn what_a_thread_appends_is_read_whatever_chunks_it_fills() {
    let logs = logs();
    let (end, mut reader) = begin(&logs);
    for count in 1..=3 {
        let most = 2 * CHUNK + 7;
        let slot = |span: u64| match count {
            1 => [Slot::exit(span, logs.order.stamp()); 3],
            _ => {
                let [first, second] = clear(span, logs.order.stamp());
                if count == 2 { [first, second, second] } else { [Slot::time(9), first, second] }
            }
        };
        (0..most).for_each(|span| end.append(&logs, count, || slot(span)));
        assert_eq!(spans(&logs, &mut reader), (0..most).collect::<Vec<_>>());
        assert!(logs.pool.used() <= 2, "{} chunks are used", logs.pool.used());
    }
}

#[test]
fn logs_are_read_while_they_are_written() {
    const SPANS: u64 = if cfg!(miri) { 600 } else { 100_000 };
    let logs = logs();
    let (end, mut reader) = begin(&logs);
    let shared = Arc::clone(&logs);
    let thread = thread::spawn(move || {
        for span in 0..SPANS {
            end.append(&shared, 1, || [Slot::enter(span, shared.order.stamp()); 3]);
        }
    });
    let mut next = 0;
    while next < SPANS {
        for span in spans(&logs, &mut reader) {
            assert_eq!(span, next);
            next += 1;
        }
    }
    thread.join().expect("no panic");
}

#[test]
fn a_message_belongs_to_whoever_reads_it() {
    let logs = logs();
    let (end, mut reader) = begin(&logs);
    let message = || {
        let texts = Box::new(Message::Values(vec![Some("a value".to_owned())]));
        let [first, second] = Slot::write(7, Entry::Message(texts), logs.order.stamp());
        [first, second, second]
    };
    end.append(&logs, 2, message);
    let horizon = reader.look(logs.order.now());
    let Next::Entry { span: 7, entry: Entry::Message(message), .. } =
        reader.step_or_next(horizon, &logs.pool)
    else {
        panic!("it was appended");
    };
    let Message::Values(texts) = *message else { panic!("these are values") };
    assert_eq!(texts, [Some("a value".to_owned())]);
}

#[test]
fn an_append_within_another_is_refused_and_changes_nothing() {
    let logs = logs();
    let (end, mut reader) = begin(&logs);
    // SAFETY: this thread has the log.
    let producer = unsafe { &*end.0 };
    let within = |make: &dyn Fn() -> Slot| {
        // SAFETY: this thread has the log, also while another append of it is under way.
        let refused = unsafe { producer.append(make) };
        assert_eq!(refused, Err(Refused::Reentered));
        // SAFETY: this thread has the log, and two is from one to three.
        let refused = unsafe { producer.append_some(2, || [make(); 3]) };
        assert_eq!(refused, Err(Refused::Reentered));
    };
    let within = || within(&|| Slot::exit(8, logs.order.stamp()));
    // While a chunk is taken.
    // SAFETY: this thread has the log, which is at its beginning.
    assert!(unsafe {
        producer.refill(|| {
            within();
            logs.pool.take()
        })
    });
    // In every kind of append, the clock being read.
    let stamped = || {
        within();
        Slot::enter(7, logs.order.stamp())
    };
    // SAFETY: this thread has the log.
    assert_eq!(unsafe { producer.append(stamped) }, Ok(()));
    let two = || {
        within();
        let [first, second] = clear(9, logs.order.stamp());
        [first, second, second]
    };
    // SAFETY: this thread has the log, and two is from one to three.
    assert_eq!(unsafe { producer.append_some(2, two) }, Ok(()));
    assert_eq!(spans(&logs, &mut reader), [7, 9]);
}

/// What there is to be read: spans, and when.
fn read(logs: &Logs, reader: &mut Reader, horizon: u64) -> Vec<(u64, u64)> {
    let mut read = Vec::new();
    while let Next::Entry { span, at, .. } = reader.step_or_next(horizon, &logs.pool) {
        read.push((span, at));
    }
    read
}

/// Invariant 3.
#[test]
fn stamps_of_one_thread_do_not_go_back() {
    let logs = logs();
    let (end, mut reader) = begin(&logs);
    for (span, ticks) in [(1, 9), (2, 5), (3, 9), (4, 12), (5, 0)] {
        end.append(&logs, 1, || [Slot::enter(span, ticks); 3]);
    }
    assert_eq!(reader.look(20), 20);
    assert_eq!(read(&logs, &mut reader, 10), [(1, 9), (2, 9), (3, 9)]);
    assert_eq!(read(&logs, &mut reader, 20), [(4, 12), (5, 12)]);
}

/// Invariant 4.
#[test]
fn a_span_created_without_a_stamp_comes_with_what_its_thread_did_before() {
    let logs = logs();
    let (end, mut reader) = begin(&logs);
    end.append(&logs, 1, || [Slot::enter(1, 7); 3]);
    end.append(&logs, 1, || [Slot::created(2, root()).expect("it fits"); 3]);
    end.append(&logs, 1, || [Slot::enter(2, 30); 3]);
    assert_eq!(reader.look(40), 40);
    assert_eq!(read(&logs, &mut reader, 7), [(1, 7), (2, 7)]);
    assert_eq!(read(&logs, &mut reader, 40), [(2, 30)]);
}

/// Invariant 6.
#[test]
fn nobody_waits_for_a_thread_that_is_stopped_in_the_middle_of_an_entry() {
    let logs = logs();
    let (end, mut reader) = begin(&logs);
    end.append(&logs, 1, || [Slot::enter(1, 7); 3]);
    assert_eq!(reader.look(8), 8);
    assert_eq!(read(&logs, &mut reader, 8), [(1, 7)]);
    // SAFETY: this thread has the log.
    let producer = unsafe { &*end.0 };
    let stopped = || {
        // What is read goes up to the look before, and on without it after so many looks.
        let cut = (0..).take_while(|_| reader.look(50) == 8).take(10_000).count();
        assert!((1..10_000).contains(&cut), "{cut} looks were cut off");
        Slot::exit(1, 40)
    };
    // SAFETY: this thread has the log.
    assert_eq!(unsafe { producer.append(stopped) }, Ok(()));
    // Its entry is late: it is read with the next ones.
    assert_eq!(reader.look(60), 60);
    assert_eq!(read(&logs, &mut reader, 60), [(1, 40)]);
}

/// However often a thread is found in the middle of an entry: each is another one.
#[test]
fn a_thread_that_moves_on_between_two_looks_holds_nothing_up() {
    let logs = logs();
    let (end, mut reader) = begin(&logs);
    end.append(&logs, 1, || [Slot::enter(1, 7); 3]);
    let mut looked = reader.look(8);
    for ticks in [10, 20, 30, 40] {
        // SAFETY: this thread has the log.
        let producer = unsafe { &*end.0 };
        let in_the_middle = || {
            assert_eq!(reader.look(ticks), looked, "as far as the look before");
            looked = ticks;
            Slot::enter(ticks, ticks + 5)
        };
        // SAFETY: this thread has the log.
        assert_eq!(unsafe { producer.append(in_the_middle) }, Ok(()));
    }
}

/// What a thread wrote before the fork is read, what it was in the middle of is not, and then
/// it ends: at the fork, or with its latest entry.
#[test]
fn a_log_that_a_fork_left_behind_is_read_to_its_end_and_closed() {
    for (left, end) in [(30, 30), (5, 20)] {
        let logs = logs();
        let (log, mut reader) = begin(&logs);
        log.append(&logs, 1, || [Slot::enter(1, 10); 3]);
        log.append(&logs, 1, || [Slot::enter(2, 20); 3]);
        // SAFETY: this thread has the log.
        let producer = unsafe { &*log.0 };
        let in_the_middle = || {
            producer.leave_behind(left);
            // Another fork, in the child: it was left behind before.
            producer.leave_behind(99);
            assert_eq!(reader.look(50), 50, "nobody waits for it");
            assert_eq!(read(&logs, &mut reader, 15), [(1, 10)]);
            let Next::Entry { span: 2, at: 20, .. } = reader.step_or_next(20, &logs.pool) else {
                panic!("it was appended before");
            };
            if end > 20 {
                assert!(matches!(reader.step_or_next(29, &logs.pool), Next::Later(30)));
            }
            let next = reader.step_or_next(50, &logs.pool);
            let Next::Entry { span: 0, entry: Entry::ThreadEnd, at } = next else {
                panic!("{next:?} comes where the thread ends");
            };
            assert_eq!(at, end);
            assert!(matches!(reader.step_or_next(50, &logs.pool), Next::Nothing));
            Slot::exit(2, 40)
        };
        // SAFETY: this thread has the log.
        assert_eq!(unsafe { producer.append(in_the_middle) }, Ok(()));
    }
}

/// What a layer says of its memory, in little.
#[test]
fn a_pool_has_as_many_chunks_as_it_was_told_and_one_for_each_thread_that_lives() {
    const SHARED: usize = 70;
    let logs = Logs::new(Order::Number(Default::default()), SHARED);
    let mut readers: Vec<_> = (0..3).map(|_| begin(&logs).1).collect();
    let taken: Vec<_> = std::iter::from_fn(|| logs.pool.take()).collect();
    assert_eq!(taken.len(), SHARED + 3);
    for chunk in taken {
        // SAFETY: it was taken, and nobody has written to it.
        unsafe { logs.pool.put(chunk) };
    }
    readers.pop().expect("three of them").finish(&logs.pool);
    assert_eq!(std::iter::from_fn(|| logs.pool.take()).count(), SHARED + 2);
}
