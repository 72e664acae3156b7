//! Appends in the middle of an append, as those of a signal handler, of the host's allocator
//! or of its clock are.

use std::cell::Cell;

use super::{
    Entry, Logs, Message, Next, Order, Parent, Producer, Reader, Reading, Slot, producer::Refused,
};
use crate::callsites::root;

/// How many slots an entry takes, and these.
type Kind = (u64, fn(u64) -> [Slot; 3]);

/// Every kind of entry.
const KINDS: [Kind; 9] = [
    (1, |ticks| [Slot::enter(1, ticks); 3]),
    (1, |ticks| [Slot::exit(1, ticks); 3]),
    (1, |ticks| [Slot::close(1, ticks); 3]),
    // The one that has no stamp.
    (1, |_| [Slot::created(1, root()).expect("it fits"); 3]),
    (2, |ticks| two(Entry::Create(root(), Parent::Root), ticks)),
    (2, |ticks| two(Entry::CreateClear(Parent::Current), ticks)),
    (2, |ticks| two(Entry::Message(Box::new(Message::Values(Vec::new()))), ticks)),
    // With what a clock of the host's said.
    (2, |ticks| [Slot::time(ticks), Slot::enter(1, ticks), Slot::pad()]),
    (3, |ticks| Slot::reading(&Reading::of_words(1, 2, 0), ticks)),
];

fn two(entry: Entry, ticks: u64) -> [Slot; 3] {
    let [first, second] = Slot::write(1, entry, ticks);
    [first, second, second]
}

fn begin(logs: &Logs) -> (&Producer, Reader) {
    let producer = logs.begin_for_test();
    let reader = Reader::new(logs.newcomers().pop().expect("it has just begun"), 0);
    // SAFETY: the reader has the log, and is kept for as long as this is used.
    (unsafe { &*producer }, reader)
}

/// Tries each kind of append, all of which are refused. Returns how many there were.
fn try_all(producer: &Producer) -> usize {
    for (count, make) in KINDS {
        // SAFETY: this thread has the log, also while another append of it is under way.
        let refused = unsafe { producer.append_some(count, || make(9)) };
        assert_eq!(refused, Err(Refused::Reentered));
        if count == 1 {
            // SAFETY: as above.
            let refused = unsafe { producer.append(|| make(9)[0]) };
            assert_eq!(refused, Err(Refused::Reentered));
        }
    }
    KINDS.len()
}

/// Appends each kind of entry, and calls in the middle of each. Returns how often.
fn append_all(logs: &Logs, producer: &Producer, in_the_middle: &dyn Fn()) -> usize {
    let called = Cell::new(0);
    let call = || {
        called.set(called.get() + 1);
        in_the_middle();
    };
    let refill = || {
        call();
        logs.pool.take()
    };
    // SAFETY: this thread has the log, which is at its beginning.
    assert!(unsafe { producer.refill(refill) });
    for (ticks, (count, make)) in (1..).zip(KINDS) {
        let make = || {
            call();
            make(ticks)
        };
        // SAFETY: this thread has the log, and no entry takes more than three slots.
        assert_eq!(unsafe { producer.append_some(count, make) }, Ok(()));
        if count == 1 {
            // SAFETY: this thread has the log.
            assert_eq!(unsafe { producer.append(|| make()[0]) }, Ok(()));
        }
    }
    called.get()
}

/// How many entries there are to be read.
fn read(logs: &Logs, reader: &mut Reader) -> usize {
    assert_eq!(reader.look(99), 99);
    let next = || match reader.step_or_next(99, &logs.pool) {
        Next::Entry { span, entry, .. } => Some((span, entry)),
        Next::Later(_) | Next::Nothing | Next::Aside => None,
    };
    std::iter::from_fn(next).inspect(|(_, entry)| drop(format!("{entry:?}"))).count()
}

/// One of each kind, and each that takes a single slot on the fast path besides.
const APPENDED: usize = KINDS.len() + 4;

#[test]
fn an_append_of_any_kind_in_the_middle_of_one_of_any_kind_is_refused_and_changes_nothing() {
    let logs = Logs::new(Order::Number(Default::default()), super::SHARED);
    let (producer, mut reader) = begin(&logs);
    let tried = Cell::new(0);
    let called = append_all(&logs, producer, &|| tried.set(tried.get() + try_all(producer)));
    assert_eq!(called, APPENDED + 1);
    assert_eq!(tried.get(), called * KINDS.len());
    assert_eq!(read(&logs, &mut reader), APPENDED);
}

#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn a_signal_in_the_middle_of_an_append_of_any_kind_finds_it_and_changes_nothing() {
    use std::{
        mem, ptr,
        sync::atomic::{AtomicPtr, AtomicUsize, Ordering::SeqCst},
    };

    static PRODUCER: AtomicPtr<Producer> = AtomicPtr::new(ptr::null_mut());
    static TRIED: AtomicUsize = AtomicUsize::new(0);

    extern "C" fn handle(_: libc::c_int) {
        // SAFETY: the test below has set it, and has the log for as long as it sends signals.
        let producer = unsafe { &*PRODUCER.load(SeqCst) };
        TRIED.fetch_add(try_all(producer), SeqCst);
    }

    let logs = Logs::new(Order::Number(Default::default()), super::SHARED);
    let (producer, mut reader) = begin(&logs);
    PRODUCER.store(ptr::from_ref(producer).cast_mut(), SeqCst);
    // SAFETY: all zeroes is an action without flags, and nothing else of this program sends
    // itself this signal.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = handle as *const () as usize;
        assert_eq!(libc::sigaction(libc::SIGUSR2, &raw const action, ptr::null_mut()), 0);
    }
    // SAFETY: it takes a number, and the handler runs on this thread before it returns.
    let called = append_all(&logs, producer, &|| unsafe {
        assert_eq!(libc::raise(libc::SIGUSR2), 0);
    });
    assert_eq!(TRIED.load(SeqCst), called * KINDS.len());
    assert_eq!(read(&logs, &mut reader), APPENDED);
}
