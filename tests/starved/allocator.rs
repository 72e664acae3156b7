//! The system's allocator, which fails where it is told to.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    ptr,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
};

use tracing::Span;

/// Which allocations fail, of those in callbacks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    None,
    Only(u64),
    From(u64),
    EachOther,
    /// None: the allocator enters and exits a span of the host's, each time.
    Spans,
}

/// The span that the allocator enters.
static SPAN: Mutex<Option<Span>> = Mutex::new(None);
static MAKES_SPANS: AtomicBool = AtomicBool::new(false);

/// From here on the allocator enters that span, where it is told to.
pub(crate) fn set_span(span: Option<Span>) {
    *SPAN.lock().expect("no panic") = span;
}

/// Callbacks in the middle of a callback, if they are wanted.
fn call_back() {
    if MAKES_SPANS.load(SeqCst)
        && let Ok(span) = SPAN.try_lock()
        && let Some(span) = &*span
    {
        let was_in = IN_CALLBACK.replace(false);
        span.in_scope(|| ());
        IN_CALLBACK.set(was_in);
    }
}

thread_local! {
    /// Whether this thread is in a callback of the layer's.
    static IN_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

static SEEN: AtomicU64 = AtomicU64::new(0);
/// The first to fail and the one after the last; every `STEP`-th of them.
static FIRST: AtomicU64 = AtomicU64::new(u64::MAX);
static END: AtomicU64 = AtomicU64::new(u64::MAX);
static STEP: AtomicU64 = AtomicU64::new(1);

/// From here on allocations in callbacks are counted, and fail.
pub(crate) fn begin(fault: Fault) {
    let (first, end, step) = match fault {
        Fault::None | Fault::Spans => (u64::MAX, u64::MAX, 1),
        Fault::Only(at) => (at, at + 1, 1),
        Fault::From(at) => (at, u64::MAX, 1),
        Fault::EachOther => (0, u64::MAX, 2),
    };
    MAKES_SPANS.store(matches!(fault, Fault::Spans), SeqCst);
    SEEN.store(0, SeqCst);
    FIRST.store(first, SeqCst);
    END.store(end, SeqCst);
    STEP.store(step, SeqCst);
}

/// No more; returns how many there were.
pub(crate) fn end() -> u64 {
    MAKES_SPANS.store(false, SeqCst);
    FIRST.store(u64::MAX, SeqCst);
    SEEN.load(SeqCst)
}

/// Runs a callback of the layer's.
pub(crate) fn in_callback<T>(callback: impl FnOnce() -> T) -> T {
    let outer = IN_CALLBACK.replace(true);
    let result = callback();
    IN_CALLBACK.set(outer);
    result
}

fn fails() -> bool {
    if !IN_CALLBACK.get() {
        return false;
    }
    call_back();
    let number = SEEN.fetch_add(1, SeqCst);
    let first = FIRST.load(SeqCst);
    number >= first
        && number < END.load(SeqCst)
        && (number - first).is_multiple_of(STEP.load(SeqCst))
}

#[derive(Debug)]
pub(crate) struct Allocator;

// SAFETY: what it hands out is the system allocator's, or null, which means that
// there is no memory.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if fails() {
            return ptr::null_mut();
        }
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if fails() {
            return ptr::null_mut();
        }
        // SAFETY: the caller's promise, passed on.
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise, passed on.
        unsafe { System.dealloc(old, layout) }
    }
}
