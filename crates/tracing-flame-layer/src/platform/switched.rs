//! Whether the calling thread has been switched out since it was asked last, for the price
//! of one load.
//!
//! Linux restarts *restartable sequences* (`rseq(2)`): a thread says in a word of its own
//! which stretch of code it is in, and the kernel looks there whenever the thread comes back
//! from a switch. Found outside of that stretch, the thread has left it: the kernel clears
//! the word. So a word that names a stretch in which no code lies is a flag: *armed* until
//! the thread has been switched out (or has had a signal, which does no harm).
//!
//! The C library registers the word for each thread (glibc 2.35 and later) and says where it
//! is. Where it does not, as in a program that has the word for itself, there is no flag.
//! Another user of the word may overwrite it, so it is compared with our address and not
//! with nought: that looks like a switch.

#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu", not(miri), not(loom)))]
mod imp {
    use std::{ptr, sync::OnceLock, thread, time::Duration};

    use super::super::elsewhere::elsewhere;

    /// As `struct rseq_cs` of `linux/rseq.h`.
    #[repr(C, align(32))]
    struct Section {
        version: u32,
        flags: u32,
        start: *const u32,
        length: u64,
        abort: *const u32,
    }

    // SAFETY: it is read only, by the kernel.
    unsafe impl Sync for Section {}

    /// What the C library has registered stands before where an abort would lead to, which the
    /// kernel checks. Nothing is ever aborted, as nobody runs there.
    static ABORT: [u32; 2] = [0x5305_3053, 0];
    static EMPTY: Section =
        Section { version: 0, flags: 0, start: &ABORT[1], length: 0, abort: &ABORT[1] };

    /// What an armed word says.
    #[inline(always)]
    pub(super) fn armed() -> u64 {
        ptr::from_ref(&EMPTY) as u64
    }

    /// What looks like a word that is armed for ever.
    struct Never(*const Section);

    // SAFETY: it is read only.
    unsafe impl Sync for Never {}

    static NEVER: Never = Never(&EMPTY);

    pub(super) fn never() -> *const u64 {
        ptr::from_ref(&NEVER.0).cast()
    }

    /// Where the C library put the word, from the thread's own pointer, or why it cannot be
    /// had.
    fn offset() -> Result<isize, &'static str> {
        static OFFSET: OnceLock<Result<isize, &'static str>> = OnceLock::new();
        *OFFSET.get_or_init(|| match registered_offset() {
            Some(offset) if is_cleared(offset) => Ok(offset),
            Some(_) => Err("as the kernel does not tell threads that they were switched out"),
            None => Err("as the C library has not registered restartable sequences"),
        })
    }

    fn registered_offset() -> Option<isize> {
        // SAFETY: the names are those of the C library's own symbols, which are of these
        // types and never change once the program runs.
        unsafe {
            let offset = libc::dlsym(libc::RTLD_DEFAULT, c"__rseq_offset".as_ptr());
            let size = libc::dlsym(libc::RTLD_DEFAULT, c"__rseq_size".as_ptr());
            let offset = offset.cast::<isize>().as_ref()?;
            let size = size.cast::<u32>().as_ref()?;
            // The word stands behind two numbers of 32 bits.
            (*size >= 16).then(|| offset.wrapping_add(8))
        }
    }

    /// Whether the kernel clears the word of a thread that sleeps, tried on a thread of ours.
    fn is_cleared(offset: isize) -> bool {
        let tried = elsewhere(move || {
            let word = word_at(offset);
            // SAFETY: the word is this thread's, registered by the C library.
            unsafe {
                word.write_volatile(armed());
                thread::sleep(Duration::from_micros(50));
                let is_cleared = word.read_volatile() != armed();
                word.write_volatile(0);
                is_cleared
            }
        });
        tried == Some(true)
    }

    fn word_at(offset: isize) -> *mut u64 {
        let thread: *mut u8;
        // SAFETY: on this platform the thread pointer stands where it points to itself.
        unsafe {
            core::arch::asm!("mov {}, fs:0", out(reg) thread, options(nostack, readonly, pure));
        }
        thread.wrapping_offset(offset).cast()
    }

    pub(super) fn word() -> Result<*const u64, &'static str> {
        offset().map(|offset| word_at(offset).cast_const())
    }
}

#[cfg(not(all(
    target_os = "linux",
    target_arch = "x86_64",
    target_env = "gnu",
    not(miri),
    not(loom)
)))]
mod imp {
    #[inline(always)]
    pub(super) fn armed() -> u64 {
        1
    }

    static NEVER: u64 = 1;

    pub(super) fn never() -> *const u64 {
        &raw const NEVER
    }

    pub(super) fn word() -> Result<*const u64, &'static str> {
        Err("as nothing tells threads here that they were switched out")
    }
}

/// No address of a stretch.
static ALWAYS: u64 = 0;

/// The calling thread's flag, or one that says for ever that it was not switched out, or that
/// it was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Switched(*const u64);

impl Switched {
    /// No flag yet; it must not be asked.
    pub(crate) const NONE: Self = Self(std::ptr::null());

    /// One that is never raised.
    pub(crate) fn never() -> Self {
        Self(imp::never())
    }

