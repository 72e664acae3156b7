//! On Windows: Ctrl-C, Ctrl-Break, and the console's or the system's end.
//!
//! The system calls handlers on a thread of its own, the one that was set last first,
//! and no further where one says that it has seen to it. So the host's come before
//! ours where they are set after the session began, and what they handle does not
//! reach it. Ours always says that it has not: whatever would have happened happens
//! after it.

use std::{
    io,
    sync::{
        Once,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use crate::{Error, error::Kind};

type Handler = unsafe extern "system" fn(kind: u32) -> i32;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn SetConsoleCtrlHandler(handler: Option<Handler>, add: i32) -> i32;
}

static HANDLER: Once = Once::new();
static ASKED: AtomicBool = AtomicBool::new(false);

/// There is no thread to wait for.
pub(super) enum Listening {}

impl Listening {
    pub(super) fn join(self) {
        match self {}
    }
}

/// Sets the handler, unless that has been done.
pub(super) fn listen() -> Result<(), Error> {
    let mut result = Ok(());
    HANDLER.call_once(|| {
        // SAFETY: the handler has the type that the system calls, and stays for the
        // life of the process.
        if unsafe { SetConsoleCtrlHandler(Some(on_control), 1) } == 0 {
            result = Err(io::Error::last_os_error());
        }
    });
    result.map_err(|source| Kind::Signals(source).into())
}

/// The handler stays, and finds no session.
pub(super) fn stop() -> Option<Listening> {
    None
}

unsafe extern "system" fn on_control(_: u32) -> i32 {
    const NOT_HANDLED: i32 = 0;
    // Whoever is too impatient for the writing asks once more.
    if !ASKED.swap(true, SeqCst) {
        super::end_all();
    }
    NOT_HANDLED
}
