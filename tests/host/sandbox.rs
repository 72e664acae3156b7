//! A host that forbids itself a system call after it has begun.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// What the process ends with when the call has been tried too often.
const TRIED_TOO_OFTEN: libc::c_int = 9;

static TRIED: AtomicU64 = AtomicU64::new(0);
static MOST: AtomicU64 = AtomicU64::new(0);

/// Lets membarrier(2) fail from now on, on every thread, with EPERM. The process ends where
/// it is tried more than so often.
pub(crate) fn forbid_barriers(most: u64) -> String {
    MOST.store(most, SeqCst);
    answer_forbidden_calls();
    forbid(libc::SYS_membarrier, libc::SECCOMP_RET_TRAP);
    "membarrier is forbidden".to_owned()
}

/// Ends the process where perf_event_open(2) is called from now on, as a service's filter of
/// system calls does.
pub(crate) fn forbid_events() -> String {
    forbid(libc::SYS_perf_event_open, libc::SECCOMP_RET_KILL_PROCESS);
    "perf_event_open is the end".to_owned()
}

/// Has the kernel do something else in the place of a call, on every thread.
fn forbid(call: libc::c_long, instead: u32) {
    let load_number = libc::sock_filter { code: 0x20, jt: 0, jf: 0, k: 0 };
    let is_it = libc::sock_filter { code: 0x15, jt: 0, jf: 1, k: call as u32 };
    let trap = libc::sock_filter { code: 0x06, jt: 0, jf: 0, k: instead };
    let allow = libc::sock_filter { code: 0x06, jt: 0, jf: 0, k: libc::SECCOMP_RET_ALLOW };
    let mut filter = [load_number, is_it, trap, allow];
    let program = libc::sock_fprog { len: 4, filter: filter.as_mut_ptr() };
    let (mode, all_threads) = (libc::SECCOMP_SET_MODE_FILTER, libc::SECCOMP_FILTER_FLAG_TSYNC);
    // SAFETY: the program is there until the kernel has copied it.
    let refused = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
            || libc::syscall(libc::SYS_seccomp, mode, all_threads, &raw const program) != 0
    };
    assert!(!refused, "a process may give up what it may do");
}

/// What the kernel calls in the place of a call that is forbidden.
fn answer_forbidden_calls() {
    // SAFETY: all zeroes is an action without flags, and what it is set to below is a
    // handler that calls nothing but what may be called in one.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_flags = libc::SA_SIGINFO;
        action.sa_sigaction = answer as *const () as usize;
        assert_eq!(libc::sigaction(libc::SIGSYS, &raw const action, std::ptr::null_mut()), 0);
    }
}

extern "C" fn answer(_: libc::c_int, _: *mut libc::siginfo_t, context: *mut libc::c_void) {
    if TRIED.fetch_add(1, SeqCst) >= MOST.load(SeqCst) {
        // SAFETY: it ends the process, and nothing else.
        unsafe { libc::_exit(TRIED_TOO_OFTEN) };
    }
    let context = context.cast::<libc::ucontext_t>();
    // SAFETY: the kernel hands a handler with SA_SIGINFO the context that it returns to,
    // and the register is the one in which a system call's result is looked for.
    unsafe { (*context).uc_mcontext.gregs[libc::REG_RAX as usize] = -i64::from(libc::EPERM) };
}
