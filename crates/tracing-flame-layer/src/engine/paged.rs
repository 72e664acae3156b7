//! Rows that readers are given as they are at one moment, without a copy of each.
//!
//! Rows lie in pages. A reader is given all pages, which takes a step a page, and nobody
//! changes a page that a reader may have: whoever changes a row of such a page goes on with
//! a copy of it, or with the page itself where all readers have let go of it. So what a
//! reader has stays as it was when it was given, whatever happens meanwhile, and it reads at
//! leisure.

use std::{ops::Index, sync::Arc};

use crate::room::Room;

/// A copy, where there is memory for it.
pub(crate) trait TryClone: Sized {
    fn try_clone(&self) -> Option<Self>;
}

/// Rows in pages of `N`.
#[derive(Debug)]
pub(crate) struct Paged<T, const N: usize> {
    pages: Vec<Page<T>>,
    length: usize,
    /// What is written here is lost: there was no memory for a copy of its page.
    lost: T,
    /// How often that happened.
    losses: u64,
}

/// A page: one of the two is there.
#[derive(Debug)]
struct Page<T> {
    own: Option<Vec<T>>,
    shared: Option<Arc<Vec<T>>>,
}

/// Rows as they were at a moment.
#[derive(Debug, Default)]
pub(crate) struct Pages<T> {
    pages: Vec<Arc<Vec<T>>>,
    length: usize,
}

impl<T: Default, const N: usize> Default for Paged<T, N> {
    fn default() -> Self {
        Self { pages: Vec::new(), length: 0, lost: T::default(), losses: 0 }
    }
}

impl<T: Default + TryClone, const N: usize> Paged<T, N> {
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Adds a row; `None` where there is no memory.
    pub(crate) fn try_push(&mut self, row: T) -> Option<()> {
        let page = self.length / N;
        if page == self.pages.len() {
            self.pages.try_push(Page { own: Some(Vec::new()), shared: None })?;
        }
        self.own_page(page)?.try_push(row)?;
        self.length += 1;
        Some(())
    }

    /// A row, to be changed.
    #[inline]
    pub(crate) fn at_mut(&mut self, at: usize) -> &mut T {
        if self.pages[at / N].own.is_none() {
            return self.shared_at_mut(at);
        }
        match &mut self.pages[at / N].own {
            Some(rows) => &mut rows[at % N],
            None => &mut self.lost,
        }
    }

    /// A row of a page that a reader may have.
    #[cold]
    fn shared_at_mut(&mut self, at: usize) -> &mut T {
        if self.own_page(at / N).is_none() {
            self.losses += 1;
        }
        match &mut self.pages[at / N].own {
            Some(rows) => &mut rows[at % N],
            None => &mut self.lost,
        }
    }

    /// A page that no reader has; `None` where that takes a copy and there is no memory.
    fn own_page(&mut self, page: usize) -> Option<&mut Vec<T>> {
        let page = &mut self.pages[page];
        if let Some(shared) = page.shared.take() {
            match Arc::try_unwrap(shared) {
                Ok(rows) => page.own = Some(rows),
                Err(shared) => {
                    page.own = copy(&shared);
                    // Else the row that is about to change is not changed.
                    page.shared = page.own.is_none().then_some(shared);
                }
            }
        }
        page.own.as_mut()
    }

    /// All rows as they are now. Takes memory: in no callback.
    pub(crate) fn share(&mut self) -> Pages<T> {
        let mut pages = Vec::with_capacity(self.pages.len());
        for page in &mut self.pages {
            if let Some(own) = page.own.take() {
                page.shared = Some(Arc::new(own));
            }
            pages.extend(page.shared.clone());
        }
        Pages { pages, length: self.length }
    }

    /// How often a change was lost, since this was asked last.
    pub(crate) fn take_losses(&mut self) -> u64 {
        std::mem::take(&mut self.losses)
    }
}

fn copy<T: TryClone>(rows: &[T]) -> Option<Vec<T>> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(rows.len()).ok()?;
    for row in rows {
        copy.push(row.try_clone()?);
    }
    Some(copy)
}

impl<T, const N: usize> Index<usize> for Paged<T, N> {
    type Output = T;

    #[inline]
    fn index(&self, at: usize) -> &T {
        let Page { own, shared } = &self.pages[at / N];
        match (own, shared) {
            (Some(rows), _) => &rows[at % N],
            (None, Some(rows)) => &rows[at % N],
            (None, None) => &self.lost,
        }
    }
}

impl<T> Pages<T> {
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.pages.iter().flat_map(|rows| rows.iter())
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// A row that can be copied or not.
    #[derive(Debug, Default)]
    struct Row(u32, bool);

    impl TryClone for Row {
        fn try_clone(&self) -> Option<Self> {
            (!self.1).then_some(Self(self.0, false))
        }
    }

    fn read<T: Copy>(pages: &Pages<Row>, of: impl Fn(&Row) -> T) -> Vec<T> {
        pages.iter().map(of).collect()
    }

    #[test]
    fn what_a_reader_has_stays_as_it_was() {
        let mut rows = Paged::<Row, 4>::default();
        let (mut expected, mut given) = (Vec::new(), Vec::new());
        for step in 0..1_000_usize {
            if step % 7 == 0 {
                rows.try_push(Row(step as u32, false)).expect("memory");
                expected.push(step as u32);
            }
            let at = step * 31 % expected.len();
            rows.at_mut(at).0 += 1;
            expected[at] += 1;
            if step % 11 == 0 {
                given.push((rows.share(), expected.clone()));
            }
            // Some readers let go of what they have.
            if step % 15 == 0 {
                given.swap_remove(step % given.len());
            }
            assert_eq!(rows[at].0, expected[at]);
        }
        for (pages, expected) in &given {
            assert_eq!((&read(pages, |row| row.0), pages.len()), (expected, expected.len()));
        }
        assert!(given.len() > 10);
    }

    #[test]
    fn a_page_that_no_reader_has_any_more_is_changed_and_not_copied() {
        let mut rows = Paged::<Row, 4>::default();
        rows.try_push(Row(1, true)).expect("memory");
        drop(rows.share());
        rows.at_mut(0).0 = 2;
        assert_eq!((rows[0].0, rows.take_losses()), (2, 0));
    }

    #[test]
    fn what_there_is_no_memory_to_copy_is_not_changed_and_counted() {
        let mut rows = Paged::<Row, 4>::default();
        rows.try_push(Row(1, true)).expect("memory");
        let pages = rows.share();
        rows.at_mut(0).0 = 2;
        assert_eq!((rows[0].0, rows.take_losses(), rows.take_losses()), (1, 1, 0));
        assert!(rows.try_push(Row(3, false)).is_none());
        assert_eq!(read(&pages, |row| row.0), [1]);
        drop(pages);
        rows.at_mut(0).0 = 2;
        assert_eq!(rows[0].0, 2);
    }
}
