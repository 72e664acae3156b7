//! Which files are mapped where in this process, as `/proc/self/maps` says (`proc(5)`).

use std::{fs::File, io::Read};

/// As much of it is read: some ten thousand mappings. Files behind that have no names.
const MOST_BYTES: u64 = 1 << 20;

/// The files that were mapped when they were looked at.
#[derive(Debug, Default)]
pub(crate) struct Mappings {
    text: Vec<u8>,
    /// In the order of their addresses.
    files: Vec<Mapping>,
}

/// A stretch of addresses at which a file is mapped.
#[derive(Debug)]
struct Mapping {
    from: u64,
    to: u64,
    /// Where the file's device, its inode and its name are in the text.
    identity: (usize, usize),
    name: (usize, usize),
}

/// A file that is mapped at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MappedFile<'a> {
    identity: &'a [u8],
    /// Its path, if that is UTF-8; one that was removed has ` (deleted)` behind it.
    pub(crate) name: &'a str,
}

impl Mappings {
    /// Those of this process; none where they cannot be read, or there is no memory.
    pub(crate) fn of_this_process() -> Self {
        let mut text = Vec::new();
        let read = File::open("/proc/self/maps")
            .and_then(|maps| maps.take(MOST_BYTES).read_to_end(&mut text));
        if read.is_err() { Self::default() } else { Self::of(text) }
    }

    pub(crate) fn of(text: Vec<u8>) -> Self {
        let mut files = Vec::new();
        let mut at = 0;
        for line in text.split(|byte| *byte == b'\n') {
            if let Some(mapping) = mapping(line, at)
                && files.try_reserve(1).is_ok()
            {
                files.push(mapping);
            }
            at = at.saturating_add(line.len()).saturating_add(1);
        }
        Self { text, files }
    }

    /// The file that is mapped at an address.
    pub(crate) fn at(&self, address: u64) -> Option<MappedFile<'_>> {
        let next = self.files.partition_point(|mapping| mapping.to <= address);
        let mapping = self.files.get(next).filter(|mapping| mapping.from <= address)?;
        let of = |(from, to): (usize, usize)| self.text.get(from..to);
        let name = std::str::from_utf8(of(mapping.name)?).ok()?;
        Some(MappedFile { identity: of(mapping.identity)?, name })
    }
}

/// What a line says that begins so far into the text, if it is about a file:
/// `from-to access offset device inode      name`, numbers in hexadecimal but for the inode.
fn mapping(line: &[u8], at: usize) -> Option<Mapping> {
    let name = line.iter().position(|byte| *byte == b'/')?;
    let text = std::str::from_utf8(line.get(..name)?).ok()?;
    let mut words = text.split_ascii_whitespace();
    let (from, to) = words.next()?.split_once('-')?;
    let address = |text: &str| u64::from_str_radix(text, 16).ok();
    let (from, to) = (address(from)?, address(to)?);
    let device = words.nth(2)?;
    // Words of a text are where they stand in it.
    let identity = device.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let place = |within: usize| at.checked_add(within);
    let identity = (place(identity)?, place(text.trim_ascii_end().len())?);
    Some(Mapping { from, to, identity, name: (place(name)?, place(line.len())?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
55d000-55e000 r--p 00000000 fe:00 131 /usr/bin/host
55e000-560000 rw-p 00000000 00:00 0                                      [heap]
7f0000000000-7f0000400000 rw-s 00001000 08:01 42                         /data/a b/mdbx.dat
7f0000400000-7f0000500000 rw-p 00000000 00:00 0
7f0000500000-7f0000600000 r--s 00000000 08:02 42                         /data/gone (deleted)
7f0000600000-7f00";

    #[test]
    fn an_address_is_of_the_file_that_is_mapped_there() {
        let mappings = Mappings::of(TEXT.as_bytes().to_vec());
        let name = |address: u64| mappings.at(address).map(|file| file.name);
        assert_eq!(name(0x55d000), Some("/usr/bin/host"));
        assert_eq!(name(0x55dfff), Some("/usr/bin/host"));
        assert_eq!(name(0x55e000), None, "no file");
        assert_eq!(name(0x7f00_0000_0000), Some("/data/a b/mdbx.dat"));
        assert_eq!(name(0x7f00_0050_0000), Some("/data/gone (deleted)"));
        assert_eq!([name(0), name(0x7f00_0040_0000), name(u64::MAX)], [None; 3]);
    }

    #[test]
    fn a_file_is_told_by_its_device_and_inode() {
        let mappings = Mappings::of(TEXT.as_bytes().to_vec());
        let identity = |address| mappings.at(address).expect("a file").identity;
        assert_eq!(identity(0x7f00_0000_0000), b"08:01 42");
        assert_eq!(identity(0x7f00_0050_0000), b"08:02 42");
    }

    #[test]
    #[cfg(all(target_os = "linux", not(miri)))]
    fn the_code_of_this_process_is_a_files() {
        let here = the_code_of_this_process_is_a_files as fn();
        let own = Mappings::of_this_process();
        let found = own.at((here as *const ()).addr() as u64).expect("a program is a file");
        let program = std::env::current_exe().expect("a path");
        assert_eq!(found.name, program.to_str().expect("a path that can be read"));
    }
}
