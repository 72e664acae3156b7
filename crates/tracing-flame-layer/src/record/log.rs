//! What the program logs within an operation that is followed.

use std::fmt::{Debug, Write};

use tracing::{
    Event,
    field::{Field, Visit},
};

use super::{
    capture::{Capture, LogLine},
    find::Found,
    recorder::Recorder,
    text::Bounded,
    thread::Local,
};

/// How many characters of an event are kept.
const MOST: usize = 240;

impl Recorder {
    /// An event happened on this thread; it is kept where it belongs to an
    /// operation that is followed and has room for it.
    #[cold]
    pub(crate) fn log(&self, local: &Local, event: &Event<'_>) {
        let now = self.clock.ticks();
        let parent = event.parent().map(tracing::Id::into_u64);
        let mut has_room = false;
        self.in_capture(local, event.is_root(), parent, |capture| {
            has_room = capture.has_log_room();
        });
        if !has_room {
            return;
        }
        // Reading its fields runs the program's own code, which may make spans and
        // events itself: nothing is held meanwhile.
        let mut text = Text::new();
        event.record(&mut text);
        let metadata = event.metadata();
        let (level, target, text) = (*metadata.level(), metadata.target(), text.finish());
        let line = LogLine { at: now, level, target, text };
        self.in_capture(local, event.is_root(), parent, |capture| capture.log(line));
    }

    /// Calls with the capture of the operation that an event belongs to.
    fn in_capture(
        &self,
        local: &Local,
        is_root: bool,
        parent: Option<u64>,
        call: impl FnOnce(&mut Capture),
    ) -> Option<()> {
        if is_root {
            return None;
        }
        let mut section = local.section()?;
        let mut id = parent.or_else(|| section.state.current())?;
        loop {
            match self.find_at_hand(&local.record, &section.state, id)? {
                Found::Clear { above } => id = above?,
                Found::Shared { operation, .. } => {
                    call(self.operations.get(operation)?.lock().capture()?);
                    return Some(());
                }
                Found::Own => {
                    call(section.state.capture()?);
                    return Some(());
                }
                Found::Fresh { .. } => return None,
            }
        }
    }
}

/// An event's fields as a line: the message, then `name=value`.
struct Text(Bounded);

impl Text {
    fn new() -> Self {
        Self(Bounded::new(MOST))
    }

    fn finish(self) -> String {
        let mut text = self.0.finish();
        let blank = text.len().saturating_sub(text.trim_start().len());
        drop(text.drain(..blank));
        text
    }
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        // A text that does not fit is cut off; that is no error.
        let _ = match field.name() {
            "message" => write!(self.0, " {value}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}
