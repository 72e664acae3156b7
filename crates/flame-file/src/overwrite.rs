//! Files that are written in place, since nothing can be renamed over them.

use std::{
    fs::{File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::Path,
};

use crate::{descriptor::keep_off_standard_streams, quiet::Quiet};

/// Writes a file's whole content over what is there.
///
/// What the earlier content has no room for is written first: where the disk or a
/// limit has none for it either, the earlier content is whole.
pub(crate) fn overwrite(path: &Path, content: &[u8]) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    let file = keep_off_standard_streams(file)?;
    let earlier = file.metadata()?.len();
    let (within, beyond) =
        content.split_at(content.len().min(usize::try_from(earlier).unwrap_or(usize::MAX)));
    let longer = write_at(&file, earlier, beyond).and_then(|()| file.sync_all());
    if let Err(why) = longer {
        // The error that is told is the one that came first.
        let _ = file.set_len(earlier);
        return Err(why);
    }
    write_at(&file, 0, within)?;
    file.set_len(content.len() as u64)?;
    file.sync_all()
}

fn write_at(mut file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    Quiet(file).write_all(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn shorter_longer_and_new_content_are_all_there_is_afterwards() {
        let directory = tempfile::TempDir::new().expect("a directory");
        let path = directory.path().join("a");
        for content in ["new", "longer than that", "short", ""] {
            overwrite(&path, content.as_bytes()).expect("room");
            assert_eq!(fs::read_to_string(&path).expect("text"), content);
        }
    }
}
