//! Hashing of keys that are numbers already.

use std::hash::Hasher;

/// Multiplies by 2⁶⁴ over the golden ratio and folds the high half down
/// (Knuth, The Art of Computer Programming, volume 3, section 6.4). Not
/// hardened against chosen keys: span ids and addresses are not a user's input.
#[derive(Debug, Default)]
pub(crate) struct IdHasher(u64);

impl IdHasher {
    #[inline]
    pub(crate) fn mix(key: u64) -> u64 {
        let product = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        product ^ (product >> 32)
    }
}

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = Self::mix(self.0.rotate_left(23) ^ key);
    }

    fn write_u32(&mut self, key: u32) {
        self.write_u64(u64::from(key));
    }

    fn write_usize(&mut self, key: usize) {
        self.write_u64(key as u64);
    }
}
