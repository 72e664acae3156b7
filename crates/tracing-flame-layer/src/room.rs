//! Memory that may not be there.
//!
//! A callback runs on the host's thread, which may have another use for the last
//! of its memory, or a limit. So nothing here ends the process where there is
//! none: it says so, and the span is lost and counted.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash},
};

/// Adds to the end where there is room, or can be.
pub(crate) trait Room<T> {
    /// `None` where there is no memory; nothing has changed then.
    fn try_push(&mut self, value: T) -> Option<()>;

    /// Room for as many in all, so that a push within it needs no memory.
    fn try_hold(&mut self, count: usize) -> Option<()>;

    /// Empties it. Its memory is kept, all or nothing, as giving a part of it back
    /// may need memory: unless it is for more than `most`.
    fn clear_beyond(&mut self, most: usize);
}

impl<T> Room<T> for Vec<T> {
    #[inline]
    fn try_push(&mut self, value: T) -> Option<()> {
        // Asked here, it is no call where there is room.
        if self.len() == self.capacity() {
            self.try_reserve(1).ok()?;
        }
        self.push(value);
        Some(())
    }

    fn try_hold(&mut self, count: usize) -> Option<()> {
        self.try_reserve(count.saturating_sub(self.len())).ok()
    }

    fn clear_beyond(&mut self, most: usize) {
        if self.capacity() > most {
            *self = Self::new();
        }
        self.clear();
    }
}

/// Adds to a map, or changes what is there; `None` where there is no memory.
/// Tells whether it is new.
pub(crate) fn try_insert<K: Eq + Hash, V, S: BuildHasher>(
    map: &mut HashMap<K, V, S>,
    key: K,
    value: V,
) -> Option<bool> {
    map.try_reserve(1).ok()?;
    Some(map.insert(key, value).is_none())
}

/// So many values side by side.
pub(crate) fn try_row<T>(length: usize, make: impl FnMut() -> T) -> Option<Vec<T>> {
    let mut row = Vec::new();
    row.try_reserve_exact(length).ok()?;
    row.extend(std::iter::repeat_with(make).take(length));
    Some(row)
}

/// A text of its own.
pub(crate) fn try_text(text: &str) -> Option<String> {
    let mut own = String::new();
    own.try_reserve_exact(text.len()).ok()?;
    own.push_str(text);
    Some(own)
}

/// Texts of one's own.
pub(crate) fn try_texts<'a>(
    texts: impl ExactSizeIterator<Item = Option<&'a String>>,
) -> Option<Vec<Option<String>>> {
    let mut own = Vec::new();
    own.try_reserve_exact(texts.len()).ok()?;
    for text in texts {
        own.push(match text {
            Some(text) => Some(try_text(text)?),
            None => None,
        });
    }
    Some(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_memory_for_is_there() {
        assert_eq!(try_text("héllo").as_deref(), Some("héllo"));
        assert_eq!(try_row(0, || ()).as_deref(), Some(&[][..]));
    }

    #[test]
    fn what_there_is_no_memory_for_is_not() {
        assert!(try_row(usize::MAX, || 0_u8).is_none());
        let mut numbers = vec![1_u64];
        assert_eq!(numbers.try_hold(usize::MAX), None);
        assert_eq!(numbers, [1]);
    }

    #[test]
    fn memory_is_kept_up_to_a_bound() {
        let mut numbers = Vec::with_capacity(4);
        numbers.push(1_u8);
        numbers.clear_beyond(4);
        assert_eq!((numbers.len(), numbers.capacity()), (0, 4));
        numbers.push(1);
        numbers.clear_beyond(3);
        assert_eq!((numbers.len(), numbers.capacity()), (0, 0));
    }
}
