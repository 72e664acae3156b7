//! One `--flame` run, from checked flags to files on disk.
//!
//! A session ends once, at whichever comes first of the end of its window,
//! [`FlameSession::finish`], its drop, and a signal. Whoever gets there first
//! writes; the others wait for that and share its result.
//!
//! Until then one thread does what is due by the [`schedule`]: it opens the
//! window after its delay, writes checkpoints, turns from one window to the next,
//! and ends the session. It sleeps at the [`gate`], which the end closes.

mod checkpoints;
mod empty;
mod failing;
mod filter;
mod forked;
mod gate;
mod kept_out;
mod lines;
#[cfg(feature = "listen")]
mod listen;
mod operations;
mod owner;
mod run;
mod schedule;
mod seen;
mod series;
#[cfg(any(unix, windows))]
mod signals;
mod stuck;
mod summary;
#[cfg(test)]
mod tests;
mod timer;
mod windows;

#[cfg(feature = "listen")]
use std::net::SocketAddr;
use std::{
    fmt, mem, process,
    sync::{Arc, Mutex, OnceLock},
    thread::JoinHandle,
    time::Instant,
};

use tracing::Subscriber;
use tracing_flame_layer::{FilteredFlameLayer, Flame, FlameLayer};
use tracing_subscriber::{Layer, registry::LookupSpan};

use self::{
    failing::Failing,
    filter::SpanFilter,
    gate::{Gate, Time},
    operations::Pages,
    owner::Owner,
    run::Run,
    seen::Seen,
    series::Series,
};
pub(crate) use self::{owner::Elsewhere, schedule::Schedule, seen::Flag};
#[cfg(feature = "listen")]
use crate::listen::Listening;
use crate::{Error, Reporter, plan::Plan, slow::Least, typed::States};

/// One `--flame` run: it hands out the layer, and writes the flamegraph.
///
/// Keep it in a variable until the program's end and call
/// [`finish`](Self::finish) there. Dropping it writes as well, a panic included, and
/// so does a signal that ends the program. `std::process::exit` drops nothing, so
/// finish before it.
///
/// ```
/// use clap::{Args, FromArgMatches};
/// use reth_cli_ext::FlameArgs;
/// use tracing_subscriber::{layer::SubscriberExt, registry};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let path = std::env::temp_dir().join(format!("flame-{}.folded", std::process::id()));
/// let command = <FlameArgs>::augment_args(clap::Command::new("program"));
/// let line = ["program", "--flame", "--flame-output", path.to_str().ok_or("not UTF-8")?];
/// let flags = <FlameArgs>::from_arg_matches(&command.try_get_matches_from(line)?)?;
///
/// let mut session = flags.session()?;
/// tracing::subscriber::with_default(registry().with(session.layer()), || {
///     tracing::info_span!("work").in_scope(|| ());
/// });
/// session.finish()?;
/// assert!(std::fs::read_to_string(&path)?.starts_with("work "));
/// # std::fs::remove_file(&path)?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a session that is dropped writes its flamegraph at once; keep it to the program's end"]
pub struct FlameSession(Option<Running>);

struct Running {
    run: Arc<Run>,
    layer: Option<FlameLayer>,
    threads: Vec<JoinHandle<()>>,
    #[cfg(feature = "listen")]
    listening: Option<Listening>,
}

/// What ended a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The window was over.
    WindowOver,
    /// The host called `finish`.
    Finished,
    /// The host dropped the session.
    Dropped,
    /// A signal came.
    #[cfg(any(unix, windows))]
    Signal,
}

impl FlameSession {
    /// The session of a program that was not given `--flame`.
    pub(crate) fn off() -> Self {
        Self(None)
    }

    /// Starts what a plan says.
    pub(crate) fn start(plan: Plan, reporter: Box<dyn Reporter>) -> Result<Self, Error> {
        let session = Self::start_at(plan, reporter, Time::Since(Instant::now()))?;
        #[cfg(any(unix, windows))]
        if let Some(Running { run, .. }) = &session.0
            && let Err(why) = signals::heed(run)
        {
            // The program is no worse off than without a session.
            run.tell(|reporter| reporter.error(&why.to_string()));
        }
        Ok(session)
    }

    fn start_at(mut plan: Plan, reporter: Box<dyn Reporter>, time: Time) -> Result<Self, Error> {
        let mut builder = FlameLayer::builder();
        if let Some(Least(least)) = plan.slow.as_ref().and_then(|slow| slow.slower_than) {
            builder = builder.slower_than(least);
        }
        if let Some(finest) = plan.slow.as_ref().and_then(|slow| slow.events) {
            builder = builder.events(finest);
        }
        let (layer, flame) = builder
            .idle(plan.idle.clone())
            .skip(plan.skip.clone())
            .operations(plan.operations.clone())
            .detached(plan.detached.clone())
            .fields(plan.fields.clone())
            .queued(plan.queued)
            .states(plan.states != States::Off)
            .partial_states(plan.states == States::Partial)
            .resources(plan.resources)
            .slowest(plan.slow.as_ref().map_or(0, |slow| slow.slowest))
            .classes(plan.classes)
            .paused(true)
            .build();
        #[cfg(feature = "listen")]
        let listening = listen::start(&plan, &flame)?;
        let gate = Gate::new(time);
        let seen = Seen { named: mem::take(&mut plan.named), ..Seen::default() };
        let seen = Arc::new(seen);
        let run = Arc::new(Run {
            process: process::id(),
            owner: Arc::new(Owner::this_process()),
            series: Mutex::new(Series::new(&plan, gate.time_of_day())),
            plan: Arc::new(plan),
            flame,
            seen,
            gate,
            busy: Mutex::default(),
            failing: Failing::default(),
            reporter: Arc::from(reporter),
            outcome: OnceLock::new(),
            pages: Pages::default(),
        });
        let threads = start_threads(&run, &[timer::start, operations::start, stuck::start])?;
        run.announce();
        #[cfg(feature = "listen")]
        if let Some(listening) = &listening {
            run.announce_address(listening.address());
        }
        Ok(Self(Some(Running {
            run,
            layer: Some(layer),
            threads,
            #[cfg(feature = "listen")]
            listening,
        })))
    }

