//! What the flags mean, checked.

use std::{
    num::NonZeroUsize,
    path::{self, Path, PathBuf},
    str::FromStr,
    time::{Duration, SystemTime},
};

use tracing_flame_layer::{ParseSelectorError, SpanFields, SpanSelector, render};

#[cfg(feature = "listen")]
use crate::listen::{Address, Hosts};
use crate::{
    Error, Preset,
    directives::{Directives, HOSTS_OWN},
    error::{Kind, Unusable},
    file_name::{FileName, PLACEHOLDERS},
    named::Named,
    naming::Naming,
    output::{Output, Place},
    remember::Remembering,
    run,
    session::Schedule,
    slow::{SLOWEST, SlowPlan, Slowest},
    target::Target,
    typed::{Fields, States, Typed},
    window::{Length, Window},
};

/// How long time is taken where no duration is typed.
pub(crate) const DURATION: Duration = Duration::from_secs(60);

/// How often the picture so far is written where nothing else is typed.
pub(crate) const CHECKPOINT: Duration = Duration::from_secs(60);

/// How many windows' pictures are kept where no number is typed.
pub(crate) const KEEP: usize = 10;

/// The shortest window: names of files tell seconds apart.
const SHORTEST: Duration = Duration::from_secs(1);

/// What a session is going to do.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Where the pictures would go now; each window has its names when it is written.
    pub(crate) targets: Vec<Target>,
    pub(crate) naming: Naming,
    pub(crate) every: Option<Every>,
    pub(crate) window: Window,
    /// How often the picture so far is written; `None`: never.
    pub(crate) checkpoint: Option<Duration>,
    pub(crate) filter: Directives,
    pub(crate) idle: Vec<SpanSelector>,
    pub(crate) skip: Vec<SpanSelector>,
    pub(crate) operations: Vec<SpanSelector>,
    pub(crate) detached: Vec<SpanSelector>,
    pub(crate) fields: Vec<SpanFields>,
    pub(crate) queued: bool,
    pub(crate) states: States,
    pub(crate) resources: bool,
    /// Spans that the user named, which the session looks out for.
    pub(crate) named: Vec<Named>,
    pub(crate) options: render::Options,
    /// What changes what the numbers mean, for who compares recordings.
    pub(crate) recorded_with: Vec<(String, String)>,
    /// Which operations get pictures of their own.
    pub(crate) slow: Option<SlowPlan>,
    /// From when on an open operation is told of.
    pub(crate) stuck: Option<Duration>,
    /// Whether what operations measured is kept by classes of latency.
    pub(crate) classes: bool,
    #[cfg(feature = "listen")]
    pub(crate) listen: Option<Listen>,
}

/// Where a session answers, and to which names.
#[cfg(feature = "listen")]
#[derive(Clone, Debug)]
pub(crate) struct Listen {
    pub(crate) address: Address,
    pub(crate) hosts: Hosts,
    /// Spans that metrics have histograms of, besides roots.
    pub(crate) metrics: Vec<SpanSelector>,
}

/// A picture for each window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Every {
    pub(crate) period: Duration,
    /// How many are kept; `None`: all.
    pub(crate) keep: Option<NonZeroUsize>,
}

