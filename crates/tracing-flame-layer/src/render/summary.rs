//! What a picture says about itself, in words: the same in every format that
//! has room for it.

use crate::{Profile, profile::StateSource};

use super::{
    Options, Weight,
    frames::Frames,
    human::{Count, Nanos, Plural, Share, Utc},
    label::printable,
    table::text::shortened,
};

/// What a width means, in a few words.
pub(super) fn meaning(frames: &Frames<'_>, options: &Options) -> &'static str {
    if frames.is_bare() {
        return "width = the weights that were given, of which kind is not known";
    }
    match (options.effective_weight(), options.threads, options.hide_await) {
        (Weight::Wall, _, false) => {
            "width = wall-clock time: every instant of an operation counts once"
        }
        (Weight::Wall, _, true) => {
            "width = wall-clock time at work: every instant counts once, [await] is left out"
        }
        (Weight::Busy, false, _) => {
            "width = thread time: each thread's goes to the innermost span it has entered"
        }
        (Weight::Busy, true, _) => {
            "width = thread time, a tower for each thread name: it goes to the innermost span entered"
        }
    }
}

/// The headline on one line.
pub(super) fn title(options: &Options) -> String {
    printable(&options.title)
}

/// Who says so.
pub(super) const AUTHOR: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

/// The window, how much ran in it, and who says so, on one line.
#[cfg(any(feature = "svg", feature = "pprof"))]
pub(super) fn signed_facts(frames: &Frames<'_>) -> String {
    format!("{}, {AUTHOR}", facts(frames))
}

/// The window, and how much ran in it: so many spans are what recording cost, times what
/// one of them costs.
pub(super) fn facts(frames: &Frames<'_>) -> String {
    if frames.is_bare() {
        return "stacks and weights alone".to_owned();
    }
    let profile = frames.profile();
    let window = profile.window();
    let length = u64::try_from(window.length.as_nanos()).unwrap_or(u64::MAX);
    let threads = profile.threads().iter().fold(0_u64, |n, t| n.saturating_add(t.threads));
    let coverage = coverage(profile).map(|share| format!(", {share}")).unwrap_or_default();
    // Of what was not told by thread, nobody knows how many there were.
    let is_known = threads > 0 || profile.is_empty();
    let threads = if is_known { format!(", {}", Plural(threads, "thread")) } else { String::new() };
    format!(
        "{} + {}, {}, {}{threads}{coverage}",
        Utc(window.start),
        Nanos(length),
        Plural(profile.operations(), "operation"),
        Plural(profile.spans(), "span"),
    )
}

/// In how much of the window some span was open. Where that was not measured, it is no
/// more than the time of all operations together.
fn coverage(profile: &Profile) -> Option<String> {
    let whole = u64::try_from(profile.window().length.as_nanos()).unwrap_or(u64::MAX);
    let (most, part) = match profile.covered_nanos() {
        Some(covered) => ("", covered),
        None => ("at most ", profile.operation_nanos()),
    };
    let is_known = whole > 0 && !profile.is_empty() && (most.is_empty() || part < whole);
    let share = Share { part: part.min(whole), whole };
    is_known.then(|| format!("some span open in {most}{share} of it"))
}

/// How it is known what threads did in the frames, and that a CPU was wanting where it
/// was, a line each; none where nobody asked.
pub(super) fn states(frames: &Frames<'_>) -> Vec<String> {
    let source = frames.profile().states().map(|source| match source {
        StateSource::Exact => "states: exact".to_owned(),
        StateSource::Partial(why) => format!("states: partial, {}", printable(why)),
        StateSource::None(why) => format!("states: none, {}", printable(why)),
    });
    let (part, whole) = (frames.runnable_nanos(), frames.total_nanos());
    let is_busy = u128::from(part) * 20 > u128::from(whole);
    let busy = is_busy.then(|| {
        let share = Share { part, whole };
        format!("the machine was busy: {share} of this time threads waited for a CPU")
    });
    source.into_iter().chain(busy).collect()
}

/// Roots that are most likely parts of something else, a line for each name, with the
/// cure.
pub(super) fn orphans(frames: &Frames<'_>) -> Vec<String> {
    /// How many names are told.
    const MOST: usize = 5;
    /// How many characters of a name.
    const LONGEST: usize = 40;
    let bottom = frames.all().iter().filter(|frame| frame.depth == 0);
    let told = bottom.filter_map(|frame| {
        let (count, waiting) = frames.orphans(frame)?;
        let lived = frames.lived(frame)?;
        Some(format!(
            "likely orphans: {} of {} of {} began with nothing entered on their thread while \
             another waited in {}; if they are part of that, name it as their parent \
             (parent: &span)",
            Count(count),
            Plural(lived, "operation"),
            shortened(frames.label(frame), LONGEST),
            shortened(waiting, LONGEST),
        ))
    });
    told.take(MOST).collect()
}

/// Why there is nothing to draw; `None` where there is something.
pub(super) fn emptiness(frames: &Frames<'_>, options: &Options) -> Option<&'static str> {
    if frames.total_nanos() > 0 {
        None
    } else if options.classes.is_some() {
        Some("nothing to draw: no operation that took about so long has ended")
    } else if frames.profile().is_empty() {
        Some("nothing was recorded: no span was entered in the window")
    } else if options.threads && frames.profile().threads().is_empty() {
        Some("nothing to draw: the profile was not kept by thread")
    } else {
        Some("nothing to draw: spans were entered, but none took time by this width")
    }
}
