//! Which log is the calling thread's, and appending to it where that takes more than a
//! few steps.

use std::{
    cell::{Cell, RefCell},
    ptr,
    sync::{Arc, Weak},
};

use super::{
    Chunk, Entry, Logs, Slot,
    producer::{Producer, Refused},
    reading::Reading,
    sync::counter,
    watch::{Look, Watch},
};
use crate::{platform::Switched, recorder::Recorder};

/// The logs of a thread, one for each recorder that it has met.
#[derive(Debug)]
pub(crate) struct Local {
    /// The recorder that was met last, if its stamps are the processor's counter.
    key: Cell<u64>,
    /// The thread's log of that one.
    producer: Cell<*const Producer>,
    /// Tells whether the thread was switched out, where that one wants to know.
    switched: Cell<Switched>,
    /// Up to when the thread reads no counters though it has no flag, in ticks; 0 where it
    /// may.
    dark: Cell<u64>,
    /// Whether the thread is in the middle of what is done here: what a signal handler or
    /// an allocator wants of it then cannot be had.
    is_within: Cell<bool>,
}

struct Met {
    key: u64,
    recorder: Weak<Recorder>,
    producer: *const Producer,
    watch: Watch,
}

struct AllMet(Vec<Met>);

thread_local! {
    /// Nothing to drop, so it is reached in two steps; and in one piece, so that it is once.
    static LOCAL: Local = const {
        Local {
            key: Cell::new(0),
            producer: Cell::new(ptr::null()),
            switched: Cell::new(Switched::NONE),
            dark: Cell::new(0),
            is_within: Cell::new(false),
        }
    };
    static ALL_MET: RefCell<AllMet> = const { RefCell::new(AllMet(Vec::new())) };
}

impl Local {
    /// Appends an entry of one slot where the thread met this recorder last, its stamps are
    /// the counter, and there is room. Returns whether it did.
    #[inline(always)]
    pub(crate) fn append(key: u64, make: impl FnOnce() -> Slot) -> bool {
        LOCAL.with(|local| {
            if local.key.get() != key {
                return false;
            }
            // SAFETY: the key is set with the address of this thread's own log, and cleared
            // before that ends; the caller keeps the recorder, and so the log's reader.
            unsafe { (*local.producer.get()).append(make) }.is_ok()
        })
    }

    /// Appends an entry of one slot at a change of frames, where [`append`](Self::append)
    /// would and the thread was not switched out since its counters were read. One of them in
    /// each span `FETCHES`: see [`append_one`](Producer::append_one).
    #[inline(always)]
    pub(crate) fn append_at_change<const FETCHES: bool>(
        key: u64,
        make: impl FnOnce() -> Slot,
    ) -> bool {
        LOCAL.with(|local| {
            if local.key.get() != key {
                return false;
            }
            // SAFETY: the key is set with the address of this thread's own log and with its
            // own flag, and cleared before those end; the caller keeps the recorder, and so
            // the log's reader.
            unsafe {
                !local.switched.get().is_raised()
                    && (*local.producer.get()).append_one::<FETCHES>(make).is_ok()
            }
        })
    }

    /// Whether the thread may not read its counters yet.
    fn is_dark() -> bool {
        LOCAL.with(|local| local.dark.get() > counter())
    }

    /// Whether the thread is in the middle of what is done here.
    #[cfg(all(target_os = "linux", not(loom), not(miri)))]
    pub(crate) fn is_within() -> bool {
        LOCAL.with(|local| local.is_within.get())
    }

    /// The thread's log of a recorder; null where it has none.
    #[cfg(all(target_os = "linux", not(loom), not(miri)))]
    pub(crate) fn log_of(key: u64) -> *const Producer {
        let find = |all: &RefCell<AllMet>| {
            let all = all.try_borrow().ok()?;
            let met = all.0.iter().find(|met| met.key == key)?;
            Some(met.producer)
        };
        ALL_MET.try_with(find).ok().flatten().unwrap_or(ptr::null())
    }

    /// Calls while nothing can be appended on this thread: spans that a signal handler, the
    /// host's allocator or its clock makes then are counted and go without. They would wait
    /// for what this thread holds.
    pub(crate) fn within<T>(call: impl FnOnce() -> T) -> T {
        let _within = Within::begin();
        call()
    }
}

