//! A table that grows without moving, so that other threads can read it while
//! its owner appends.
//!
//! Two levels of pages, each made on first use. An index is never moved and a
//! page is never freed before the table, so a reader needs no lock.

use super::{
    room::try_boxed,
    sync::{OnceLock, sized},
};

/// Entries a page holds.
pub(super) const PAGE: usize = sized(64, 4);
/// Pages a directory holds.
const DIRECTORY: usize = sized(256, 2);
/// Directories a table holds.
const DIRECTORIES: usize = sized(128, 1);

type Page<T> = Box<[T]>;
type Directory<T> = Box<[OnceLock<Page<T>>]>;

/// A table of up to 2²¹ entries, each made by `T::default()`
/// when its page is first written.
#[derive(Debug)]
pub(crate) struct Paged<T> {
    directories: Box<[OnceLock<Directory<T>>]>,
}

impl<T: Default> Paged<T> {
    /// The number of entries a table can hold.
    #[cfg(test)]
    pub(crate) const CAPACITY: usize = PAGE * DIRECTORY * DIRECTORIES;

    pub(crate) fn new() -> Self {
        let directories = std::iter::repeat_with(OnceLock::new).take(DIRECTORIES);
        Self { directories: directories.collect() }
    }

    /// The same in a callback; `None` where there is no memory.
    pub(crate) fn try_new() -> Option<Self> {
        Some(Self { directories: try_boxed(DIRECTORIES, OnceLock::new)? })
    }

    /// The entry at `index`, where its page has been made.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        let directory = self.directories.get(index / (PAGE * DIRECTORY))?.get()?;
        directory.get(index / PAGE % DIRECTORY)?.get()?.get(index % PAGE)
    }

    /// The entry at `index`, its page made first where it is missing; `None`
    /// past the last page, and where there is no memory.
    #[inline]
    pub(crate) fn get_or_make(&self, index: usize) -> Option<&T> {
        match self.get(index) {
            Some(entry) => Some(entry),
            None => self.make(index),
        }
    }

    #[cold]
    fn make(&self, index: usize) -> Option<&T> {
        let directory = self.directories.get(index / (PAGE * DIRECTORY))?;
        let directory = made(directory, || try_boxed(DIRECTORY, OnceLock::new))?;
        let page = directory.get(index / PAGE % DIRECTORY)?;
        made(page, || try_boxed(PAGE, T::default))?.get(index % PAGE)
    }

    /// The entries of a page; none where it has not been made.
    pub(crate) fn page(&self, page: usize) -> &[T] {
        let directory = self.directories.get(page / DIRECTORY).and_then(OnceLock::get);
        let page = directory.and_then(|pages| pages.get(page % DIRECTORY)?.get());
        page.map_or(&[], |entries| entries)
    }

    /// Every entry whose page has been made, with its index, in ascending order.
    #[expect(clippy::arithmetic_side_effects, reason = "all are less than the capacity")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.directories.iter().enumerate().flat_map(|(d, directory)| {
            let pages = directory.get().map_or(&[][..], |pages| pages);
            pages.iter().enumerate().flat_map(move |(p, page)| {
                let first = (d * DIRECTORY + p) * PAGE;
                let entries = page.get().map_or(&[][..], |entries| entries);
                entries.iter().enumerate().map(move |(e, entry)| (first + e, entry))
            })
        })
    }
}

/// What is there, or what `make` makes of it; another thread may be quicker.
pub(super) fn made<T>(place: &OnceLock<T>, make: impl FnOnce() -> Option<T>) -> Option<&T> {
    if place.get().is_none() {
        let made = make()?;
        return Some(place.get_or_init(|| made));
    }
    place.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_missing_until_its_page_is_made() {
        let table = Paged::<u8>::new();
        assert_eq!(table.get(70), None);
        assert_eq!(table.get_or_make(70), Some(&0));
        assert_eq!(table.get(64), Some(&0));
        assert_eq!(table.get(63), None);
    }

    #[test]
    fn the_first_entry_past_the_capacity_is_refused() {
        let table = Paged::<u8>::new();
        assert!(table.get_or_make(Paged::<u8>::CAPACITY - 1).is_some());
        assert!(table.get_or_make(Paged::<u8>::CAPACITY).is_none());
    }

    #[test]
    fn iteration_yields_made_pages_in_order_of_index() {
        let table = Paged::<u8>::new();
        table.get_or_make(40_000);
        table.get_or_make(3);
        let indices: Vec<_> = table.iter().map(|(index, _)| index).collect();
        let page_of = |i: usize| i / PAGE * PAGE..(i / PAGE + 1) * PAGE;
        assert_eq!(indices, page_of(3).chain(page_of(40_000)).collect::<Vec<_>>());
    }
}