    /// The layer to add to the subscriber: `None` without `--flame`, and when
    /// called again.
    ///
    /// It carries the filter of `--flame-filter` itself, takes spans only and
    /// switches nothing on for other layers. Add it beside them, and give them
    /// their filters by `.with_filter(..)`: a filter added by `.with(..)` holds
    /// for this layer too. So does the level of a subscriber that `fmt()` makes, which
    /// has no filters for single layers: where `fmt().finish().with(flame.layer())` shows
    /// `info` the picture has no finer spans, whatever `--flame-filter` says. Build on
    /// `registry()` with `fmt::layer().with_filter(..)` instead.
    #[must_use = "without the layer nothing is recorded"]
    pub fn layer<S>(&mut self) -> Option<impl Layer<S> + Send + Sync + use<S>>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let running = self.0.as_mut()?;
        let layer = running.layer.take()?;
        let run = &running.run;
        run.seen.layer_taken.raise();
        let filter = SpanFilter::new(
            &run.plan.filter,
            run.seen.clone(),
            run.plan.slow.as_ref().and_then(|slow| slow.events),
        );
        let filtered: FilteredFlameLayer<S, _> = if run.plan.filter.follows_spans() {
            layer.with_filter(filter)
        } else {
            layer.with_callsite_filter(filter)
        };
        Some(filtered)
    }

    /// The handle that takes snapshots, and stops and starts taking time while
    /// the program runs: `None` without `--flame`.
    ///
    /// Time in which it is stopped is in no picture. The session ends as it would
    /// have, and nothing is recorded after that; with `--flame-listen` recording goes
    /// on from the window's end to the session's. To have windows of your own beside
    /// the session's, see [`Flame::independent`].
    #[must_use]
    pub fn flame(&self) -> Option<Flame> {
        self.0.as_ref().map(|running| running.run.flame.clone())
    }

    /// The address of `--flame-listen`, with the port that the system chose where
    /// it was given as 0.
    #[cfg(feature = "listen")]
    #[cfg_attr(docsrs, doc(cfg(feature = "listen")))]
    #[must_use]
    pub fn listen_address(&self) -> Option<SocketAddr> {
        Some(self.0.as_ref()?.listening.as_ref()?.address())
    }

    /// Ends the session: writes the flamegraph, unless the end of the window
    /// already has, and says so in one line.
    ///
    /// # Errors
    ///
    /// Where a file could not be written, now or at the end of the window; of the
    /// windows of `--flame-every` it is about the last one. The reporter has been
    /// told, earlier content of the file is intact, and the other files are
    /// written.
    ///
    /// In a child that was forked, while the process that started the session runs, or once
    /// that has ended it: nothing is written there.
    pub fn finish(mut self) -> Result<(), Error> {
        self.0.take().map_or(Ok(()), |running| running.end(Ending::Finished))
    }
}

/// Starts a thread of a session, where it needs that one.
type StartThread = fn(&Arc<Run>) -> Result<Option<JoinHandle<()>>, Error>;

/// Starts a session's threads. Where one of them cannot be started there is no
/// session, and those before it end without having written.
fn start_threads(run: &Arc<Run>, starts: &[StartThread]) -> Result<Vec<JoinHandle<()>>, Error> {
    let mut threads = Vec::new();
    for start in starts {
        match start(run) {
            Ok(thread) => threads.extend(thread),
            Err(why) => {
                run.gate.close();
                join(threads);
                return Err(why);
            }
        }
    }
    Ok(threads)
}

fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        // It holds no lock, and what it runs contains its panics.
        let _ = thread.join();
    }
}

impl Running {
    fn end(self, ending: Ending) -> Result<(), Error> {
        if self.run.is_forked() {
            let run = Arc::clone(&self.run);
            // There are none of the session's threads to wait for, nor may anything be asked
            // of them.
            mem::forget(self);
            return run.end_in_child(ending);
        }
        let result = self.run.end(ending);
        join(self.threads);
        #[cfg(feature = "listen")]
        if let Some(listening) = self.listening {
            listening.close();
        }
        // Where somebody listened, the window's end was not the recording's.
        self.run.flame.finish();
        #[cfg(any(unix, windows))]
        signals::retire(&self.run);
        result
    }
}

impl Drop for FlameSession {
    fn drop(&mut self) {
        if let Some(running) = self.0.take() {
            // The reporter has been told of a failure.
            let _ = running.end(Ending::Dropped);
        }
    }
}

impl fmt::Debug for FlameSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = self.0.as_ref().map(|running| &running.run.plan);
        f.debug_tuple("FlameSession").field(&plan).finish()
    }
}
