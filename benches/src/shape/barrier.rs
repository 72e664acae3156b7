//! The barrier that a thread runs on all others of its process.

use std::{
    hint::spin_loop,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread::scope,
    time::Duration,
};

use crate::measure::timed;

/// A unit is one barrier while another thread is running.
pub(super) fn barriers(units: u64) -> Duration {
    prepare();
    let done = AtomicBool::new(false);
    scope(|scope| {
        scope.spawn(|| {
            // Relaxed: nothing but the flag is passed.
            while !done.load(Relaxed) {
                spin_loop();
            }
        });
        let time = timed(|| (0..units).for_each(|_| barrier()));
        done.store(true, Relaxed);
        time
    })
}

#[cfg(target_os = "linux")]
mod system {
    use rustix::thread::{MembarrierCommand, membarrier};

    pub(super) fn prepare() {
        let _refused = membarrier(MembarrierCommand::RegisterPrivateExpedited);
    }

    pub(super) fn barrier() {
        let _refused = membarrier(MembarrierCommand::PrivateExpedited);
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::sync::atomic::{Ordering::SeqCst, fence};

    pub(super) fn prepare() {}

    pub(super) fn barrier() {
        fence(SeqCst);
    }
}

use system::{barrier, prepare};
