//! On Unix: a handler that stands back from what the host handles.
//!
//! It is set for signals that have their default effect. When it runs it asks whether
//! it still is what the process does about that signal. It is not where the host has
//! set a handler of its own since, which may hand on to the one before it, as those
//! of signal-hook and tokio do: then it returns, and the signal is the host's alone.
//!
//! A handler may do next to nothing, so a thread of the session writes, and then lets
//! the signal do what it does by default. The handler tells it by a byte in a pipe.

use std::{
    ffi::c_int,
    io::{self, PipeReader, PipeWriter, Read, Write},
    mem::MaybeUninit,
    os::fd::AsRawFd,
    process, ptr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicPtr, AtomicU32, Ordering::SeqCst},
    },
    thread::{self, JoinHandle},
};

use libc::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use crate::{Error, error::Kind, threads};

/// The signals by which a process is asked to end.
const ASKING: [c_int; 4] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT];

/// Stands in the pipe for no signal: the thread is to end.
const STOP: u8 = 0;

/// Where a handler finds the pipe to a thread that waits; null where none does, and a
/// signal has its default effect.
static PIPE: AtomicPtr<Pipe> = AtomicPtr::new(ptr::null_mut());

/// How many handlers are running.
static HANDLERS: AtomicU32 = AtomicU32::new(0);

static STATE: Mutex<State> = Mutex::new(State { pipe: None, thread: None });

struct State {
    /// Kept for the next session, as it is never freed.
    pipe: Option<&'static Pipe>,
    /// The thread that waits.
    thread: Option<JoinHandle<()>>,
}

/// What a handler writes to and the thread reads from.
///
/// Never freed, as a handler may be about to use it at any time.
struct Pipe {
    /// The process in which the thread is. In a forked child nobody reads.
    process: u32,
    reader: PipeReader,
    writer: PipeWriter,
    /// What the writer's descriptor has to lead to.
    identity: Identity,
}

type Identity = (libc::dev_t, libc::ino_t);

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the thread, and sets the handlers, unless that has been done.
pub(super) fn listen() -> Result<(), Error> {
    let mut state = state();
    let pipe = match state.pipe.filter(|pipe| pipe.is_usable()) {
        Some(_) if state.thread.is_some() => return Ok(()),
        Some(pipe) => pipe,
        None => Pipe::new().map_err(Kind::Signals)?,
    };
    let thread = threads::start("flame-signals", || pipe.wait())
        .map_err(|source| Kind::Thread { purpose: "waits for signals", source })?;
    // What a fork may have left here is another process's.
    *state = State { pipe: Some(pipe), thread: Some(thread) };
    PIPE.store(ptr::from_ref(pipe).cast_mut(), SeqCst);
    ASKING.into_iter().filter(|&signal| action_of(signal) == Some(libc::SIG_DFL)).for_each(handle);
    Ok(())
}

/// Lets signals do by themselves what they do by default. Handlers stay, and see to
/// that: taking one back could take back the host's, if that one was set meanwhile.
pub(super) fn stop() -> Option<Listening> {
    let state = &mut *state();
    PIPE.store(ptr::null_mut(), SeqCst);
    Some(Listening { pipe: state.pipe?, thread: state.thread.take()? })
}

/// A thread that is no longer told of signals.
pub(super) struct Listening {
    pipe: &'static Pipe,
    thread: JoinHandle<()>,
}

impl Listening {
    /// Waits for the thread's end. Where a signal came first, that ends the process.
    pub(super) fn join(self) {
        /// A handler takes moments. In a forked child one may be counted that never ends.
        const MOST_TRIES: u32 = 1_000;
        // One that has found the pipe writes to it before this does.
        let _ = (0..MOST_TRIES).find(|_| {
            thread::yield_now();
            HANDLERS.load(SeqCst) == 0
        });
        // Where the host has closed the pipe, nothing can be said to the thread, which
        // does no harm.
        if self.pipe.say(STOP) {
            let _ = self.thread.join();
        }
    }
}