impl Plan {
    /// What was typed, with the host's defaults for the rest; every output is
    /// known to be writable.
    pub(crate) fn new<P: Preset>(typed: &Typed) -> Result<Self, Error> {
        let every = every(typed)?;
        let window = window(typed, every);
        let operations = spans(&typed.flame_operation, "--flame-operation", P::OPERATION)?;
        let detached = spans(&typed.flame_detached, "--flame-detached", P::DETACHED)?;
        check_slow(typed, &operations)?;
        let mut options = options::<P>(typed)?;
        let filter = filter::<P>(typed)?;
        let idle = spans(&typed.flame_idle, "--flame-idle", P::IDLE)?;
        let skip = spans(&typed.flame_skip, "--flame-skip", P::SKIP)?;
        let fields = fields(&typed.flame_fields, P::FIELDS)?;
        #[cfg(feature = "listen")]
        let listen = listen(typed)?;
        // Last: it is the one that touches the disk.
        let (targets, naming) = targets(typed, every)?;
        let slow = slow(typed, &operations, &naming)?;
        let classes = typed.flame_class.is_some() || slow.is_some();
        options.run = run::facts(
            &filter,
            &[
                ("named operations", &operations),
                ("left out", &skip),
                ("mostly waiting", &idle),
                ("detached", &detached),
            ],
        );
        let states = typed.flame_states.unwrap_or_default();
        let recorded_with = [
            ("filter", filter.to_string()),
            ("window", window.to_string()),
            ("every", every.map_or_else(String::new, |every| format!("{:?}", every.period))),
            ("operation", listed(&operations)),
            ("skip", listed(&skip)),
            ("idle", listed(&idle)),
            ("detached", listed(&detached)),
            ("fields", listed(&fields)),
            ("queued", if typed.flame_queued { "yes" } else { "" }.to_owned()),
            ("states", format!("{states:?}").to_lowercase()),
            ("resources", if typed.flame_resources { "yes" } else { "" }.to_owned()),
        ];
        let recorded_with = recorded_with.into_iter().filter(|(_, value)| !value.is_empty());
        let recorded_with = recorded_with.map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(Self {
            recorded_with,
            targets,
            naming,
            every,
            window,
            checkpoint: nonzero(typed.flame_checkpoint, CHECKPOINT),
            slow,
            stuck: nonzero(typed.flame_stuck, Duration::ZERO),
            classes,
            filter,
            idle,
            skip,
            operations,
            detached,
            fields,
            queued: typed.flame_queued,
            states,
            resources: typed.flame_resources,
            named: Named::all(typed),
            options,
            #[cfg(feature = "listen")]
            listen,
        })
    }

    /// What its session's timer has to do.
    pub(crate) fn schedule(&self) -> Schedule {
        Schedule::new(self.window, self.every.map(|every| every.period), self.checkpoint)
    }
}

impl Plan {
    /// Whether somebody may look at the recording while it runs.
    pub(crate) fn listens(&self) -> bool {
        #[cfg(feature = "listen")]
        return self.listen.is_some();
        #[cfg(not(feature = "listen"))]
        return false;
    }
}

fn every(typed: &Typed) -> Result<Option<Every>, Error> {
    let period = nonzero(typed.flame_every, Duration::ZERO);
    match (period, typed.flame_keep) {
        (Some(period), _) if period < SHORTEST => Err(Kind::EveryTooShort.into()),
        (None, Some(_)) => Err(Kind::KeepWithoutEvery.into()),
        (None, None) => Ok(None),
        (Some(period), keep) => {
            Ok(Some(Every { period, keep: NonZeroUsize::new(keep.unwrap_or(KEEP)) }))
        }
    }
}

/// Only operations that are named have pictures of their own, and only beside those
/// is anything logged shown.
fn check_slow(typed: &Typed, operations: &[SpanSelector]) -> Result<(), Error> {
    let slowest = typed.flame_slowest.is_some_and(|Slowest(most)| most > 0);
    let none = typed.flame_slowest == Some(Slowest(0)) && typed.flame_slower_than.is_none();
    if none && typed.flame_events.is_some() {
        return Err(Kind::EventsOfNone.into());
    }
    if typed.flame_slow_lines.is_some() && typed.flame_slower_than.is_none() {
        return Err(Kind::LinesOfNone.into());
    }
    let flags = [
        ("--flame-slowest", slowest),
        ("--flame-slower-than", typed.flame_slower_than.is_some()),
        ("--flame-events", typed.flame_events.is_some()),
        ("--flame-class", typed.flame_class.is_some()),
        ("--flame-stuck", typed.flame_stuck.is_some()),
    ];
    match flags.into_iter().find(|(_, typed)| *typed && operations.is_empty()) {
        Some((flag, _)) => Err(Kind::WithoutOperation(flag).into()),
        None => Ok(()),
    }
}

