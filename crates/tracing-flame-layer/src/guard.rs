//! A file that is written at a program's end.

use std::{
    fmt, fs,
    io::{self, BufWriter, Write},
    mem,
    path::{Path, PathBuf},
};

use crate::{
    Flame,
    render::{Format, Options},
};

/// Writes what a [`Flame`] has recorded as it is dropped: see [`Flame::write_on_drop`].
#[must_use = "the file is written as this is dropped"]
pub struct WriteOnDrop {
    flame: Flame,
    path: PathBuf,
    format: Format,
    options: Options,
    is_written: bool,
}

impl Flame {
    /// Writes a file when what this returns is dropped: at the end of `main`, at an early
    /// return, as a panic unwinds. The path's extension says in which [`Format`].
    ///
    /// Dropped, it writes what was recorded up to then beside the file and renames it, so that
    /// the file is whole or what it was. Where that fails it says so on standard error;
    /// [`WriteOnDrop::finish`] returns it. A program that ends by a signal or by
    /// `std::process::exit` drops nothing: `reth-cli-ext` is for those.
    ///
    /// ```no_run
    /// use tracing_flame_layer::FlameLayer;
    /// use tracing_subscriber::{filter::LevelFilter, prelude::*, registry};
    ///
    /// fn main() -> std::io::Result<()> {
    ///     let (layer, flame) = FlameLayer::new();
    ///     registry().with(layer.with_filter(LevelFilter::DEBUG)).init();
    ///     let _flame = flame.write_on_drop("flamegraph.html")?;
    ///     // ... the program ...
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If no format has the path's extension, or nothing can be written in its directory, which
    /// is tried.
    pub fn write_on_drop(&self, path: impl Into<PathBuf>) -> io::Result<WriteOnDrop> {
        let path = path.into();
        let invalid = |unknown| io::Error::new(io::ErrorKind::InvalidInput, unknown);
        let format = Format::from_path(&path).map_err(invalid)?;
        let draft = draft(&path);
        fs::File::create(&draft)
            .and_then(|_| fs::remove_file(&draft))
            .map_err(|error| naming(&path, &error))?;
        let (flame, options) = (self.clone(), Options::default());
        Ok(WriteOnDrop { flame, path, format, options, is_written: false })
    }
}

impl WriteOnDrop {
    /// How the file is written. Defaults to [`Options::default`].
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Writes the file now, and not when this is dropped.
    ///
    /// # Errors
    ///
    /// If it cannot be written; what was there before is there then.
    pub fn finish(mut self) -> io::Result<()> {
        self.write()
    }

    fn write(&mut self) -> io::Result<()> {
        if mem::replace(&mut self.is_written, true) {
            return Ok(());
        }
        let draft = draft(&self.path);
        let written = self.draw(&draft).and_then(|()| fs::rename(&draft, &self.path));
        written.map_err(|error| {
            let _ = fs::remove_file(&draft);
            naming(&self.path, &error)
        })
    }

    fn draw(&self, draft: &Path) -> io::Result<()> {
        let mut writer = BufWriter::new(fs::File::create(draft)?);
        self.flame.snapshot().write(self.format, &mut writer, &self.options)?;
        writer.flush()
    }
}

impl Drop for WriteOnDrop {
    fn drop(&mut self) {
        if let Err(error) = self.write() {
            // Without a standard error there is nobody to tell.
            let _ = writeln!(io::stderr(), "no flamegraph: {error}");
        }
    }
}

impl fmt::Debug for WriteOnDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteOnDrop").field("path", &self.path).finish_non_exhaustive()
    }
}

/// What is written before it is renamed: another for each process, so that two that write one
/// file do not write into each other's.
fn draft(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    // There is one process in WebAssembly, and it has no number.
    let process = if cfg!(target_family = "wasm") { 0 } else { std::process::id() };
    name.push(format!(".{process}.part"));
    name.into()
}

fn naming(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{}`: {error}", path.display()))
}
