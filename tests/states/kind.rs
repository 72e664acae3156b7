//! Six kinds of what a thread may do in a span.

use std::{
    fs::{self, File},
    hint::black_box,
    io::{self, Read, Seek, SeekFrom, Write},
    os::fd::AsRawFd,
    os::unix::net::UnixStream,
    path::Path,
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

/// What is done in the spans of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Compute,
    Sleep,
    Lock,
    Receive,
    Sync,
    Fault,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Compute, Self::Sleep, Self::Lock, Self::Receive, Self::Sync, Self::Fault];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Compute => "compute",
            Self::Sleep => "sleep",
            Self::Lock => "lock",
            Self::Receive => "receive",
            Self::Sync => "sync",
            Self::Fault => "fault",
        }
    }
}

/// What it takes to do each of them for about so long.
pub(crate) struct Means {
    length: Duration,
    lock: Arc<Mutex<()>>,
    /// Asks a second thread to hold the lock, or to answer after a while.
    ask: mpsc::Sender<Ask>,
    held: mpsc::Receiver<()>,
    stream: UnixStream,
    file: File,
    pages: File,
}

enum Ask {
    Hold,
    Answer,
}

/// How much is read of a file whose pages are not in memory.
const PAGES: usize = 64 * 4_096;

impl Means {
    /// For stretches of about so long, with files in a folder.
    pub(crate) fn new(length: Duration, folder: &Path) -> io::Result<Self> {
        let lock = Arc::new(Mutex::new(()));
        let (ask, asked) = mpsc::channel();
        let (tell, held) = mpsc::channel();
        let (stream, mut other) = UnixStream::pair()?;
        let theirs = Arc::clone(&lock);
        thread::spawn(move || {
            for ask in asked {
                match ask {
                    Ask::Hold => {
                        let held = theirs.lock();
                        let _ = tell.send(());
                        thread::sleep(length);
                        drop(held);
                    }
                    Ask::Answer => {
                        thread::sleep(length);
                        let _ = other.write_all(&[1]);
                    }
                }
            }
        });
        let file = File::create(folder.join("synced"))?;
        let path = folder.join("pages");
        fs::write(&path, vec![7; PAGES])?;
        let pages = File::open(path)?;
        File::sync_all(&File::open(folder.join("pages"))?)?;
        Ok(Self { length, lock, ask, held, stream, file, pages })
    }

    /// What has to be done before a span begins.
    pub(crate) fn prepare(&mut self, kind: Kind) -> io::Result<()> {
        match kind {
            Kind::Lock => {
                let _ = self.ask.send(Ask::Hold);
                let _ = self.held.recv();
            }
            Kind::Receive => {
                let _ = self.ask.send(Ask::Answer);
            }
            Kind::Fault => self.make_cold()?,
            Kind::Sync => {
                self.file.seek(SeekFrom::Start(0))?;
            }
            Kind::Compute | Kind::Sleep => {}
        }
        Ok(())
    }

    /// Puts the file's pages out of memory, to be read from its beginning.
    fn make_cold(&mut self) -> io::Result<()> {
        // SAFETY: gives advice about a file that is open.
        unsafe {
            libc::posix_fadvise(self.pages.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED);
        }
        self.pages.seek(SeekFrom::Start(0)).map(drop)
    }

    /// Does it.
    pub(crate) fn act(&mut self, kind: Kind) -> io::Result<()> {
        let until = Instant::now() + self.length;
        match kind {
            Kind::Compute => {
                while Instant::now() < until {
                    black_box((0..64_u64).fold(1, u64::wrapping_add));
                }
            }
            Kind::Sleep => thread::sleep(self.length),
            Kind::Lock => drop(self.lock.lock()),
            Kind::Receive => self.stream.read_exact(&mut [0])?,
            Kind::Sync => {
                while Instant::now() < until {
                    self.file.write_all(&[3; 4_096])?;
                    self.file.sync_data()?;
                }
            }
            Kind::Fault => {
                let mut buffer = [0; 4_096];
                while Instant::now() < until {
                    if self.pages.read(&mut buffer)? == 0 {
                        // A fast disk reads all of it sooner.
                        self.make_cold()?;
                    }
                    black_box(&buffer);
                }
            }
        }
        Ok(())
    }
}
