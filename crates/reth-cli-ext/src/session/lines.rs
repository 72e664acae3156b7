//! A file with a line of JSON for each slow operation.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use tracing_flame_layer::profile::Operation;

use super::run::contained;

/// Appends all lines in one write, so that another who appends comes before or after them. The
/// file is opened anew each time: who moves it away gets another.
pub(super) fn append(path: &Path, slow: &[Operation]) -> Result<(), String> {
    let write = || -> io::Result<()> {
        let mut lines = Vec::new();
        for operation in slow {
            operation.write_record(&mut lines)?;
            lines.push(b'\n');
        }
        flame_file::quietly(|| open(path)?.write_all(&lines))
    };
    contained(|| write().map_err(|why| why.to_string()))
        .and_then(|written| written)
        .map_err(|why| format!("{}: {why}", path.display()))
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    // A pipe that nobody reads is an error, and nobody waits for a reader.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    options.open(path)
}
