//! Writes on the signals that end a process, then lets them end it.

#[cfg(unix)]
pub(crate) use self::unix::{Handling, handle};
#[cfg(windows)]
pub(crate) use self::windows::{Handling, handle};

#[cfg(unix)]
mod unix {
    use std::{
        ffi::c_int,
        mem::MaybeUninit,
        ptr,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering::SeqCst},
        },
        thread::{self, JoinHandle},
    };

    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM},
        flag,
        iterator::{Handle, Signals},
        low_level::emulate_default_handler,
    };

    use crate::{
        Error,
        error::Kind,
        session::{Ending, run::Run},
    };

    /// Handlers, and the thread that acts on them.
    pub(crate) struct Handling {
        /// Whether a signal has its default effect, from within its handler.
        pass: Arc<AtomicBool>,
        signals: Handle,
        thread: JoinHandle<()>,
    }

    pub(crate) fn handle(run: &Arc<Run>) -> Result<Handling, Error> {
        let pass = Arc::new(AtomicBool::new(false));
        let mut wanted = vec![SIGINT, SIGTERM, SIGHUP, SIGQUIT];
        wanted.retain(|signal| !is_ignored(*signal));
        for &signal in &wanted {
            flag::register_conditional_default(signal, pass.clone()).map_err(Kind::Signals)?;
        }
        let signals = Signals::new(wanted).map_err(Kind::Signals)?;
        let handle = signals.handle();
        let (run, passing) = (run.clone(), pass.clone());
        let thread = thread::Builder::new()
            .name("flame-signals".to_owned())
            .spawn(move || wait(signals, &passing, &run))
            .map_err(|source| Kind::Thread { purpose: "waits for signals", source })?;
        Ok(Handling { pass, signals: handle, thread })
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

    fn wait(mut signals: Signals, pass: &AtomicBool, run: &Run) {
        if let Some(signal) = signals.forever().next() {
            // Whoever is too impatient for the writing asks once more.
            pass.store(true, SeqCst);
            let _ = run.end(Ending::Signal);
            let _ = emulate_default_handler(signal);
        }
    }

    impl Handling {
        /// Gives the signals their default effect back. The handlers stay, since
        /// without any the signals would be ignored.
        pub(crate) fn retire(self) {
            self.pass.store(true, SeqCst);
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