impl Pipe {
    fn new() -> io::Result<&'static Self> {
        let (reader, writer) = io::pipe()?;
        let identity = identity(&writer).ok_or_else(io::Error::last_os_error)?;
        Ok(Box::leak(Box::new(Self { process: process::id(), reader, writer, identity })))
    }

    /// Whether it is this process's and has not become something else: a host may close
    /// descriptors that are not its own, and get their numbers for files of its own.
    fn is_usable(&self) -> bool {
        self.process == process::id() && identity(&self.writer) == Some(self.identity)
    }

    /// Tells the thread something. Calls nothing but what a handler may call.
    fn say(&self, byte: u8) -> bool {
        self.is_usable() && (&self.writer).write(&[byte]).is_ok_and(|written| written == 1)
    }

    fn hear(&self) -> Option<u8> {
        let mut byte = [STOP];
        (&self.reader).read_exact(&mut byte).ok().map(|()| byte[0])
    }

    /// What the thread does.
    fn wait(&self) {
        while let Some(byte) = self.hear().filter(|byte| *byte != STOP) {
            act_on(c_int::from(byte));
        }
    }
}

/// Writes, and lets the signal end the process.
fn act_on(signal: c_int) {
    // To the system's first process a signal does nothing unless there is a handler,
    // so that one goes on, in a container until it is killed.
    if process::id() == 1 {
        return super::heeding().iter().for_each(|run| run.checkpoint());
    }
    // Whoever is too impatient for the writing asks once more.
    PIPE.store(ptr::null_mut(), SeqCst);
    super::end_all();
    do_default(signal);
}

extern "C" fn on_signal(signal: c_int) {
    if action_of(signal) != Some(handler()) {
        // The host has a handler, which has handed on to this one.
        return;
    }
    HANDLERS.fetch_add(1, SeqCst);
    // SAFETY: what it points to is never freed.
    let pipe = unsafe { PIPE.load(SeqCst).as_ref() };
    // The signals that it is set for have numbers of up to 15.
    let told = pipe.is_some_and(|pipe| pipe.say(signal as u8));
    HANDLERS.fetch_sub(1, SeqCst);
    if !told {
        do_default(signal);
    }
}

/// `on_signal`, as the system names it.
fn handler() -> libc::sighandler_t {
    on_signal as *const () as libc::sighandler_t
}

/// What the process does about a signal.
fn action_of(signal: c_int) -> Option<libc::sighandler_t> {
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: without a new action the call writes the present one to `action`, which
    // has room for it, and it is read only where the call succeeded. A handler may
    // call it.
    unsafe {
        let found = libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) == 0;
        found.then(|| action.assume_init().sa_sigaction)
    }
}

/// Sets the handler. Calls to the system that it interrupts go on, where they can.
fn handle(signal: c_int) {
    set(signal, handler(), libc::SA_RESTART | libc::SA_ONSTACK);
}

fn set(signal: c_int, action: libc::sighandler_t, flags: c_int) {
    let mut new = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: an action is numbers, which may be 0, and a set, which is made here.
    // `on_signal` takes what handlers without `SA_SIGINFO` are given. A handler may
    // call these.
    unsafe {
        let new = new.assume_init_mut();
        new.sa_sigaction = action;
        new.sa_flags = flags;
        libc::sigfillset(&raw mut new.sa_mask);
        libc::sigaction(signal, new, ptr::null_mut());
    }
}

/// Does what the signal does without a handler, which is to end the process. Calls
/// nothing but what a handler may call.
fn do_default(signal: c_int) {
    set(signal, libc::SIG_DFL, 0);
    let mut only = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the set is one of ours, made by the first call. All are for handlers, too.
    unsafe {
        libc::sigemptyset(only.as_mut_ptr());
        libc::sigaddset(only.as_mut_ptr(), signal);
        libc::raise(signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, only.as_ptr(), ptr::null_mut());
    }
}

/// What a descriptor leads to.
fn identity(descriptor: &impl AsRawFd) -> Option<Identity> {
    let mut found = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the call writes to `found`, which has room for it and is read only where
    // it succeeded. A handler may call it.
    unsafe {
        let is_open = libc::fstat(descriptor.as_raw_fd(), found.as_mut_ptr()) == 0;
        is_open.then(|| {
            let found = found.assume_init();
            (found.st_dev, found.st_ino)
        })
    }
}
