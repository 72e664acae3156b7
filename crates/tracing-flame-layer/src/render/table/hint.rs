//! Which spans seem to wait, so that they may be marked idle.
//!
//! A layer cannot see that a thread is blocked. A thread that was inside spans
//! nearly all the time and hardly on a CPU was blocked somewhere. If it waited
//! for something the operation needed, that is what a picture is for. If it
//! waited for work, it took widths from the spans that did the work. Only the
//! reader knows which; what did not get any width in spite of it (a parent whose
//! children worked meanwhile, a span marked idle already) is not worth a word.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Names, Options, Weight, human::Plural, label::printable};
use crate::{
    Profile,
    profile::{Callsite, LiveThread},
};

/// How many spans are named at most.
const MOST: usize = 5;

/// Threads that seem to wait, by name and by the span they waited in.
type Waits = BTreeMap<(String, String), u64>;

/// A line for the reader, where some thread seems to wait.
pub(super) fn line(profile: &Profile, options: &Options) -> Option<String> {
    if options.effective_weight() != Weight::Wall {
        return None;
    }
    let mut waits = Waits::new();
    for thread in profile.live().iter().filter(|thread| thread.seems_to_wait(&profile.window())) {
        if let Some(callsite) = takes_width(profile, thread) {
            let span = name(callsite, options);
            *waits.entry((span, printable(&thread.name))).or_default() += 1;
        }
    }
    (!waits.is_empty()).then(|| told(&waits))
}

/// The span in which a thread waited, if it has 5 % of the window to itself.
fn takes_width<'p>(profile: &'p Profile, thread: &LiveThread) -> Option<&'p Callsite> {
    let node = thread.innermost.index();
    let wall = profile.tree.measures(node).wall_nanos;
    let wide = u128::from(wall) * 20 >= profile.window().length.as_nanos();
    profile.tree.frame(node).callsite().filter(|_| wide).map(|callsite| &**callsite)
}

/// What `--flame-idle` takes for a callsite.
fn name(callsite: &Callsite, options: &Options) -> String {
    match options.names {
        Names::Name => printable(&callsite.name),
        Names::Target | Names::Source => {
            printable(&format!("{}::{}", callsite.target, callsite.name))
        }
    }
}

fn told(waits: &Waits) -> String {
    let spans: BTreeSet<&str> = waits.keys().map(|(span, _)| &**span).collect();
    let idle: Vec<&str> = spans.into_iter().take(MOST).collect();
    let mut threads: Vec<String> = waits
        .iter()
        .take_while(|((span, _), _)| idle.contains(&&**span))
        .take(MOST)
        .map(|((span, thread), count)| match count {
            1 => format!("{thread} in {span}"),
            _ => format!("{thread} in {span} ({})", Plural(*count, "thread")),
        })
        .collect();
    if threads.len() < waits.len() {
        threads.push(format!("{} more", waits.len() - threads.len()));
    }
    format!(
        "these threads seem to wait, entered for over 90% of the window but on a CPU for under \
         5%: {}; where that is waiting for work: --flame-idle {}",
        threads.join(", "),
        quoted(&idle.join(",")),
    )
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-:,.".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        time::{Duration, UNIX_EPOCH},
    };

    use super::*;
    use crate::profile::{Frame, Measures, NodeId, Window};

    /// A second, in which each span has a width in milliseconds.
    fn profile(spans: &[(&'static str, u64)]) -> Profile {
        let window = Window { start: UNIX_EPOCH, length: Duration::from_secs(1) };
        let mut profile = Profile::new(window);
        for (name, millis) in spans {
            let frame = Frame::Span(Arc::new(Callsite::new(*name, "host::pool")));
            let wall_nanos = millis * 1_000_000;
            profile.push(None, frame, Measures { wall_nanos, ..Measures::default() });
        }
        profile
    }

    fn waiting(name: &str, innermost: u32) -> LiveThread {
        let name = name.into();
        let innermost = NodeId(innermost);
        LiveThread { name, open_nanos: 1_000_000_000, cpu_nanos: Some(1_000_000), innermost }
    }

    fn by_name(profile: &Profile) -> Option<String> {
        line(profile, &Options::default())
    }

    #[test]
    fn threads_that_seem_to_wait_are_named_with_their_spans_and_what_to_do() {
        let mut profile = profile(&[("worker", 900), ("accept conn", 1_000), ("job", 500)]);
        for (name, innermost) in [("storage", 0), ("main", 1), ("storage", 0)] {
            profile.push_live(waiting(name, innermost));
        }
        profile.push_live(LiveThread { cpu_nanos: Some(60_000_000), ..waiting("busy", 2) });
        let told = "these threads seem to wait, entered for over 90% of the window but on a CPU \
                    for under 5%: main in accept conn, storage in worker (2 threads); where that \
                    is waiting for work: --flame-idle 'accept conn,worker'";
        assert_eq!(by_name(&profile).as_deref(), Some(told));
    }

    #[test]
    fn what_takes_no_width_is_not_worth_a_word() {
        let mut profile = profile(&[("marked_idle", 0), ("waits_for_its_child", 49), ("wide", 50)]);
        profile.push_live(waiting("a", 0));
        profile.push_live(waiting("b", 1));
        assert_eq!(by_name(&profile), None);
        profile.push_live(waiting("c", 2));
        assert!(by_name(&profile).is_some_and(|told| told.ends_with("--flame-idle wide")));
    }

    #[test]
    fn a_span_is_named_as_its_frame_is() {
        let mut profile = profile(&[("worker", 900)]);
        profile.push_live(waiting("w", 0));
        let options = Options { names: Names::Source, ..Options::default() };
        let told = line(&profile, &options).expect("a line");
        assert!(told.ends_with("--flame-idle host::pool::worker"), "{told}");
    }

    #[test]
    fn thread_time_needs_no_advice() {
        let mut profile = profile(&[("worker", 900)]);
        profile.push_live(waiting("w", 0));
        let busy = Options { weight: Weight::Busy, ..Options::default() };
        let threads = Options { threads: true, ..Options::default() };
        assert_eq!([line(&profile, &busy), line(&profile, &threads)], [None, None]);
    }

    #[test]
    fn of_many_spans_the_first_few_are_named() {
        const SPANS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
        let mut profile = profile(&SPANS.map(|name| (name, 900)));
        for (node, name) in SPANS.iter().enumerate() {
            profile.push_live(waiting(&format!("t-{name}"), u32::try_from(node).unwrap()));
        }
        let told = by_name(&profile).expect("a line");
        assert!(told.contains("t-e in e, 2 more; where"), "{told}");
        assert!(told.ends_with("--flame-idle a,b,c,d,e"), "{told}");
    }
}