/// The thread is in the middle of something, until this is dropped: also where what the
/// host has in it panics.
struct Within {
    key: u64,
    was_within: bool,
}

impl Within {
    fn begin() -> Self {
        LOCAL.with(|local| Self {
            key: local.key.replace(0),
            was_within: local.is_within.replace(true),
        })
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        LOCAL.with(|local| {
            local.is_within.set(self.was_within);
            // Unless a log was begun or met meanwhile, the one before is met again.
            if local.key.get() == 0 {
                local.key.set(self.key);
            }
        });
    }
}

impl Recorder {
    /// Appends an entry to this thread's log, which is begun where it has none. An entry
    /// that cannot be had is counted.
    #[cold]
    #[inline(never)]
    pub(crate) fn log(self: &Arc<Self>, span: u64, entry: Entry) {
        if self.is_finished() || Self::is_torn() {
            return;
        }
        let change = || Slot::change(span, &entry, self.logs.order.stamp());
        if entry.is_change() && Local::is_dark() && Local::append(self.key, change) {
            return;
        }
        let within = Within::begin();
        if within.was_within {
            return self.logs.count_reentered();
        }
        let met = ALL_MET.try_with(|all| {
            let mut all = all.try_borrow_mut().ok()?;
            let met = all.meet(self)?;
            // SAFETY: both are this thread's.
            let look = if entry.is_change() { unsafe { met.look(self) } } else { None };
            let used = if entry.is_change() { met.watch.used() } else { None };
            LOCAL.with(|local| local.dark.set(met.watch.dark()));
            Some((met.producer, look, used))
        });
        match met {
            // SAFETY: `meet` found or began the log of this thread.
            Ok(Some((producer, look, used))) => unsafe {
                if let Some(look) = look {
                    self.append_look(&*producer, &look);
                }
                if let Some(used) = used {
                    self.append(&*producer, 0, Entry::Used(used));
                }
                self.append(&*producer, span, entry);
            },
            Ok(None) => self.logs.count_lost(),
            Err(_) => self.log_after_end(span, entry),
        }
    }

    /// Appends to a log, and makes room for that.
    ///
    /// # Safety
    ///
    /// As for [`Producer::append`].
    unsafe fn append(&self, producer: &Producer, span: u64, entry: Entry) {
        let may_be_refused = entry.may_be_refused();
        // A clock of the host's own may make spans itself, so it is asked first.
        let time = self.logs.order.is_number().then(|| Slot::time(self.clock.ticks()));
        let count = entry.slots().saturating_add(u64::from(time.is_some()));
        let mut entry = Some(entry);
        let make = || {
            let [first, second] = match entry.take() {
                Some(entry) => Slot::write(span, entry, self.logs.order.stamp()),
                None => [Slot::pad(); 2],
            };
            time.map_or([first, second, second], |time| [time, first, second])
        };
        // SAFETY: the caller's promise; an entry takes one or two slots, and time one.
        unsafe { self.append_slots(producer, count, may_be_refused, make) };
    }

    /// Appends what the thread found as it looked.
    ///
    /// # Safety
    ///
    /// As for [`Producer::append`].
    unsafe fn append_look(&self, producer: &Producer, look: &Look) {
        // SAFETY: the caller's promise, passed on.
        unsafe {
            match look {
                Look::Reading(reading) => {
                    self.wake.if_resting();
                    self.append_reading(producer, reading);
                    self.note_faults(producer, reading);
                }
                Look::Dark => self.append(producer, 0, Entry::Dark),
            }
        }
    }

    /// Lets the thread's page faults be noted down from now on, or no more; those that were are
    /// to be read some time.
    fn note_faults(&self, producer: &Producer, reading: &Reading) {
        let Some(voluntary) = reading.voluntary else { return };
        let switches = voluntary.saturating_add(reading.involuntary);
        let wanted = self.settings.has_charts();
        if producer.perf.keep_up(wanted, switches, reading.major_faults) {
            self.wake.for_faults(self.logs.order.now());
        }
    }

    /// Appends what the thread's counters said.
    ///
    /// # Safety
    ///
    /// As for [`Producer::append`].
    unsafe fn append_reading(&self, producer: &Producer, reading: &Reading) {
        let make = || Slot::reading(reading, self.logs.order.stamp());
        // SAFETY: the caller's promise; a reading takes three slots.
        unsafe { self.append_slots(producer, 3, false, make) };
    }

