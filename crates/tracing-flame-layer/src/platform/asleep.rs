//! What a thread that is asleep is in: a system call, and the file that it is about.
//!
//! Linux tells that of each thread in `/proc/self/task/TID/syscall` (`proc_pid_syscall(5)`):
//! the number of the call and its arguments; `-1` for a thread that sleeps and is in none; and
//! `running` for one that does not sleep. A process may ask that of its own threads.

#[cfg(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri)))]
pub(crate) use imp::{can_find, find};

use crate::profile::Reason;

/// What a thread was found in.
#[cfg_attr(
    not(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri))),
    allow(dead_code, reason = "nobody is found there")
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It does not sleep, or it cannot be known.
    Awake,
    /// It sleeps, and is in no system call.
    NoCall,
    /// It sleeps in one.
    Call(Reason),
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri))))]
pub(crate) fn find(_: i32) -> Found {
    Found::Awake
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri))))]
pub(crate) fn can_find() -> bool {
    false
}

#[cfg(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri)))]
mod imp {
    use std::{
        borrow::Cow,
        fs::{self, File},
        io::Read,
    };

    use super::{super::calls, Found};
    use crate::profile::{Reason, ReasonKind};

    /// As many bytes of a file's name are kept, its last ones.
    const MOST_NAME: usize = 200;

    /// Whether it can be found out what threads are in.
    pub(crate) fn can_find() -> bool {
        // SAFETY: asks for the calling thread's number.
        let thread = unsafe { libc::gettid() };
        // This one reads a file, and is in no other call.
        read(thread).is_some_and(|text| parse(&text).is_some())
    }

    /// What a thread of this process is in.
    pub(crate) fn find(thread: i32) -> Found {
        let text = read(thread);
        match text.as_deref().and_then(parse) {
            None => Found::Awake,
            Some(None) => Found::NoCall,
            Some(Some((number, argument))) => Found::Call(reason(number, argument)),
        }
    }

    fn read(thread: i32) -> Option<String> {
        let mut text = [0_u8; 256];
        let mut file = File::open(format!("/proc/self/task/{thread}/syscall")).ok()?;
        let length = file.read(&mut text).ok()?;
        String::from_utf8(text.get(..length)?.to_vec()).ok()
    }

    /// The number of a call and its first argument; `Some(None)` where it is none, and `None`
    /// where the thread does not sleep.
    fn parse(text: &str) -> Option<Option<(u64, u64)>> {
        let mut words = text.split_ascii_whitespace();
        let first = words.next()?;
        if first == "-1" {
            return Some(None);
        }
        let number = first.parse().ok()?;
        let argument = words.next()?.strip_prefix("0x")?;
        Some(Some((number, u64::from_str_radix(argument, 16).ok()?)))
    }

    fn reason(number: u64, argument: u64) -> Reason {
        let Some(call) = calls::of(number) else {
            let call = Some(Cow::Owned(format!("system call {number}")));
            return Reason { kind: ReasonKind::Other, call, file: None };
        };
        let file = if call.has_descriptor { file_of(argument) } else { None };
        let kind = match (call.kind, &file) {
            (Some(kind), _) => kind,
            (None, Some(file)) => kind_of(file),
            (None, None) => ReasonKind::Other,
        };
        Reason { kind, call: Some(Cow::Borrowed(call.name)), file: file.map(Into::into) }
    }

    /// What a descriptor is of, without what tells a socket from others: those are many.
    fn file_of(descriptor: u64) -> Option<String> {
        let link = fs::read_link(format!("/proc/self/fd/{}", descriptor as u32 as i32)).ok()?;
        let name = link.to_string_lossy();
        if let Some((kind, _)) = name.split_once(":[").filter(|_| !name.starts_with('/')) {
            // `anon_inode:[eventfd]` says what it is in the brackets.
            return Some(if kind == "anon_inode" { name.into_owned() } else { kind.to_owned() });
        }
        let mut from = name.len().saturating_sub(MOST_NAME);
        while !name.is_char_boundary(from) {
            from = from.saturating_add(1);
        }
        name.get(from..).map(str::to_owned)
    }

    /// What is waited for in a file of that name, by whatever reads or writes files.
    fn kind_of(file: &str) -> ReasonKind {
        match file {
            "socket" => ReasonKind::Net,
            _ if file.starts_with("/dev/") && !file.starts_with("/dev/shm/") => ReasonKind::Other,
            _ if file.starts_with('/') => ReasonKind::Disk,
            _ => ReasonKind::Other,
        }
    }

