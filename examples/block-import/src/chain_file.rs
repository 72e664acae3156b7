//! Reading and writing a chain as a file: the blocks' RLP, one after another,
//! as `geth export` and hivechain write it.
//!
//! Blocks are read one at a time, so a file may be larger than memory.

use crate::error::{Error, Verdict};
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};
use tracing::instrument;

/// A length that no block reaches, so that a damaged file cannot ask for all memory.
const MAX_BLOCK_BYTES: u64 = 256 << 20;

/// Reads a chain file block by block.
#[derive(Debug)]
pub struct ChainFile {
    reader: BufReader<File>,
    path: PathBuf,
    offset: u64,
    bytes: u64,
}

impl ChainFile {
    /// Opens the file.
    ///
    /// # Errors
    ///
    /// Where it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::file(path, "open"))?;
        let metadata = file.metadata().map_err(Error::file(path, "open"))?;
        if metadata.is_dir() {
            let why = io::Error::from(io::ErrorKind::IsADirectory);
            return Err(Error::file(path, "read")(why));
        }
        let reader = BufReader::with_capacity(1 << 16, file);
        Ok(Self { reader, path: path.to_owned(), offset: 0, bytes: metadata.len() })
    }

    /// How many bytes the file has.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many of them have been read.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads the bytes of the next block, `None` at the end of the file.
    ///
    /// `number` is what the block should be; it is only to name it in an error.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, ends inside a block, or holds no RLP list.
    #[instrument(level = "debug", name = "read_block", skip_all)]
    pub fn next_block(&mut self, number: u64) -> Result<Option<Vec<u8>>, Error> {
        let at_end = self.reader.fill_buf().map_err(Error::file(&self.path, "read"))?.is_empty();
        if at_end {
            return Ok(None);
        }
        let offset = self.offset;
        let item = read_list(&mut self.reader).map_err(|fault| match fault {
            ListFault::Io(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
                Error::file(&self.path, "read")(source)
            }
            ListFault::Io(_) => {
                let why =
                    format_args!("the file ends inside the block, which begins at byte {offset}");
                Verdict::on(number).unusable("rlp", why).into()
            }
            ListFault::NotAList(why) => {
                Verdict::on(number).unusable("rlp", format_args!("{why} at byte {offset}")).into()
            }
        })?;
        self.offset += item.len() as u64;
        Ok(Some(item))
    }
}

enum ListFault {
    Io(io::Error),
    NotAList(&'static str),
}

impl From<io::Error> for ListFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads one RLP list, header and all.
fn read_list(reader: &mut impl Read) -> Result<Vec<u8>, ListFault> {
    let mut item = vec![0];
    reader.read_exact(&mut item)?;
    let payload = match item[0] {
        first @ 0xc0..=0xf7 => u64::from(first - 0xc0),
        first @ 0xf8..=0xff => {
            let mut length = [0; 8];
            let width = usize::from(first - 0xf7);
            reader.read_exact(&mut length[8 - width..])?;
            item.extend_from_slice(&length[8 - width..]);
            u64::from_be_bytes(length)
        }
        _ => return Err(ListFault::NotAList("not an RLP list")),
    };
    if payload > MAX_BLOCK_BYTES {
        return Err(ListFault::NotAList("an RLP list longer than any block"));
    }
    let read = reader.take(payload).read_to_end(&mut item)?;
    if (read as u64) < payload {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    Ok(item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn blocks_in(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mut chain = ChainFile::open(file.path())?;
        std::iter::from_fn(|| chain.next_block(1).transpose()).collect()
    }

    #[test]
    fn lists_come_back_byte_for_byte() {
        let short = vec![0xc2, 1, 2];
        let long: Vec<u8> = [vec![0xf8, 60], vec![7; 60]].concat();
        assert_eq!(blocks_in(&[short.clone(), long.clone()].concat()).unwrap(), [short, long]);
    }

    #[test]
    fn an_empty_file_has_no_blocks() {
        assert!(blocks_in(&[]).unwrap().is_empty());
    }

    #[test]
    fn a_cut_or_damaged_file_is_refused_with_the_place() {
        for (bytes, said) in [
            (&[0xc2, 1][..], "ends inside the block, which begins at byte 0"),
            (&[0xc1, 1, 0xf9, 1], "ends inside the block, which begins at byte 2"),
            (&[0xc1, 1, 0x80], "not an RLP list at byte 2"),
            (&[0xff; 9], "longer than any block at byte 0"),
        ] {
            let message = blocks_in(bytes).unwrap_err().to_string();
            assert!(message.starts_with("block 1: rlp: "), "{message}");
            assert!(message.ends_with(said), "{message}");
        }
    }
}
