//! Choices, made by bytes.

/// Bytes of which each choice takes some; noughts where they end. What stands at one
/// place means the same whatever is changed at others, but for what is longer or
/// shorter before it.
pub(crate) struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let first = self.0.split_off_first();
        first.copied().unwrap_or_default()
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.byte() % 2 == 1
    }

    /// A number below one of at most 256.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::from(self.byte()) % bound
    }

    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// A number below 2 to the `bits`, of any magnitude.
    pub(crate) fn number(&mut self, bits: u8) -> u64 {
        let magnitude = self.byte() % bits;
        (u64::from(self.byte()) << magnitude >> 7).min((1 << bits) - 1)
    }

    /// Bytes as text, fewer than 256.
    pub(crate) fn text(&mut self) -> String {
        let length = self.below(256).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }
}
