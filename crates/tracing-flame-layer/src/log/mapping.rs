//! Memory for chunks, from the system, 64 at a time.

use std::{alloc::Layout, ptr};

use super::chunk::Chunk;

/// Places of a mapping. The first one holds its [`Head`].
const PLACES: usize = super::sync::sized(64, 8);

/// All mappings, as a list from the latest to the first.
#[derive(Debug)]
pub(super) struct Mappings {
    latest: *mut Head,
    /// How many places of the latest are used.
    begun: usize,
}

struct Head {
    before: *mut Head,
}

// SAFETY: the pointers are to memory of this list alone, which knows no threads.
unsafe impl Send for Mappings {}

impl Default for Mappings {
    fn default() -> Self {
        Self { latest: ptr::null_mut(), begun: PLACES }
    }
}

impl Mappings {
    /// Zeroed memory for a chunk that nobody has used; `None` where there is none.
    pub(super) fn begin(&mut self) -> Option<*mut Chunk> {
        if self.begun >= PLACES {
            let mapping: *mut Head = map()?.cast();
            // SAFETY: the memory was just mapped, and a place is larger than a head.
            unsafe { mapping.write(Head { before: self.latest }) };
            (self.latest, self.begun) = (mapping, 1);
        }
        // SAFETY: there are so many places behind the first.
        let place = unsafe { self.latest.cast::<Chunk>().add(self.begun) };
        self.begun = self.begun.wrapping_add(1);
        Some(place)
    }
}

impl Drop for Mappings {
    fn drop(&mut self) {
        while !self.latest.is_null() {
            let mapping = self.latest;
            // SAFETY: `begin` made the list, and nobody uses a chunk of it any more.
            self.latest = unsafe { mapping.read() }.before;
            // SAFETY: `map` made it, and it is unmapped once.
            unsafe { unmap(mapping.cast()) };
        }
    }
}

const LAYOUT: Layout = Layout::new::<[Chunk; PLACES]>();

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
fn map() -> Option<*mut u8> {
    let (access, kind) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping anywhere touches no memory that is there.
    let memory = unsafe { libc::mmap(ptr::null_mut(), LAYOUT.size(), access, kind, -1, 0) };
    (memory != libc::MAP_FAILED).then_some(memory.cast())
}

/// # Safety
///
/// [`map`] returned it, and nobody uses it any more.
#[cfg(all(target_os = "linux", not(loom), not(miri)))]
unsafe fn unmap(memory: *mut u8) {
    // SAFETY: the caller's promise.
    unsafe { libc::munmap(memory.cast(), LAYOUT.size()) };
}

#[cfg(not(all(target_os = "linux", not(loom), not(miri))))]
fn map() -> Option<*mut u8> {
    // SAFETY: the layout has a size.
    let memory = unsafe { std::alloc::alloc_zeroed(LAYOUT) };
    (!memory.is_null()).then_some(memory)
}

/// # Safety
///
/// [`map`] returned it, and nobody uses it any more.
#[cfg(not(all(target_os = "linux", not(loom), not(miri))))]
unsafe fn unmap(memory: *mut u8) {
    // SAFETY: the caller's promise, and the layout that it was made with.
    unsafe { std::alloc::dealloc(memory, LAYOUT) };
}
