//! Pages of a file that are read when they are touched.

use std::{
    fs::OpenOptions,
    hint::black_box,
    io::{self, Write},
    os::fd::AsRawFd,
    ptr,
};

use tracing::info_span;

const PAGE: usize = 4_096;
/// So far from one another that a disk does not read one with another.
const APART: usize = 31;

/// Touches so many pages of a file that are on its disk alone, each in a span.
pub(crate) fn touch(pages: usize) -> String {
    match try_touch(pages) {
        Ok(sum) => format!("{pages} pages, of {sum} in all"),
        Err(error) => format!("no pages: {error}"),
    }
}

fn try_touch(pages: usize) -> io::Result<usize> {
    let length = pages * APART * PAGE;
    let mut options = OpenOptions::new();
    let mut file = options.read(true).write(true).create(true).truncate(true).open("cold")?;
    file.write_all(&vec![1; length])?;
    file.sync_all()?;
    // SAFETY: advice about an open file, and a mapping of it that nobody has.
    let start = unsafe {
        libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED);
        let (access, shared) = (libc::PROT_READ, libc::MAP_SHARED);
        let map = libc::mmap(ptr::null_mut(), length, access, shared, file.as_raw_fd(), 0);
        libc::madvise(map, length, libc::MADV_RANDOM);
        map
    };
    if start == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    let touch = |page: usize| {
        let byte = start.cast::<u8>().wrapping_add(page * APART * PAGE);
        // SAFETY: the page is of the mapping, and as long as the file.
        let byte = unsafe { byte.read_volatile() };
        usize::from(black_box(byte))
    };
    let sum = (0..pages).map(|page| info_span!("job").in_scope(|| touch(page))).sum();
    // SAFETY: it was mapped above, and nobody has a reference into it.
    unsafe { libc::munmap(start, length) };
    Ok(sum)
}
