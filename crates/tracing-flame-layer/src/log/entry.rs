//! The words of a log entry: what happened to which span, and when.
//!
//! An entry is one or two slots of two words each:
//!
//! ```text
//!            first word   second word: from the highest bit down
//! plain      span         ticks (62 bits)                    kind (2): enter, exit or close
//! created    span         0 (2)  callsite (60)               other
//! under      span         1 (2)  callsite (60)               other
//! clear      span         2 (2)  0 (60)                      other
//! misc       span         3 (2)  which (60)                  other
//! second     argument     ticks (62)                         other
//! ```
//!
//! *Under*, *clear* and most of *misc* have a second slot. A span that is *created* below
//! its thread's current one has a single slot without ticks: it happens together with
//! what its thread did before, which does no harm, as all that it refers to is in this
//! log. An argument is a parent's id, or the address of a box that the entry owns.
//!
//! Where time does not come from the processor's own counter, *ticks* are a number that
//! orders what all threads do, and a *time* entry, of one slot, says before each what the
//! clock said. A *reading* has the thread's CPU time in place of the span, its run delay as
//! argument, and what was counted beside them in a slot before it. What a thread *used* has page
//! faults in place of the span, and blocks as argument.

use std::ptr;

use tracing::Metadata;

use super::{
    message::{Message, NewSpan},
    reading::Reading,
};
use crate::platform::Used;

/// Two words of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Slot {
    first: u64,
    second: u64,
}

/// The callsite of a span.
pub(crate) type Callsite = &'static Metadata<'static>;

/// Below what a span is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parent {
    /// Nothing.
    Root,
    /// The thread's current span.
    Current,
    /// The span with this id.
    Span(u64),
}

/// What happened to a span.
#[derive(Debug)]
pub(crate) enum Entry {
    Enter,
    Exit,
    Close,
    /// It was created, with nothing about it that matters but where.
    Create(Callsite, Parent),
    /// It was created, and is not to be recorded.
    CreateClear(Parent),
    /// Whatever else needs more than a few words.
    Message(Box<Message>),
    /// What the thread's counters said: see [`Reading::of_words`].
    Reading {
        cpu: u64,
        delay: u64,
    },
    /// What the thread used since it changed frames last: see [`Used`].
    Used(Used),
    /// What the thread has done since it was told of last is not known, nor what it does up to
    /// its next reading.
    Dark,
    /// Nothing more happens on this thread.
    ThreadEnd,
}

/// What a slot says, by its lowest bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    Enter,
    Exit,
    Close,
    /// Anything else: a creation below the thread's current span, or what takes more slots.
    Other,
}

const ENTER: u64 = 0;
const EXIT: u64 = 1;
const CLOSE: u64 = 2;
const OTHER: u64 = 3;

const CREATED: u64 = 0;
const UNDER: u64 = 1;
const CLEAR: u64 = 2;
const MISC: u64 = 3;

const PAD: u64 = 0;
const TIME: u64 = 1;
const THREAD_END: u64 = 2;
const MESSAGE: u64 = 3;
const COUNTS: u64 = 4;
const READING: u64 = 5;
const DARK: u64 = 6;
const USED: u64 = 7;

/// Bits of each number of blocks; more than they hold is cut off.
const BLOCK_BITS: u32 = 32;
const MOST_BLOCKS: u64 = (1 << BLOCK_BITS) - 1;

const KIND_BITS: u32 = 2;
const PAYLOAD: u64 = (1 << 60) - 1;

/// The parent of a span that has none, and of one that is created below the current.
const NO_PARENT: u64 = 0;
const CURRENT: u64 = u64::MAX;

const fn other(sub: u64, payload: u64) -> u64 {
    sub << 62 | payload << KIND_BITS | OTHER
}

impl Slot {
    #[inline(always)]
    pub(crate) fn enter(span: u64, ticks: u64) -> Self {
        Self { first: span, second: ticks << KIND_BITS | ENTER }
    }

    #[inline(always)]
    pub(crate) fn exit(span: u64, ticks: u64) -> Self {
        Self { first: span, second: ticks << KIND_BITS | EXIT }
    }

