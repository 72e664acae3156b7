//! What a fork does to a recorder.
//!
//! In the child nothing is lost that was recorded before, and it goes on: the thread that
//! forked writes to its log as before. The parent's other threads are not there: their
//! logs are read to the end, and what they had entered is exited at the moment of the fork.
//! The child has a collector's thread of its own from the first chunk that one of its threads
//! needs; many children never come there, as they become another program.

use crate::recorder::Recorder;

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
mod imp {
    use std::{thread::Thread, time::Instant};

    use crate::{
        collector::Collector,
        locks::{MutexGuard, Stopped},
        log::{Held as HeldLogs, Local},
        platform::{Forked, Forks},
        recorder::Recorder,
    };

    /// All recorders of this process.
    pub(super) static RECORDERS: Forks<Recorder> = Forks::new();

    /// The locks of a recorder.
    #[derive(Debug)]
    pub(crate) struct Held {
        collector: Stopped<'static, Collector>,
        logs: HeldLogs<'static>,
        _wake: MutexGuard<'static, Option<Thread>>,
    }

    impl Forked for Recorder {
        type Held = Held;

        fn all() -> &'static Forks<Self> {
            &RECORDERS
        }

        fn hold(&'static self, until: Instant) -> Option<Held> {
            // A handler of a signal, an allocator or a clock of the host's forks in the
            // middle of what this thread does here. It may have any of the locks itself.
            if Local::is_within() {
                return None;
            }
            let collector = self.collector.stop_until(until)?;
            let logs = self.logs.hold(until)?;
            Some(Held { collector, logs, _wake: self.wake.hold(until)? })
        }

        fn change_in_child(&self, held: &mut Held) {
            held.collector.forget_others();
            let (own, at) = (Local::log_of(self.key), self.logs.order.stamp());
            if let Some(collector) = held.collector.value() {
                collector.leave_behind(own, at);
            }
            let newcomers = held.logs.newcomers().filter(|log| !std::ptr::eq(*log, own));
            newcomers.for_each(|log| log.leave_behind(at));
            self.wake.forget();
            self.note_fork();
        }
    }
}

impl Recorder {
    /// From now on it is in order after a fork.
    pub(crate) fn join_forks(&self) {
        #[cfg(all(target_os = "linux", not(loom), not(miri)))]
        imp::RECORDERS.join(&self.me);
    }

    /// Whether this process is a forked child that must not touch anything of it, nor record.
    pub(crate) fn is_torn() -> bool {
        #[cfg(all(target_os = "linux", not(loom), not(miri)))]
        return imp::RECORDERS.is_torn();
        #[cfg(not(all(target_os = "linux", not(loom), not(miri))))]
        false
    }
}
