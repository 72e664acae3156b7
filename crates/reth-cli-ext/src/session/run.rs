//! The part of a session that its threads share: it ends once, by writing.

#[cfg(feature = "listen")]
use std::net::SocketAddr;
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use tracing::{
    Metadata,
    level_filters::{LevelFilter, STATIC_MAX_LEVEL},
};
use tracing_flame_layer::{Flame, Profile};

use super::{
    Ending,
    empty::Evidence,
    failing::Failing,
    gate::Gate,
    kept_out,
    operations::Pages,
    owner::Owner,
    seen::Seen,
    series::{Picture, Series},
    summary,
};
use crate::{
    Error, Reporter,
    error::{Kind, WriteFailure},
    named,
    plan::Plan,
    target::Target,
};

/// Shared by the session, its timer and its signal handler.
pub(crate) struct Run {
    /// The process that it is a session of.
    pub(crate) process: u32,
    /// Whose the files are by now.
    pub(crate) owner: Arc<Owner>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) flame: Flame,
    pub(crate) seen: Arc<Seen>,
    pub(crate) gate: Gate,
    pub(crate) reporter: Arc<dyn Reporter>,
    pub(crate) series: Mutex<Series>,
    /// Locked while the timer writes.
    pub(crate) busy: Mutex<()>,
    pub(crate) failing: Failing,
    pub(crate) outcome: OnceLock<Result<(), Error>>,
    pub(crate) pages: Pages,
}

/// What came of writing a picture.
pub(super) struct Written {
    profile: Profile,
    /// For each output where it went, and how many bytes that were or why not.
    outputs: Vec<(PathBuf, Result<u64, String>)>,
}

impl Written {
    /// For each output why it failed, if it did.
    pub(super) fn outcomes(&self) -> impl Iterator<Item = (usize, Option<WriteFailure>)> {
        self.outputs.iter().enumerate().map(|(output, (path, result))| {
            let failure = |why: &String| WriteFailure { path: path.clone(), why: why.clone() };
            (output, result.as_ref().err().map(failure))
        })
    }
}

impl Run {
    /// Says what the session is going to do.
    pub(crate) fn announce(&self) {
        let line = summary::start(&self.plan, STATIC_MAX_LEVEL, self.flame.states());
        self.tell(|reporter| reporter.info(&line));
    }

    /// Says where the session can be looked at.
    #[cfg(feature = "listen")]
    pub(crate) fn announce_address(&self, address: SocketAddr) {
        let line = super::listen::line(address);
        self.tell(|reporter| reporter.info(&line));
    }

    /// Begins to take time.
    pub(crate) fn open_window(&self) {
        self.series().open(&self.flame, self.gate.time_of_day());
        self.seen.window_opened.raise();
    }

    /// Ends the session: whoever comes first writes, at once, and everyone else
    /// waits for that and gets the same result.
    pub(crate) fn end(&self, ending: Ending) -> Result<(), Error> {
        self.gate.close();
        let outcome = self.outcome.get_or_init(|| self.write(ending)).clone();
        self.owner.end();
        // What the timer writes meanwhile is finished or dropped.
        drop(self.busy());
        outcome
    }

    fn write(&self, ending: Ending) -> Result<(), Error> {
        // Before the end, which switches off what only our layer wants.
        let finest = LevelFilter::current();
        let kept_out = contained(|| kept_out::callsites(&self.plan.filter)).unwrap_or_default();
        let picture = contained(|| {
            if !self.goes_on(ending) {
                self.flame.finish();
            }
            self.series().so_far(&self.flame, &self.plan)
        });
        let picture = picture.map_err(|why| {
            let paths = self.plan.targets.iter().map(|target| target.path().to_owned());
            self.failure(paths.map(|path| WriteFailure { path, why: why.clone() }))
        })?;
        let written = self.write_picture(picture);
        let failures: Vec<_> = written.outcomes().filter_map(|(_, failure)| failure).collect();
        let result = if failures.is_empty() { Ok(()) } else { Err(self.failure(failures)) };
        self.tell_of_files(&written, ending, finest);
        self.tell_of_absent(&written.profile);
        self.tell_of_kept_out(&kept_out, &written.profile);
        // A panic in it has been contained, and the picture is written.
        let _ = contained(|| self.draw_operations());
        result
    }