    #[inline(always)]
    pub(crate) fn close(span: u64, ticks: u64) -> Self {
        Self { first: span, second: ticks << KIND_BITS | CLOSE }
    }

    /// An enter or an exit.
    pub(super) fn change(span: u64, entry: &Entry, ticks: u64) -> Self {
        match entry {
            Entry::Exit => Self::exit(span, ticks),
            _ => Self::enter(span, ticks),
        }
    }

    /// `None` on a machine whose addresses do not fit, of which we know none.
    #[inline(always)]
    pub(crate) fn created(span: u64, callsite: Callsite) -> Option<Self> {
        Some(Self { first: span, second: other(CREATED, address_of(callsite)?) })
    }

    /// The slots of an entry; the second one means nothing where it takes a single one.
    pub(crate) fn write(span: u64, entry: Entry, ticks: u64) -> [Self; 2] {
        let second = |argument: u64| Self { first: argument, second: ticks << KIND_BITS | OTHER };
        let first = |sub: u64, payload: u64| Self { first: span, second: other(sub, payload) };
        match entry {
            Entry::Enter => [Self::enter(span, ticks); 2],
            Entry::Exit => [Self::exit(span, ticks); 2],
            Entry::Close => [Self::close(span, ticks); 2],
            Entry::Create(callsite, parent) => match address_of(callsite) {
                Some(address) => [first(UNDER, address), second(parent.word())],
                None => [Self::pad(); 2],
            },
            Entry::CreateClear(parent) => [first(CLEAR, 0), second(parent.word())],
            Entry::Message(message) => {
                let address = Box::into_raw(message).expose_provenance() as u64;
                [first(MISC, MESSAGE), second(address)]
            }
            Entry::Reading { cpu, delay } => {
                [Self { first: cpu, second: other(MISC, READING) }, second(delay)]
            }
            Entry::Used(used) => {
                let blocks = |count: u64| count.min(MOST_BLOCKS);
                let both = blocks(used.blocks_read) << BLOCK_BITS | blocks(used.blocks_written);
                [Self { first: used.minor_faults, second: other(MISC, USED) }, second(both)]
            }
            Entry::Dark => [first(MISC, DARK), second(0)],
            Entry::ThreadEnd => [first(MISC, THREAD_END), second(0)],
        }
    }

    /// The slots of a reading, the first of which says what was counted.
    pub(crate) fn reading(reading: &Reading, ticks: u64) -> [Self; 3] {
        [
            Self { first: reading.counts(), second: other(MISC, COUNTS) },
            Self { first: reading.cpu, second: other(MISC, READING) },
            Self { first: reading.delay_word(), second: ticks << KIND_BITS | OTHER },
        ]
    }

    /// What the clock said before the next entry.
    pub(crate) fn time(ticks: u64) -> Self {
        Self { first: ticks, second: other(MISC, TIME) }
    }

    /// Nothing.
    pub(crate) fn pad() -> Self {
        Self { first: 0, second: other(MISC, PAD) }
    }

    /// Whose entry it begins.
    #[inline(always)]
    pub(crate) fn span(self) -> u64 {
        self.first
    }

    #[inline(always)]
    pub(crate) fn ticks(self) -> u64 {
        self.second >> KIND_BITS
    }

    /// Where the ticks of an entry stand that begins here.
    #[inline(always)]
    pub(crate) fn stamp(self) -> Stamp {
        if self.second & OTHER != OTHER {
            return Stamp::Here;
        }
        match (self.second >> 62, self.payload()) {
            (CREATED, _) | (MISC, PAD | TIME | COUNTS) => Stamp::None,
            _ => Stamp::Second,
        }
    }

    /// What the clock said, where that is what the slot is for.
    pub(crate) fn as_time(self) -> Option<u64> {
        (self.second == other(MISC, TIME)).then_some(self.first)
    }

    /// What was counted, where that is what the slot is for.
    pub(crate) fn as_counts(self) -> Option<u64> {
        (self.second == other(MISC, COUNTS)).then_some(self.first)
    }

    fn payload(self) -> u64 {
        self.second >> KIND_BITS & PAYLOAD
    }

