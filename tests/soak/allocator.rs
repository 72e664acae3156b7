//! The system's allocator, which knows how much it has handed out.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// Bytes handed out and not taken back.
static LIVE: AtomicUsize = AtomicUsize::new(0);

pub(crate) fn live() -> u64 {
    LIVE.load(Relaxed) as u64
}

/// Begins the program anew where the system's allocator is glibc's, and nothing else is
/// said of that: it then keeps little of what it is given back. What it keeps otherwise,
/// 240 kB for each thread and 128 kB on top of each arena, fills for hours and hides what
/// the program takes.
pub(crate) fn keep_little() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    glibc::keep_little();
}

#[derive(Debug)]
pub(crate) struct Allocator;

// SAFETY: what it hands out is the system allocator's.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Relaxed);
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Relaxed);
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_add(size, Relaxed);
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise, passed on.
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise, passed on.
        unsafe { System.dealloc(old, layout) }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    use std::{
        env,
        os::unix::process::CommandExt,
        process::{self, Command},
    };

    /// Read once, as a program begins.
    const TUNABLES: &str = "GLIBC_TUNABLES";
    const LITTLE: &str =
        "glibc.malloc.tcache_count=0:glibc.malloc.trim_threshold=0:glibc.malloc.top_pad=0";

    pub(super) fn keep_little() {
        if env::var_os(TUNABLES).is_some() {
            return;
        }
        let begin = |program| {
            let arguments = env::args_os().skip(1);
            Command::new(program).args(arguments).env(TUNABLES, LITTLE).exec()
        };
        let (Ok(error) | Err(error)) = env::current_exe().map(begin);
        eprintln!("flame-soak could not begin anew: {error}");
        process::exit(1);
    }
}