    /// Appends so many slots, and makes room for them.
    ///
    /// # Safety
    ///
    /// As for [`Producer::append_some`].
    unsafe fn append_slots(
        &self,
        producer: &Producer,
        count: u64,
        may_be_refused: bool,
        mut make: impl FnMut() -> [Slot; 3],
    ) {
        loop {
            // SAFETY: the caller's promise, passed on.
            match unsafe { producer.append_some(count, &mut make) } {
                Ok(()) => return,
                Err(Refused::Reentered) => return self.logs.count_reentered(),
                Err(Refused::Full) => {}
            }
            let chunk = || -> Option<*mut Chunk> { self.take_chunk(may_be_refused) };
            // SAFETY: the caller's promise; a log without room is at an end.
            if !unsafe { producer.refill(chunk) } {
                return self.logs.count_lost();
            }
        }
    }

    /// A callback of a thread whose thread-locals are gone has a log for itself: what it
    /// closes is closed, and what it enters is exited at once.
    fn log_after_end(&self, span: u64, entry: Entry) {
        // The standard library no longer knows the thread's name.
        let Some(producer) = self.logs.begin(None) else { return self.logs.count_lost() };
        // SAFETY: nobody but this call has the log.
        unsafe { self.append(&*producer, span, entry) };
        // SAFETY: nobody but this call has the log, whose reader keeps it until this was read.
        unsafe { self.append(&*producer, 0, Entry::ThreadEnd) };
    }
}

impl AllMet {
    /// This thread's log of a recorder, begun where it has none; `None` where there is no
    /// memory.
    fn meet(&mut self, recorder: &Arc<Recorder>) -> Option<&Met> {
        let known = self.0.iter().position(|met| met.key == recorder.key);
        let place = match known {
            Some(place) => place,
            None => self.begin(recorder)?,
        };
        let met = self.0.get(place)?;
        if !recorder.logs.order.is_number() {
            LOCAL.with(|local| {
                local.key.set(recorder.key);
                local.producer.set(met.producer);
                local.switched.set(met.watch.flag());
            });
        }
        Some(met)
    }

    /// Begins a log of this thread's. Returns its place among all that it has.
    fn begin(&mut self, recorder: &Arc<Recorder>) -> Option<usize> {
        self.0.retain(|met| met.recorder.strong_count() > 0);
        self.0.try_reserve(1).ok()?;
        let producer = recorder.logs.begin(std::thread::current().name())?;
        let settings = &recorder.settings;
        let watch = Watch::of_this_thread(settings.states, settings.resources);
        let (key, recorder) = (recorder.key, Arc::downgrade(recorder));
        self.0.push(Met { key, recorder, producer, watch });
        self.0.len().checked_sub(1)
    }
}

impl Met {
    /// What the thread finds as it looks whether its counters are to be read.
    ///
    /// # Safety
    ///
    /// Only the thread whose log this is may call it.
    unsafe fn look(&self, recorder: &Recorder) -> Option<Look> {
        // SAFETY: the caller's promise, and the caller has the recorder, which has the log.
        unsafe { self.watch.look(&(*self.producer).counters, &recorder.logs.order) }
    }
}

impl Drop for AllMet {
    fn drop(&mut self) {
        // First, so that it is not set again.
        LOCAL.with(|local| local.key.set(0));
        let _within = Within::begin();
        for met in self.0.drain(..) {
            // SAFETY: the recorder, where it is there, has the log's reader, and the log and
            // the flag are this thread's.
            unsafe {
                if let Some(recorder) =
                    met.recorder.upgrade().filter(|met| !met.is_finished() && !Recorder::is_torn())
                {
                    if let Some(look) = met.look(&recorder) {
                        recorder.append_look(&*met.producer, &look);
                    }
                    if let Some(used) = met.watch.used() {
                        recorder.append(&*met.producer, 0, Entry::Used(used));
                    }
                    recorder.append(&*met.producer, 0, Entry::ThreadEnd);
                }
                met.watch.end();
            }
        }
    }
}

impl Logs {
    /// Begins a log and shows it to nobody but a model or a test.
    #[cfg(test)]
    pub(crate) fn begin_for_test(&self) -> *const Producer {
        self.begin(None).expect("memory")
    }
}