    #[inline(always)]
    pub(crate) fn kind(self) -> Kind {
        match self.second & OTHER {
            ENTER => Kind::Enter,
            EXIT => Kind::Exit,
            CLOSE => Kind::Close,
            _ => Kind::Other,
        }
    }

    /// The callsite of a span that is created below its thread's current one, if the slot says
    /// that and nothing else.
    #[inline(always)]
    pub(crate) fn as_created(self) -> Option<Callsite> {
        let is_created = self.kind() == Kind::Other && self.second >> 62 == CREATED;
        is_created.then(|| self.callsite())
    }

    /// The entry that begins here, `argument` being the first word of the slot behind it;
    /// `None` of one that says nothing.
    ///
    /// # Safety
    ///
    /// An entry is read once: who reads it owns its message.
    #[inline(always)]
    pub(super) unsafe fn read(self, argument: impl FnOnce() -> u64) -> Option<Entry> {
        match self.kind() {
            Kind::Enter => return Some(Entry::Enter),
            Kind::Exit => return Some(Entry::Exit),
            Kind::Close => return Some(Entry::Close),
            Kind::Other => {}
        }
        if let Some(callsite) = self.as_created() {
            return Some(Entry::Create(callsite, Parent::Current));
        }
        if self.stamp() == Stamp::None {
            return None;
        }
        // SAFETY: the caller's promise, passed on.
        unsafe { self.read_other(argument()) }
    }

    /// # Safety
    ///
    /// As for [`read`](Self::read), of an entry with an argument or with no meaning.
    #[inline(never)]
    unsafe fn read_other(self, argument: u64) -> Option<Entry> {
        Some(match (self.second >> 62, self.payload()) {
            (UNDER, _) => Entry::Create(self.callsite(), Parent::of_word(argument)),
            (CLEAR, _) => Entry::CreateClear(Parent::of_word(argument)),
            (MISC, THREAD_END) => Entry::ThreadEnd,
            (MISC, DARK) => Entry::Dark,
            (MISC, USED) => Entry::Used(Used {
                minor_faults: self.first,
                blocks_read: argument >> BLOCK_BITS,
                blocks_written: argument & MOST_BLOCKS,
            }),
            (MISC, READING) => Entry::Reading { cpu: self.first, delay: argument },
            (MISC, MESSAGE) => {
                let message = ptr::with_exposed_provenance_mut(argument as usize);
                // SAFETY: `write` made the address of a box for entries of this kind, and the
                // caller promises that the entry is read once, so nobody else owns that.
                Entry::Message(unsafe { Box::from_raw(message) })
            }
            _ => return None,
        })
    }

    #[inline(always)]
    fn callsite(self) -> Callsite {
        let address = self.payload() as usize;
        // SAFETY: only `created` and `write` make slots of these kinds, of a reference
        // that is valid for ever and whose address fits the payload.
        unsafe { &*ptr::with_exposed_provenance(address) }
    }
}

/// Where the ticks of an entry stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    Here,
    Second,
    /// It has none, and a single slot.
    None,
}

#[inline(always)]
fn address_of(callsite: Callsite) -> Option<u64> {
    let address = ptr::from_ref(callsite).expose_provenance() as u64;
    // There no program's addresses have so many bits.
    let fits = cfg!(target_arch = "x86_64") || address <= PAYLOAD;
    fits.then_some(address)
}

impl Parent {
    fn word(self) -> u64 {
        match self {
            Self::Root => NO_PARENT,
            Self::Current => CURRENT,
            Self::Span(id) => id,
        }
    }

    fn of_word(word: u64) -> Self {
        match word {
            NO_PARENT => Self::Root,
            CURRENT => Self::Current,
            id => Self::Span(id),
        }
    }
}

impl Entry {
    /// How many slots it takes.
    pub(super) fn slots(&self) -> u64 {
        if matches!(self, Self::Enter | Self::Exit | Self::Close) { 1 } else { 2 }
    }

    /// Whether the thread's innermost span is another one from then on.
    pub(super) fn is_change(&self) -> bool {
        matches!(self, Self::Enter | Self::Exit)
    }

    /// Whether a span begins with it, or it is of no consequence for others.
    pub(super) fn may_be_refused(&self) -> bool {
        matches!(self, Self::Create(..) | Self::CreateClear(_) | Self::Message(_))
    }

