//! What the flags mean, checked.

use std::{path::PathBuf, time::Duration};

use tracing_flame_layer::{
    SpanFields, SpanSelector,
    render::{self, Format},
};

use crate::{
    Error, Preset,
    directives::{Directives, HOSTS_OWN},
    error::Kind,
    remember::Remembering,
    session::Schedule,
    target::Target,
    typed::Typed,
    window::{Length, Window},
};

/// How long time is taken where no duration is typed.
pub(crate) const DURATION: Duration = Duration::from_secs(60);

/// How often the picture so far is written where nothing else is typed.
pub(crate) const CHECKPOINT: Duration = Duration::from_secs(60);

/// Where a picture goes where no output is typed.
pub(crate) fn default_output() -> String {
    format!("flamegraph{}", Format::ALL[0].extension())
}

/// What a session is going to do.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) targets: Vec<Target>,
    pub(crate) window: Window,
    /// How often the picture so far is written; `None`: never.
    pub(crate) checkpoint: Option<Duration>,
    pub(crate) filter: Directives,
    pub(crate) idle: Vec<SpanSelector>,
    pub(crate) skip: Vec<SpanSelector>,
    pub(crate) operations: Vec<SpanSelector>,
    pub(crate) fields: Vec<SpanFields>,
    pub(crate) queued: bool,
    pub(crate) options: render::Options,
}

impl Plan {
    /// What was typed, with the host's defaults for the rest; every output is
    /// known to be writable.
    pub(crate) fn new<P: Preset>(typed: &Typed) -> Result<Self, Error> {
        let window = window(typed);
        Ok(Self {
            window,
            checkpoint: nonzero(typed.flame_checkpoint, CHECKPOINT),
            filter: filter::<P>(typed)?,
            idle: spans(&typed.flame_idle, "--flame-idle", P::IDLE)?,
            skip: spans(&typed.flame_skip, "--flame-skip", P::SKIP)?,
            operations: spans(&typed.flame_operation, "--flame-operation", P::OPERATION)?,
            fields: Remembering::all(&typed.flame_fields).concat(),
            queued: typed.flame_queued,
            options: options::<P>(typed)?,
            // Last: it is the one that touches the disk.
            targets: targets(typed)?,
        })
    }

    /// What its session's timer has to do.
    pub(crate) fn schedule(&self) -> Schedule {
        Schedule::new(self.window, self.checkpoint)
    }
}

fn window(typed: &Typed) -> Window {
    let Length(delay) = typed.flame_delay.unwrap_or(Length(Duration::ZERO));
    Window { delay, length: nonzero(typed.flame_duration, DURATION) }
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
    let hosts = hosts
        .iter()
        .map(|&text| {
            text.parse::<SpanSelector>().map_err(|why| Kind::Preset {
                what,
                text,
                why: why.to_string(),
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
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

fn options<P: Preset>(typed: &Typed) -> Result<render::Options, Error> {
    let weight = match (typed.flame_weight.map(Into::into), typed.flame_threads) {
        (Some(render::Weight::Wall), true) => return Err(Kind::ThreadsByWall.into()),
        (_, true) => render::Weight::Busy,
        (weight, false) => weight.unwrap_or_default(),
    };
    Ok(render::Options {
        weight,
        hide_await: typed.flame_hide_await,
        names: typed.flame_names.map(Into::into).unwrap_or_default(),
        threads: typed.flame_threads,
        title: P::TITLE.to_owned(),
    })
}

fn targets(typed: &Typed) -> Result<Vec<Target>, Error> {
    let mut paths = Remembering::all(&typed.flame_output);
    if paths.is_empty() {
        paths.push(PathBuf::from(default_output()));
    }
    let mut targets: Vec<Target> = Vec::with_capacity(paths.len());
    for path in paths {
        let target =
            Target::check(&path).map_err(|why| Kind::Output { path: path.clone(), why })?;
        if let Some(first) = targets.iter().find(|earlier| earlier.is_same_file(&target)) {
            let first = first.path().to_owned();
            return Err(Kind::SameOutput { first, second: path }.into());
        }
        targets.push(target);
    }
    Ok(targets)
}