    /// One that is always raised.
    pub(crate) fn always() -> Self {
        Self(&raw const ALWAYS)
    }

    /// The calling thread's; `None` where there is none to be had.
    pub(crate) fn of_this_thread() -> Option<Self> {
        imp::word().ok().map(Self)
    }

    /// Looks whether threads have such flags, or why not. The first call in a process tries
    /// it on a thread of its own.
    pub(crate) fn find() -> Result<(), &'static str> {
        imp::word().map(drop)
    }

    /// Whether it is one that is never raised.
    pub(crate) fn is_never(self) -> bool {
        self.0 == imp::never()
    }

    /// Whether it is one that is always raised.
    pub(crate) fn is_always(self) -> bool {
        self.0 == &raw const ALWAYS
    }

    /// Whether the thread has been switched out since it armed its flag, or is said to.
    ///
    /// # Safety
    ///
    /// Only the thread whose flag it is may call it; there is one.
    #[inline(always)]
    pub(crate) unsafe fn is_raised(self) -> bool {
        // SAFETY: the word is there as long as the thread is. Volatile: the kernel writes it.
        unsafe { self.0.read_volatile() != imp::armed() }
    }

    /// Begins anew.
    ///
    /// # Safety
    ///
    /// As for [`is_raised`](Self::is_raised).
    pub(crate) unsafe fn arm(self) {
        if !self.is_never() && !self.is_always() {
            // SAFETY: the C library's word may be written by its thread. Volatile: the kernel
            // reads it whenever it likes.
            unsafe { self.0.cast_mut().write_volatile(imp::armed()) };
        }
    }

    /// Leaves the word as the C library had it, unless it is another user's now.
    ///
    /// # Safety
    ///
    /// As for [`is_raised`](Self::is_raised).
    pub(crate) unsafe fn disarm(self) {
        // SAFETY: the caller's promise; as in `arm`.
        unsafe {
            if !self.is_never() && !self.is_raised() {
                self.0.cast_mut().write_volatile(0);
            }
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::{thread, time::Duration};

    use super::*;

    #[test]
    fn a_flag_is_raised_by_sleep_and_not_before_it_is_armed_again() {
        let Some(flag) = Switched::of_this_thread() else { return };
        // SAFETY: this thread's.
        unsafe {
            flag.arm();
            thread::sleep(Duration::from_millis(1));
            assert!(flag.is_raised());
            assert!(flag.is_raised());
            flag.disarm();
            assert!(flag.is_raised(), "it was raised, and another's word is left alone");
            // Between these two the thread may be switched out, but not each of many times.
            let stays = || {
                flag.arm();
                !flag.is_raised()
            };
            assert!((0..1_000).any(|_| stays()));
            flag.disarm();
            assert!(flag.is_raised());
        }
    }

    /// How often a thread is made to be switched out; the environment may want more.
    #[cfg(all(target_os = "linux", not(miri)))]
    fn rounds() -> u32 {
        std::env::var("FLAME_SWITCHES").map_or(5_000, |rounds| rounds.parse().expect("a number"))
    }

    /// Of the switches that the kernel counts none is missed, whatever it came from.
    #[test]
    #[cfg(all(target_os = "linux", not(miri)))]
    fn no_switch_is_missed() {
        use std::sync::{Arc, Mutex, mpsc::channel};

        use crate::platform::Usage;

        let Some(flag) = Switched::of_this_thread() else { return };
        let lock = Arc::new(Mutex::new(()));
        let (ask, asked) = channel::<()>();
        let (tell, told) = channel();
        let theirs = Arc::clone(&lock);
        let other = thread::spawn(move || {
            for () in asked {
                let held = theirs.lock();
                tell.send(()).expect("somebody listens");
                thread::yield_now();
                drop(held);
            }
        });
        let switches = || {
            let usage = Usage::of_this_thread();
            usage.voluntary + usage.involuntary
        };
        let (mut seen, mut missed) = (0_u64, 0);
        for round in 0..rounds() {
            // SAFETY: this thread's.
            unsafe { flag.arm() };
            let before = switches();
            match round % 50 {
                0 => thread::sleep(Duration::from_micros(1)),
                1 => {
                    ask.send(()).expect("somebody listens");
                    told.recv().expect("somebody answers");
                    drop(lock.lock());
                }
                2..10 => drop(std::hint::black_box(vec![round; 1 << 18])),
                _ => thread::yield_now(),
            }
            let is_switched = switches() > before;
            seen += u64::from(is_switched);
            // SAFETY: this thread's. It is looked at last, when all that was counted is past.
            missed += u64::from(is_switched && !unsafe { flag.is_raised() });
        }
        // SAFETY: this thread's.
        unsafe { flag.disarm() };
        drop(ask);
        other.join().expect("no panic");
        assert_eq!(missed, 0, "of {seen}");
        assert!(seen > u64::from(rounds() / 50), "{seen}");
        println!("{seen} switches seen, none missed");
    }

    #[test]
    fn one_that_is_never_raised_is_not() {
        let never = Switched::never();
        // SAFETY: it is nobody's.
        unsafe {
            never.arm();
            thread::sleep(Duration::from_millis(1));
            assert!(!never.is_raised());
            never.disarm();
            assert!(!never.is_raised());
        }
    }
}