    /// The span that has to be known for the entry to mean something.
    pub(crate) fn refers_to(&self, span: u64) -> Option<u64> {
        match self {
            Self::Enter | Self::Close => Some(span),
            Self::Create(_, Parent::Span(parent)) | Self::CreateClear(Parent::Span(parent)) => {
                Some(*parent)
            }
            Self::Message(message) => match **message {
                Message::NewSpan(NewSpan { parent: Parent::Span(parent), .. }) => Some(parent),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::callsites::root;

    /// The entry that begins with the first of some slots, as text.
    fn read(slots: &[Slot]) -> String {
        // SAFETY: each entry is made for this and read once.
        let entry = unsafe { slots[0].read(|| slots[1].first) };
        entry.map_or_else(|| "nothing".to_owned(), |entry| format!("{entry:?}"))
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let last = crate::clock::LAST;
        let stamped = [Slot::enter(7, last), Slot::exit(7, 0), Slot::close(7, 5)];
        assert_eq!(stamped.map(|slot| read(&[slot])), ["Enter", "Exit", "Close"]);
        assert_eq!(stamped.map(Slot::ticks), [last, 0, 5]);
        assert!(stamped.iter().all(|slot| slot.stamp() == Stamp::Here && slot.span() == 7));

        let created = Slot::created(u64::MAX, root()).expect("it fits");
        assert_eq!((created.stamp(), created.span()), (Stamp::None, u64::MAX));
        assert!(read(&[created]).contains("Current"));

        for parent in [Parent::Root, Parent::Current, Parent::Span(3)] {
            let under = Slot::write(1, Entry::Create(root(), parent), 9);
            assert_eq!((under[0].stamp(), under[1].ticks()), (Stamp::Second, 9));
            assert!(read(&under).ends_with(&format!("{parent:?})")));
            let clear = Slot::write(1, Entry::CreateClear(parent), 9);
            assert_eq!(read(&clear), format!("CreateClear({parent:?})"));
        }
        assert_eq!(read(&Slot::write(0, Entry::ThreadEnd, 4)), "ThreadEnd");
        assert_eq!(read(&Slot::write(0, Entry::Dark, 4)), "Dark");
        let used = |blocks_read, blocks_written| {
            Entry::Used(Used { minor_faults: u64::MAX, blocks_read, blocks_written })
        };
        let cut_off = used(5, u64::from(u32::MAX));
        assert_eq!(read(&Slot::write(0, used(5, u64::MAX), 4)), format!("{cut_off:?}"));
        let (involuntary, major_faults) = (2, 3);
        for (delay, voluntary) in [(None, None), (Some(6), Some(1))] {
            let may_be_waiting = false;
            let reading =
                Reading { cpu: 5, delay, may_be_waiting, voluntary, involuntary, major_faults };
            let [counts, first, second] = Slot::reading(&reading, 7);
            assert_eq!((first.stamp(), second.ticks()), (Stamp::Second, 7));
            // SAFETY: it owns nothing.
            let Some(Entry::Reading { cpu, delay }) = (unsafe { first.read(|| second.first) })
            else {
                panic!("no reading");
            };
            let counts = counts.as_counts().expect("counts");
            assert_eq!(Reading::of_words(cpu, delay, counts), reading);
        }
        let values = Entry::Message(Box::new(Message::Values(Vec::new())));
        let values = Slot::write(2, values, 8);
        assert_eq!((values[0].span(), values[1].ticks()), (2, 8));
        assert_eq!(read(&values), "Message(Values([]))");
    }

    #[test]
    fn a_slot_that_only_fills_or_tells_the_time_is_no_entry() {
        let counts = Slot { first: 8, second: other(MISC, COUNTS) };
        for slot in [Slot::pad(), Slot::time(8), counts] {
            assert_eq!((slot.stamp(), read(&[slot, slot])), (Stamp::None, "nothing".to_owned()));
        }
        assert_eq!(Slot::time(8).as_time(), Some(8));
        assert_eq!((Slot::pad().as_time(), counts.as_time()), (None, None));
        assert_eq!((Slot::time(8).as_counts(), counts.as_counts()), (None, Some(8)));
    }
}
