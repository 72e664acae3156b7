//! The encoding of protocol buffers, as far as formats here need it: numbers in
//! groups of seven bits, and everything else with its length before it
//! (<https://protobuf.dev/programming-guides/encoding/>).

/// A message that is being written. Fields may come in any order.
#[derive(Debug, Default)]
pub(super) struct Message {
    bytes: Vec<u8>,
}

/// How a field's value is told from the next field.
#[derive(Clone, Copy)]
enum Wire {
    Number = 0,
    Fixed64 = 1,
    Length = 2,
}

impl Message {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A number; 0 is what a reader takes where there is none.
    pub(super) fn number(&mut self, field: u32, number: u64) {
        if number > 0 {
            self.present(field, number);
        }
    }

    /// A number, even if it is 0.
    pub(super) fn present(&mut self, field: u32, number: u64) {
        self.key(field, Wire::Number);
        push(&mut self.bytes, number);
    }

    /// A number that always takes eight bytes.
    pub(super) fn fixed64(&mut self, field: u32, number: u64) {
        self.key(field, Wire::Fixed64);
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    #[cfg(feature = "pprof")]
    pub(super) fn signed(&mut self, field: u32, number: i64) {
        self.number(field, number.cast_unsigned());
    }

    /// A list of numbers in one piece.
    #[cfg(feature = "pprof")]
    pub(super) fn numbers(&mut self, field: u32, numbers: impl IntoIterator<Item = u64>) {
        let mut packed = Vec::new();
        for number in numbers {
            push(&mut packed, number);
        }
        self.piece(field, &packed);
    }

    pub(super) fn text(&mut self, field: u32, text: &str) {
        self.piece(field, text.as_bytes());
    }

    /// A message in the message.
    pub(super) fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        write(&mut inner);
        self.piece(field, &inner.bytes);
    }

    fn piece(&mut self, field: u32, bytes: &[u8]) {
        self.key(field, Wire::Length);
        push(&mut self.bytes, bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    fn key(&mut self, field: u32, wire: Wire) {
        push(&mut self.bytes, u64::from(field << 3 | wire as u32));
    }
}

/// Seven bits a byte, the lowest first; the top bit says that more follow.
fn push(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// How many bytes a number takes.
#[cfg(feature = "pprof")]
pub(super) fn length(number: u64) -> usize {
    (64 - (number | 1).leading_zeros()).div_ceil(7) as usize
}

#[cfg(all(test, feature = "pprof"))]
mod tests {
    use super::*;

    #[test]
    fn fields_are_written_as_the_documentation_writes_them() {
        let mut message = Message::default();
        message.number(1, 150);
        message.text(2, "testing");
        message.message(3, |inner| inner.number(1, 150));
        message.numbers(6, [3, 270, 86_942]);
        message.number(7, 0);
        message.fixed64(8, 1);
        let expected =
            b"\x08\x96\x01\x12\x07testing\x1a\x03\x08\x96\x01\x32\x06\x03\x8e\x02\x9e\xa7\x05\x41\x01\0\0\0\0\0\0\0";
        assert_eq!(message.bytes(), expected);
    }

    #[test]
    fn a_number_takes_as_many_bytes_as_are_told() {
        for number in [0, 1, 127, 128, 16_383, 16_384, u64::MAX >> 1, u64::MAX] {
            let mut bytes = Vec::new();
            push(&mut bytes, number);
            assert_eq!(bytes.len(), length(number), "{number}");
        }
        let mut message = Message::default();
        message.signed(9, -2);
        assert_eq!(message.bytes(), b"\x48\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    }
}