fn slow(
    typed: &Typed,
    operations: &[SpanSelector],
    naming: &Naming,
) -> Result<Option<SlowPlan>, Error> {
    let Some(directory) = naming.operations().filter(|_| !operations.is_empty()) else {
        return Ok(None);
    };
    let Slowest(slowest) = typed.flame_slowest.unwrap_or(Slowest(SLOWEST));
    let (slower_than, events) = (typed.flame_slower_than, typed.flame_events);
    let lines = typed.flame_slow_lines.as_deref().map(|path| {
        let file = flame_file::Target::check(path);
        let unusable = |why| Kind::Output { path: path.to_owned(), why: Unusable::File(why) };
        file.map(|file| file.path().to_owned()).map_err(unusable)
    });
    let lines = lines.transpose()?;
    let plan = SlowPlan::new(slowest, slower_than, events, directory);
    Ok(plan.map(|plan| SlowPlan { lines, ..plan }))
}

fn window(typed: &Typed, every: Option<Every>) -> Window {
    let Length(delay) = typed.flame_delay.unwrap_or(Length(Duration::ZERO));
    // What is written again and again is not over after a minute.
    let is_watched = typed.flame_slower_than.is_some() || typed.flame_stuck.is_some();
    let goes_on = every.is_some() || is_watched;
    let default = if goes_on { Duration::ZERO } else { DURATION };
    Window { delay, length: nonzero(typed.flame_duration, default) }
}

/// A length of time of which `0` means never.
fn nonzero(typed: Option<Length>, default: Duration) -> Option<Duration> {
    let Length(length) = typed.unwrap_or(Length(default));
    (!length.is_zero()).then_some(length)
}

fn filter<P: Preset>(typed: &Typed) -> Result<Directives, Error> {
    let hosts: Directives = P::FILTER.parse().map_err(|why| Kind::Preset {
        what: "--flame-filter",
        text: P::FILTER,
        why,
    })?;
    Ok(match &typed.flame_filter {
        Some(typed) => typed.clone().with_hosts_own(&hosts),
        None => hosts,
    })
}

fn spans(
    typed: &[Remembering<Vec<SpanSelector>>],
    what: &'static str,
    hosts: &'static [&'static str],
) -> Result<Vec<SpanSelector>, Error> {
    let hosts: Vec<SpanSelector> = hosts_own(what, hosts)?;
    if typed.is_empty() {
        return Ok(hosts);
    }
    let is_hosts_own = |span: &SpanSelector| span.to_string() == HOSTS_OWN;
    Ok(Remembering::all(typed)
        .into_iter()
        .flatten()
        .flat_map(|span| if is_hosts_own(&span) { hosts.clone() } else { vec![span] })
        .collect())
}

fn fields(
    typed: &[Remembering<Fields>],
    hosts: &'static [&'static str],
) -> Result<Vec<SpanFields>, Error> {
    let hosts: Vec<SpanFields> = hosts_own("--flame-fields", hosts)?;
    if typed.is_empty() {
        return Ok(hosts);
    }
    let all = Remembering::all(typed).into_iter().flat_map(|typed| {
        let hosts = if typed.after_hosts_own { hosts.clone() } else { Vec::new() };
        hosts.into_iter().chain(typed.fields)
    });
    Ok(all.collect())
}

/// A list of the host's preset.
fn hosts_own<T: FromStr<Err = ParseSelectorError>>(
    what: &'static str,
    hosts: &'static [&'static str],
) -> Result<Vec<T>, Error> {
    let parse = |&text: &&'static str| {
        text.parse().map_err(|why: ParseSelectorError| {
            Kind::Preset { what, text, why: why.to_string() }.into()
        })
    };
    hosts.iter().map(parse).collect()
}

