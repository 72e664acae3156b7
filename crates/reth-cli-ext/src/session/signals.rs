//! Writes on the signals that end a process, then lets them end it.

#[cfg(unix)]
pub(crate) use self::unix::{Handling, handle};
#[cfg(windows)]
pub(crate) use self::windows::{Handling, handle};

#[cfg(unix)]
mod unix {
    use std::{
        ffi::c_int,
        io,
        mem::MaybeUninit,
        process, ptr,
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering::SeqCst},
        },
        thread::JoinHandle,
    };

    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM},
        iterator::{Handle, Signals},
        low_level::{emulate_default_handler, register},
    };

    use crate::{
        Error,
        error::Kind,
        session::{Ending, run::Run},
        threads,
    };

    /// The process in which a session's thread waits for signals. In any other, such
    /// as a forked child, they have their default effect; so they have where this is
    /// 0, which is no process of ours.
    ///
    /// Handlers stay for the life of the process and of its children, so they ask
    /// something that stays, too.
    static LISTENER: AtomicU32 = AtomicU32::new(0);

    /// The thread that acts on signals.
    pub(crate) struct Handling {
        signals: Handle,
        thread: JoinHandle<()>,
    }

    pub(crate) fn handle(run: &Arc<Run>) -> Result<Handling, Error> {
        let mut wanted = vec![SIGINT, SIGTERM, SIGHUP, SIGQUIT];
        wanted.retain(|signal| !is_ignored(*signal));
        for &signal in &wanted {
            end_where_nobody_listens(signal).map_err(Kind::Signals)?;
        }
        let signals = Signals::new(wanted).map_err(Kind::Signals)?;
        let handle = signals.handle();
        let run = run.clone();
        let thread = threads::start("flame-signals", move || wait(signals, &run))
            .map_err(|source| Kind::Thread { purpose: "waits for signals", source })?;
        LISTENER.store(process::id(), SeqCst);
        Ok(Handling { signals: handle, thread })
    }

    /// Has a signal end the process from within its handler where no thread listens.
    fn end_where_nobody_listens(signal: c_int) -> io::Result<()> {
        let act = move || {
            if LISTENER.load(SeqCst) != process::id() {
                let _ = emulate_default_handler(signal);
            }
        };
        // SAFETY: all that it calls may be called in a handler of signals: a load,
        // `getpid`, and what signal-hook makes for that.
        unsafe { register(signal, act) }.map(drop)
    }

    /// Whether a signal does nothing, as `nohup` and a shell's `&` have it. It is to
    /// stay so.
    fn is_ignored(signal: c_int) -> bool {
        let mut action = MaybeUninit::<libc::sigaction>::uninit();
        // SAFETY: without a new action the call writes the present one to `action`,
        // which has room for it, and it is read only where the call succeeded.
        unsafe {
            libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) == 0
                && action.assume_init().sa_sigaction == libc::SIG_IGN
        }
    }

    fn wait(mut signals: Signals, run: &Run) {
        if let Some(signal) = signals.forever().next() {
            // Whoever is too impatient for the writing asks once more.
            LISTENER.store(0, SeqCst);
            let _ = run.end(Ending::Signal);
            let _ = emulate_default_handler(signal);
        }
    }

    impl Handling {
        /// Gives the signals their default effect back. The handlers stay, since
        /// without any the signals would be ignored.
        pub(crate) fn retire(self) {
            LISTENER.store(0, SeqCst);
            self.signals.close();
            // A signal that came first is ending the process, and `join` waits
            // for it to do so.
            let _ = self.thread.join();
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::{
        io, process,
        sync::{Arc, Weak},
    };

    use crate::{
        Error,
        error::Kind,
        session::{Ending, run::Run},
    };

    /// The status of a process that Ctrl-C ended, `STATUS_CONTROL_C_EXIT`.
    const CONTROL_C_EXIT: i32 = 0xC000_013A_u32 as i32;

    /// A handler stays for the life of the process.
    pub(crate) struct Handling;

    pub(crate) fn handle(run: &Arc<Run>) -> Result<Handling, Error> {
        let run: Weak<Run> = Arc::downgrade(run);
        ctrlc::set_handler(move || {
            if let Some(run) = run.upgrade() {
                let _ = run.end(Ending::Signal);
            }
            process::exit(CONTROL_C_EXIT);
        })
        .map_err(|e| Kind::Signals(io::Error::other(e)))?;
        Ok(Handling)
    }

    impl Handling {
        pub(crate) fn retire(self) {}
    }
}
