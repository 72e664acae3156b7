//! Rows of numbers, most of which are small or nought, in a few bytes each.
//!
//! A stack has some fifteen numbers, and a large call tree a million stacks that
//! were visited once or twice. Eight bytes a number would be hundreds of
//! megabytes; here a number takes a byte for each seven bits it has
//! ([LEB128](https://en.wikipedia.org/wiki/LEB128)), and noughts at a row's end
//! take nothing. Rows are written and read one after the other, or read anywhere.

/// Rows of numbers. One is the same as another that has noughts behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Packed {
    bytes: Vec<u8>,
    /// Where each row ends.
    ends: Vec<usize>,
}

impl Packed {
    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Appends a row.
    pub(crate) fn push(&mut self, numbers: impl IntoIterator<Item = u64>) {
        write(numbers, &mut self.bytes);
        self.ends.push(self.bytes.len());
    }

    /// Puts another row in the place of one. Moves all that stands behind it.
    pub(crate) fn replace(&mut self, row: usize, numbers: impl IntoIterator<Item = u64>) {
        let old = self.range(row);
        let mut bytes = Vec::new();
        write(numbers, &mut bytes);
        for end in self.ends.iter_mut().skip(row) {
            *end = *end - old.len() + bytes.len();
        }
        self.bytes.splice(old, bytes);
    }

    /// The numbers of a row, none where there is no such row.
    pub(crate) fn row(&self, row: usize) -> Numbers<'_> {
        Numbers(self.bytes.get(self.range(row)).unwrap_or_default())
    }

    fn range(&self, row: usize) -> std::ops::Range<usize> {
        let end = |row: usize| self.ends.get(row).copied().unwrap_or(self.bytes.len());
        row.checked_sub(1).map_or(0, end)..end(row)
    }
}

/// Appends numbers up to the last that is not nought.
fn write(numbers: impl IntoIterator<Item = u64>, bytes: &mut Vec<u8>) {
    let mut end = bytes.len();
    for mut number in numbers {
        let is_nought = number == 0;
        while number > 0x7f {
            bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        if !is_nought {
            end = bytes.len();
        }
    }
    bytes.truncate(end);
}

/// The numbers of a row.
#[derive(Clone, Debug)]
pub(crate) struct Numbers<'p>(&'p [u8]);

impl Numbers<'_> {
    /// Whether nothing but noughts is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Passes over so many numbers.
    pub(crate) fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.take();
        }
    }

    /// The next number; nought behind the last.
    #[inline]
    pub(crate) fn take(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        while let Some((&byte, rest)) = self.0.split_first() {
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        number
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn packed(rows: &[&[u64]]) -> Packed {
        let mut packed = Packed::default();
        rows.iter().for_each(|row| packed.push(row.iter().copied()));
        packed
    }

    fn first<const N: usize>(packed: &Packed, row: usize) -> [u64; N] {
        let mut numbers = packed.row(row);
        std::array::from_fn(|_| numbers.take())
    }

    #[test]
    fn numbers_of_any_size_are_read_as_they_were_written() {
        let numbers: Vec<u64> = (0..64).flat_map(|bit| [1 << bit, (1 << bit) - 1]).collect();
        let packed = packed(&[&[7], &numbers, &[u64::MAX, 1]]);
        let mut row = packed.row(1);
        assert!(numbers.iter().all(|number| row.take() == *number));
        assert!(row.is_empty());
        assert_eq!(first(&packed, 0), [7]);
        assert_eq!(first(&packed, 2), [u64::MAX, 1, 0]);
    }

    #[test]
    fn noughts_at_the_end_take_no_room_and_make_no_difference() {
        let short = packed(&[&[], &[0, 3], &[]]);
        assert_eq!(packed(&[&[0, 0], &[0, 3, 0], &[0]]), short);
        assert_eq!((short.len(), short.bytes.len()), (3, 2));
        assert_eq!(first(&short, 1), [0, 3, 0]);
        assert!(short.row(0).is_empty() && short.row(9).is_empty());
    }

    #[test]
    fn a_row_is_replaced_and_those_around_it_stay() {
        let mut rows = packed(&[&[1], &[2, 300], &[3]]);
        rows.replace(1, [70_000, 5]);
        assert_eq!(rows, packed(&[&[1], &[70_000, 5], &[3]]));
        rows.replace(1, []);
        rows.replace(2, [4, 4]);
        assert_eq!(rows, packed(&[&[1], &[], &[4, 4]]));
    }
}