/// What a flag named, in the order in which that was typed.
fn listed(named: &[impl ToString]) -> String {
    named.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn options<P: Preset>(typed: &Typed) -> Result<render::Options, Error> {
    if typed.flame_threads && typed.flame_class.is_some() {
        return Err(Kind::ThreadsOfClass.into());
    }
    let weight = match (typed.flame_weight.map(Into::into), typed.flame_threads) {
        (Some(render::Weight::Wall), true) => return Err(Kind::ThreadsByWall.into()),
        (_, true) => render::Weight::Busy,
        (weight, false) => weight.unwrap_or_default(),
    };
    Ok(render::Options::default()
        .weight(weight)
        .hide_await(typed.flame_hide_await)
        .names(typed.flame_names.map(Into::into).unwrap_or_default())
        .threads(typed.flame_threads)
        .classes(typed.flame_class.clone())
        .title(P::TITLE))
}

#[cfg(feature = "listen")]
fn listen(typed: &Typed) -> Result<Option<Listen>, Error> {
    let hosts = Remembering::all(&typed.flame_allow_host);
    let metrics: Vec<SpanSelector> =
        Remembering::all(&typed.flame_metrics).into_iter().flatten().collect();
    if metrics.len() > render::Metrics::MOST_SPANS {
        return Err(Kind::TooManyMetrics(metrics.len()).into());
    }
    match typed.flame_listen {
        Some(address) => Ok(Some(Listen { address, hosts: Hosts::new(hosts), metrics })),
        None if !hosts.is_empty() => Err(Kind::WithoutListen("--flame-allow-host").into()),
        None if !metrics.is_empty() => Err(Kind::WithoutListen("--flame-metrics").into()),
        None => Ok(None),
    }
}

fn targets(typed: &Typed, every: Option<Every>) -> Result<(Vec<Target>, Naming), Error> {
    let mut outputs = Remembering::all(&typed.flame_output);
    if outputs.is_empty() {
        outputs.push(Output::default());
    }
    let unusable = |output: &Output, why| Kind::Output { path: output.typed.clone(), why };
    let names: Result<Vec<_>, Kind> = outputs
        .iter()
        .map(|output| name(output, every).map_err(|why| unusable(output, why)))
        .collect();
    let naming = Naming::new(names?);
    let mut targets: Vec<Target> = Vec::with_capacity(outputs.len());
    // The session names its windows itself, the first perhaps the same.
    for (output, path) in outputs.into_iter().zip(naming.clone().next(SystemTime::now())) {
        let file = match output.place {
            Place::StandardOutput => flame_file::Target::standard_output(),
            Place::File(_) => flame_file::Target::check(&path),
        };
        let file = file.map_err(|why| unusable(&output, Unusable::File(why)))?;
        if let Some(first) = targets.iter().find(|earlier| earlier.file.is_same_file(&file)) {
            let first = first.path().to_owned();
            return Err(Kind::SameOutput { first, second: output.typed }.into());
        }
        targets.push(Target { file, format: output.format });
    }
    Ok((targets, naming))
}

/// An output's absolute path, and what its file's name means.
fn name(output: &Output, every: Option<Every>) -> Result<(PathBuf, FileName), Unusable> {
    let unusable = Unusable::File;
    let path = match (&output.place, every) {
        (Place::File(path), _) => path.as_path(),
        (Place::StandardOutput, None) => Path::new("/dev/stdout"),
        (Place::StandardOutput, Some(_)) => return Err(Unusable::WindowsToStandardOutput),
    };
    let (Some(name), directory) = (path.file_name(), path.parent()) else {
        return Err(unusable(flame_file::Unusable::IsDirectory));
    };
    let above = directory.map(Path::to_string_lossy).unwrap_or_default();
    if let Some((word, _)) = PLACEHOLDERS.iter().find(|(word, _)| above.contains(word)) {
        return Err(Unusable::PlaceholderAbove(word));
    }
    let parsed = match every {
        Some(_) => FileName::for_each_window(name, output.format),
        None => FileName::parse(name),
    };
    let absolute = path::absolute(path).map_err(|source| {
        unusable(flame_file::Unusable::Io { doing: "finding its absolute path", source })
    })?;
    Ok((absolute, parsed.map_err(Unusable::Placeholder)?))
}
