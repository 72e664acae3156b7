//! What a thread does while its thread-locals are destroyed.

use std::{
    cell::RefCell,
    sync::mpsc::{Sender, channel},
    thread,
};

use tracing::{Span, info_span, subscriber::with_default};
use tracing_subscriber::registry;

/// Works when it is dropped, and says so.
struct AtTheEnd {
    /// Open, and entered on this thread before.
    kept: Span,
    said: Sender<String>,
}

thread_local! {
    static AT_THE_END: RefCell<Option<AtTheEnd>> = const { RefCell::new(None) };
}

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        let answer = self.kept.in_scope(|| super::work(10));
        // Nobody listens only where the host has ended.
        let _ = self.said.send(answer);
    }
}

/// Has a thread enter, make and close spans after what the layer keeps for it is gone.
pub(crate) fn bid() -> String {
    let (said, words) = channel();
    let thread = thread::spawn(move || {
        // Thread-locals are destroyed last to first: the Registry's, without which no
        // span can be entered, then this one, then the layer's come into being.
        with_default(registry(), || info_span!("first").in_scope(|| ()));
        AT_THE_END.with(|end| {
            assert!(end.borrow().is_none());
            let kept = info_span!("kept");
            kept.in_scope(|| super::work(10));
            *end.borrow_mut() = Some(AtTheEnd { kept, said });
        });
    });
    let ended = thread.join();
    ended.map_or_else(|_| "it panicked".to_owned(), |()| words.iter().collect())
}
