//! The system calls that threads sleep in, of Linux on x86-64, and what for.

use crate::profile::ReasonKind;

/// A system call.
pub(super) struct Call {
    pub(super) name: &'static str,
    /// What it sleeps for; `None` where that is a matter of its file.
    pub(super) kind: Option<ReasonKind>,
    /// Whether its first argument is a descriptor that says more.
    pub(super) has_descriptor: bool,
}

/// That of a number; `None` where it is not here.
pub(super) fn of(number: u64) -> Option<Call> {
    let number = libc::c_long::try_from(number).ok()?;
    TABLES.into_iter().find_map(|table| {
        let (_, name) = table.calls.iter().find(|(known, _)| *known == number)?;
        Some(Call { name, kind: table.kind, has_descriptor: table.has_descriptor })
    })
}

struct Table {
    kind: Option<ReasonKind>,
    has_descriptor: bool,
    calls: &'static [(libc::c_long, &'static str)],
}

const TABLES: [Table; 7] = [
    Table { kind: Some(ReasonKind::Lock), has_descriptor: false, calls: WAKEABLE },
    Table { kind: Some(ReasonKind::Timer), has_descriptor: false, calls: TIMED },
    Table { kind: Some(ReasonKind::Net), has_descriptor: false, calls: READINESS },
    Table { kind: None, has_descriptor: true, calls: OF_ANY_FILE },
    Table { kind: Some(ReasonKind::Disk), has_descriptor: true, calls: OF_DISKS },
    Table { kind: Some(ReasonKind::Disk), has_descriptor: false, calls: OF_PATHS },
    Table { kind: Some(ReasonKind::Other), has_descriptor: false, calls: OTHERS },
];

/// The last two by their numbers, which libraries for older kernels do not have.
const WAKEABLE: &[(libc::c_long, &str)] =
    &[(libc::SYS_futex, "futex"), (449, "futex_waitv"), (455, "futex_wait")];

const TIMED: &[(libc::c_long, &str)] =
    &[(libc::SYS_nanosleep, "nanosleep"), (libc::SYS_clock_nanosleep, "clock_nanosleep")];

const READINESS: &[(libc::c_long, &str)] = &[
    (libc::SYS_poll, "poll"),
    (libc::SYS_ppoll, "ppoll"),
    (libc::SYS_select, "select"),
    (libc::SYS_pselect6, "pselect6"),
    (libc::SYS_epoll_wait, "epoll_wait"),
    (libc::SYS_epoll_pwait, "epoll_pwait"),
    (441, "epoll_pwait2"),
];

/// On a file, a socket, a pipe, a terminal.
const OF_ANY_FILE: &[(libc::c_long, &str)] = &[
    (libc::SYS_read, "read"),
    (libc::SYS_write, "write"),
    (libc::SYS_pread64, "pread64"),
    (libc::SYS_pwrite64, "pwrite64"),
    (libc::SYS_readv, "readv"),
    (libc::SYS_writev, "writev"),
    (libc::SYS_preadv, "preadv"),
    (libc::SYS_pwritev, "pwritev"),
    (libc::SYS_preadv2, "preadv2"),
    (libc::SYS_pwritev2, "pwritev2"),
    (libc::SYS_sendfile, "sendfile"),
    (libc::SYS_splice, "splice"),
    (libc::SYS_recvfrom, "recvfrom"),
    (libc::SYS_recvmsg, "recvmsg"),
    (libc::SYS_recvmmsg, "recvmmsg"),
    (libc::SYS_sendto, "sendto"),
    (libc::SYS_sendmsg, "sendmsg"),
    (libc::SYS_sendmmsg, "sendmmsg"),
    (libc::SYS_accept, "accept"),
    (libc::SYS_accept4, "accept4"),
    (libc::SYS_connect, "connect"),
    (libc::SYS_close, "close"),
];

const OF_DISKS: &[(libc::c_long, &str)] = &[
    (libc::SYS_fsync, "fsync"),
    (libc::SYS_fdatasync, "fdatasync"),
    (libc::SYS_sync_file_range, "sync_file_range"),
    (libc::SYS_syncfs, "syncfs"),
    (libc::SYS_fallocate, "fallocate"),
    (libc::SYS_ftruncate, "ftruncate"),
    (libc::SYS_readahead, "readahead"),
    (libc::SYS_fadvise64, "fadvise64"),
    (libc::SYS_getdents64, "getdents64"),
    (libc::SYS_copy_file_range, "copy_file_range"),
    (libc::SYS_fstat, "fstat"),
];

const OF_PATHS: &[(libc::c_long, &str)] = &[
    (libc::SYS_msync, "msync"),
    (libc::SYS_sync, "sync"),
    (libc::SYS_open, "open"),
    (libc::SYS_openat, "openat"),
    (437, "openat2"),
    (libc::SYS_stat, "stat"),
    (libc::SYS_lstat, "lstat"),
    (libc::SYS_newfstatat, "newfstatat"),
    (libc::SYS_statx, "statx"),
    (libc::SYS_truncate, "truncate"),
    (libc::SYS_rename, "rename"),
    (libc::SYS_renameat, "renameat"),
    (libc::SYS_renameat2, "renameat2"),
    (libc::SYS_unlink, "unlink"),
    (libc::SYS_unlinkat, "unlinkat"),
    (libc::SYS_mkdir, "mkdir"),
    (libc::SYS_mkdirat, "mkdirat"),
    (libc::SYS_rmdir, "rmdir"),
    (libc::SYS_link, "link"),
    (libc::SYS_linkat, "linkat"),
];

const OTHERS: &[(libc::c_long, &str)] = &[
    (libc::SYS_wait4, "wait4"),
    (libc::SYS_waitid, "waitid"),
    (libc::SYS_flock, "flock"),
    (libc::SYS_fcntl, "fcntl"),
    (libc::SYS_ioctl, "ioctl"),
    (libc::SYS_pause, "pause"),
    (libc::SYS_rt_sigsuspend, "rt_sigsuspend"),
    (libc::SYS_rt_sigtimedwait, "rt_sigtimedwait"),
    (libc::SYS_mmap, "mmap"),
    (libc::SYS_munmap, "munmap"),
    (libc::SYS_mprotect, "mprotect"),
    (libc::SYS_mremap, "mremap"),
    (libc::SYS_madvise, "madvise"),
    (libc::SYS_brk, "brk"),
    (libc::SYS_clone, "clone"),
    (435, "clone3"),
    (libc::SYS_execve, "execve"),
    (libc::SYS_io_getevents, "io_getevents"),
    (426, "io_uring_enter"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_stands_in_one_table() {
        let all = TABLES.iter().flat_map(|table| table.calls).map(|(number, _)| *number);
        let mut numbers: Vec<_> = all.collect();
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
    }
}