    #[cfg(test)]
    mod tests {
        use std::{
            fs::File,
            io::{self, Read, Write},
            os::unix::net::UnixStream,
            sync::mpsc,
            thread,
        };

        use super::*;

        /// What a thread is in that has said its number and does not come back.
        fn found(wait: impl FnOnce() + Send + 'static) -> (Reason, thread::JoinHandle<()>) {
            let (sender, receiver) = mpsc::channel();
            let waits = thread::spawn(move || {
                // SAFETY: asks for the calling thread's number.
                sender.send(unsafe { libc::gettid() }).expect("somebody asks");
                wait();
            });
            let number = receiver.recv().expect("a thread");
            loop {
                match find(number) {
                    // Its channel's lock, which it is in for a moment.
                    Found::Call(reason) if reason.kind != ReasonKind::Lock => {
                        return (reason, waits);
                    }
                    _ => thread::yield_now(),
                }
            }
        }

        #[test]
        fn a_thread_is_found_in_its_call_with_its_file() {
            let (mut one, mut other) = UnixStream::pair().expect("sockets");
            let (reason, waits) = found(move || {
                other.read_exact(&mut [0]).expect("a byte");
            });
            let text = reason.to_string();
            assert!(["recvfrom socket", "read socket"].contains(&&*text), "{text}");
            assert_eq!(reason.kind, ReasonKind::Net);
            one.write_all(b"x").expect("a socket");
            waits.join().expect("it read a byte");

            let (mut pipe, mut end) = io::pipe().expect("a pipe");
            let (reason, waits) = found(move || pipe.read_exact(&mut [0]).expect("a byte"));
            assert_eq!((reason.kind, &*reason.to_string()), (ReasonKind::Other, "read pipe"));
            end.write_all(b"x").expect("a pipe");
            waits.join().expect("it read a byte");
        }

        #[test]
        fn who_does_not_sleep_is_awake() {
            // SAFETY: asks for the calling thread's number.
            assert_eq!(find(unsafe { libc::gettid() }), find_self());
            assert_eq!(find(i32::MAX), Found::Awake, "there is none");
            assert!(can_find());
        }

        /// A thread that looks at itself finds that it reads.
        fn find_self() -> Found {
            let name = File::open("/proc/self/status").expect("a file");
            drop(name);
            // SAFETY: asks for the calling thread's number.
            find(unsafe { libc::gettid() })
        }

        #[test]
        fn the_kernels_text_is_understood_and_any_other_is_none() {
            assert_eq!(parse("running\n"), None);
            assert_eq!(parse("-1 0x7ffc 0x7f01\n"), Some(None));
            assert_eq!(parse("75 0x1f 0x0 0x0 0x0 0x0 0x0 0x7f 0x7f\n"), Some(Some((75, 31))));
            for text in ["", "75", "75 31", "75 0xq", "x 0x1"] {
                assert_eq!(parse(text), None, "{text}");
            }
        }

        #[test]
        fn what_a_call_waits_for_is_its_kind_or_that_of_its_file() {
            let file = File::open("/proc/self/status").expect("a file");
            let number = |file: &File| std::os::fd::AsRawFd::as_raw_fd(file) as u64;
            let of = |call: libc::c_long, argument| reason(call as u64, argument);
            let synced = of(libc::SYS_fdatasync, number(&file));
            assert_eq!(synced.kind, ReasonKind::Disk);
            assert!(synced.to_string().starts_with("fdatasync /proc/"), "{synced}");
            assert_eq!(of(libc::SYS_pread64, number(&file)).kind, ReasonKind::Disk);
            assert_eq!(of(libc::SYS_pread64, u64::MAX).to_string(), "pread64");
            assert_eq!(of(libc::SYS_futex, 4).kind, ReasonKind::Lock);
            assert_eq!(of(libc::SYS_clock_nanosleep, 1).kind, ReasonKind::Timer);
            assert_eq!(of(libc::SYS_epoll_wait, 3).kind, ReasonKind::Net);
            assert_eq!(of(libc::SYS_wait4, 3).to_string(), "wait4");
            assert_eq!(of(9_999, 0).to_string(), "system call 9999");
            assert_eq!(kind_of("/dev/pts/1"), ReasonKind::Other);
        }
    }
}