    /// Whether time is taken after this end, for those who look at it live.
    fn goes_on(&self, ending: Ending) -> bool {
        ending == Ending::WindowOver && self.plan.listens()
    }

    /// Writes a picture to all its outputs, whatever fails on the way.
    pub(super) fn write_picture(&self, picture: Picture) -> Written {
        let Picture { window, profile, targets } = picture;
        let outputs = targets.iter().map(|target| {
            let result = self.draw(&profile, target);
            if result.is_ok() {
                self.delete_older(window, target);
            }
            (target.path().to_owned(), result)
        });
        let outputs = outputs.collect();
        Written { profile, outputs }
    }

    fn draw(&self, profile: &Profile, target: &Target) -> Result<u64, String> {
        let options = &self.plan.options;
        contained(|| target.replace(profile, &self.flame, options))?.map_err(|e| e.to_string())
    }

    /// One line about the files that could be written. `finest` is the finest level
    /// that the process's subscribers let through while time was taken.
    pub(super) fn tell_of_files(&self, written: &Written, ending: Ending, finest: LevelFilter) {
        let Written { profile, outputs } = written;
        let files = outputs
            .iter()
            .filter_map(|(path, result)| Some((path.as_path(), *result.as_ref().ok()?)));
        let files: Vec<_> = files.collect();
        if !files.is_empty() {
            let empty = profile.is_empty().then(|| self.why_empty(ending, finest));
            let line = summary::end(profile, &files, empty);
            self.tell(|reporter| reporter.info(&line));
        }
    }

    /// One line about spans that were named and of which none came by. Where there
    /// was no span at all, the files' line says why.
    fn tell_of_absent(&self, profile: &Profile) {
        let whole = Some(profile).filter(|_| self.plan.every.is_none());
        let absent = named::absent(&self.seen.named, &self.plan.filter, whole);
        if let Some(line) = absent.filter(|_| !profile.is_empty()) {
            self.tell(|reporter| reporter.info(&line));
        }
    }

    /// One line about spans that a filter of the host's own kept out. Where there was no
    /// span at all, the files' line says why.
    fn tell_of_kept_out(&self, kept_out: &[&'static Metadata<'static>], profile: &Profile) {
        let line = kept_out::line(kept_out, profile, &self.plan.filter);
        if let Some(line) = line.filter(|_| !profile.is_empty()) {
            self.tell(|reporter| reporter.info(&line));
        }
    }

    pub(super) fn series(&self) -> MutexGuard<'_, Series> {
        self.series.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the timer does not write, and keeps it from that.
    pub(super) fn busy(&self) -> MutexGuard<'_, ()> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn why_empty(&self, ending: Ending, finest: LevelFilter) -> String {
        if self.flame.is_installed() {
            self.seen.layer_added.raise();
        }
        if self.flame.has_recorded_spans() {
            self.seen.span_created.raise();
        }
        Evidence::gather(&self.plan, &self.seen, ending, finest).reason()
    }

    fn failure(&self, failures: impl IntoIterator<Item = WriteFailure>) -> Error {
        let error = Error::from(Kind::Write(failures.into_iter().collect()));
        self.tell(|reporter| reporter.error(&error.to_string()));
        error
    }

    /// A reporter is the host's code, and runs where a panic would end the host.
    pub(crate) fn tell(&self, tell: impl FnOnce(&dyn Reporter)) {
        let _ = contained(|| tell(&*self.reporter));
    }
}

/// Runs what must not take the host down, and says what it panicked with.
pub(crate) fn contained<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| panic_text(&*payload))
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    format!("drawing it panicked: {text}")
}
