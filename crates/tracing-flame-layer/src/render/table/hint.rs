//! Which spans seem to wait, so that they may be marked idle.
//!
//! Where nothing is known of what threads did in their spans, a thread that was inside spans
//! nearly all the time and hardly on a CPU was blocked somewhere. If it waited
//! for something the operation needed, that is what a picture is for. If it
//! waited for work, it took widths from the spans that did the work. Only the
//! reader knows which, so the hint is given where marking the span idle could help:
//!
//! - it was asleep there, where that is known: a thread that is ready to run and waits for
//!   a CPU hardly runs either, on a busy machine, and has work to do;
//! - it waited more than once: it was entered several times, or spans below it were,
//!   on that thread. A join and a sleep wait once, and marked idle would be `[await]`,
//!   which says less;
//! - others worked meanwhile, in the same operation and not below it. Without them
//!   there is nobody whose width it took;
//! - it got width: a parent whose children worked meanwhile, or a span marked idle
//!   already, did not.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Names, Options, Weight, human::Plural, label::printable};
use crate::{
    Profile,
    profile::{Callsite, LiveThread, NodeId, StateSource},
};

/// How many spans are named at most.
const MOST: usize = 5;

/// Threads that seem to wait, by name and by the span they waited in.
type Waits = BTreeMap<(String, String), u64>;

/// A line for the reader, where some thread seems to wait.
pub(in crate::render) fn line(profile: &Profile, options: &Options) -> Option<String> {
    if options.effective_weight() != Weight::Wall {
        return None;
    }
    let mut waits = Waits::new();
    let seem = profile.live().iter().filter(|thread| thread.seems_to_wait(&profile.window()));
    for thread in seem.filter(|thread| was_asleep(profile, thread)) {
        if let Some(callsite) =
            takes_width(profile, thread).filter(|_| waits_for_work(profile, thread))
        {
            let span = name(callsite, options);
            *waits.entry((span, printable(&thread.name))).or_default() += 1;
        }
    }
    (!waits.is_empty()).then(|| told(&waits, is_known(profile)))
}

/// Whether threads of a thread's name were blocked for 95 % of their time in the span that
/// it waited in, as far as it is known what they did.
fn was_asleep(profile: &Profile, thread: &LiveThread) -> bool {
    if !is_known(profile) {
        return true;
    }
    let (mut busy, mut blocked, mut unknown) = (0_u128, 0_u128, 0_u128);
    for named in profile.threads.iter().filter(|named| named.name == thread.name) {
        for share in named.nodes.iter().filter(|share| share.node == thread.innermost) {
            busy += u128::from(share.busy_nanos);
            unknown += u128::from(share.busy_states.unknown_nanos);
            blocked += u128::from(share.busy_states.blocked_nanos);
        }
    }
    busy > 0 && blocked * 20 >= busy.saturating_sub(unknown) * 19
}

/// Whether it is known what threads did.
fn is_known(profile: &Profile) -> bool {
    profile.states().is_some_and(StateSource::is_known)
}

/// The span in which a thread waited, if it has 5 % of the window to itself.
fn takes_width<'p>(profile: &'p Profile, thread: &LiveThread) -> Option<&'p Callsite> {
    let node = thread.innermost.index();
    let wall = profile.tree.measures(node).wall_nanos;
    let wide = u128::from(wall) * 20 >= profile.window().length.as_nanos();
    profile.tree.frame(node).callsite().filter(|_| wide).map(|callsite| &**callsite)
}

/// Whether a thread waited more than once, while others worked in the same operation.
fn waits_for_work(profile: &Profile, thread: &LiveThread) -> bool {
    let (tree, node) = (&profile.tree, thread.innermost.index());
    let parent = |node: usize| tree.parent(node).map(NodeId::index);
    let above = |node: usize| std::iter::successors(Some(node), move |&node| parent(node));
    let root = above(node).last();
    let (mut stays, mut below) = (0_u64, 0_u64);
    for named in profile.threads.iter().filter(|named| named.name == thread.name) {
        for share in &named.nodes {
            let at = share.node.index();
            if at == node {
                stays = stays.saturating_add(share.enters);
            } else if parent(at) == Some(node) {
                below = below.saturating_add(share.enters);
            }
        }
    }
    let is_others = |&at: &usize| above(at).last() == root && above(at).all(|above| above != node);
    let others = (0..tree.len()).filter(is_others).map(|at| tree.measures(at).busy_nanos);
    let worked = others.fold(0_u64, u64::saturating_add);
    let length = profile.window().length.as_nanos();
    stays.max(below) > 1 && u128::from(worked) * 20 >= length
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

fn told(waits: &Waits, is_exact: bool) -> String {
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
    let why = match is_exact {
        true => "these threads wait, entered for over 90% of the window and blocked in it",
        false => {
            "these threads seem to wait, entered for over 90% of the window but on a CPU for \
             under 5%"
        }
    };
    format!(
        "{why}: {}; where that is waiting for work: --flame-idle {}",
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
    use crate::profile::{Frame, Measures, States, ThreadNode, ThreadProfile, Window};

    /// A second in which a thread `main` worked in a root, and on that stand spans, each
    /// with a width in milliseconds.
    fn profile(spans: &[(&'static str, u64)]) -> Profile {
        let window = Window { start: UNIX_EPOCH, length: Duration::from_secs(1) };
        let mut profile = Profile::new(window);
        let root = push(&mut profile, None, "root", 0);
        for (name, millis) in spans {
            push(&mut profile, Some(root), name, *millis);
        }
        profile
    }

    fn push(
        profile: &mut Profile,
        parent: Option<NodeId>,
        name: &'static str,
        millis: u64,
    ) -> NodeId {
        let frame = Frame::Span(Arc::new(Callsite::new(name, "host::pool")));
        let busy_nanos = if parent.is_none() { 900_000_000 } else { 0 };
        let wall_nanos = millis * 1_000_000;
        profile.push(parent, frame, Measures { wall_nanos, busy_nanos, ..Measures::default() })
    }

    /// A thread that waited so many times in the span of a place.
    fn wait(profile: &mut Profile, name: &str, place: u32, times: u64) {
        let (name, innermost) = (Arc::<str>::from(name), NodeId(place));
        let share = ThreadNode {
            node: innermost,
            enters: times,
            busy_nanos: 0,
            busy_states: States::default(),
            entered_nanos: 0,
        };
        profile.push_thread(ThreadProfile { name: name.clone(), threads: 1, nodes: vec![share] });
        profile.push_live(waiting(&name, place));
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
        wait(&mut profile, "storage", 1, 2);
        wait(&mut profile, "main", 2, 3);
        profile.push_live(waiting("storage", 1));
        profile.push_live(LiveThread { cpu_nanos: Some(60_000_000), ..waiting("busy", 3) });
        let told = "these threads seem to wait, entered for over 90% of the window but on a CPU \
                    for under 5%: main in accept conn, storage in worker (2 threads); where that \
                    is waiting for work: --flame-idle 'accept conn,worker'";
        assert_eq!(by_name(&profile).as_deref(), Some(told));
    }

    #[test]
    fn where_states_are_known_only_threads_that_were_asleep_wait() {
        let told = |blocked, runnable| {
            let mut profile = profile(&[("worker", 900)]);
            let busy_states =
                States { blocked_nanos: blocked, runnable_nanos: runnable, ..States::default() };
            let node = NodeId(1);
            let share = ThreadNode {
                node,
                enters: 2,
                busy_nanos: 1_000,
                busy_states,
                entered_nanos: 1_000,
            };
            profile.push_thread(ThreadProfile { name: "w".into(), threads: 1, nodes: vec![share] });
            profile.push_live(waiting("w", 1));
            profile.set_states(StateSource::Exact);
            by_name(&profile)
        };
        let line = "these threads wait, entered for over 90% of the window and blocked in it: w \
                    in worker; where that is waiting for work: --flame-idle worker";
        assert_eq!(told(950, 0).as_deref(), Some(line));
        assert_eq!(told(949, 0), None);
        assert_eq!(told(0, 1_000), None, "a busy machine");
        assert_eq!(told(0, 0), None, "on a CPU");
    }

    #[test]
    fn what_takes_no_width_is_not_worth_a_word() {
        let mut profile = profile(&[("marked_idle", 0), ("waits_for_its_child", 49), ("wide", 50)]);
        wait(&mut profile, "a", 1, 2);
        wait(&mut profile, "b", 2, 2);
        assert_eq!(by_name(&profile), None);
        wait(&mut profile, "c", 3, 2);
        assert!(by_name(&profile).is_some_and(|told| told.ends_with("--flame-idle wide")));
    }

    #[test]
    fn a_join_and_a_sleep_wait_once_and_are_left_alone() {
        let mut profile = profile(&[("join", 900)]);
        wait(&mut profile, "main", 1, 1);
        assert_eq!(by_name(&profile), None);
    }

    #[test]
    fn a_worker_that_was_entered_once_waits_between_its_jobs() {
        let mut profile = profile(&[("worker", 900)]);
        let job = push(&mut profile, Some(NodeId(1)), "job", 0);
        let share = |node, enters| ThreadNode {
            node,
            enters,
            busy_nanos: 0,
            busy_states: States::default(),
            entered_nanos: 0,
        };
        let nodes = vec![share(NodeId(1), 1), share(job, 2)];
        profile.push_thread(ThreadProfile { name: "w".into(), threads: 1, nodes });
        profile.push_live(waiting("w", 1));
        assert!(by_name(&profile).is_some_and(|told| told.ends_with("--flame-idle worker")));
    }

    #[test]
    fn one_that_waits_while_nobody_works_in_its_operation_takes_nothing() {
        let window = Window { start: UNIX_EPOCH, length: Duration::from_secs(1) };
        let mut profile = Profile::new(window);
        let frame = |name| Frame::Span(Arc::new(Callsite::new(name, "t")));
        let wall_nanos = 1_000_000_000;
        let waits = Measures { wall_nanos, busy_nanos: wall_nanos, ..Measures::default() };
        profile.push(None, frame("recv"), waits);
        // In an operation of its own.
        profile.push(None, frame("other"), waits);
        wait(&mut profile, "main", 0, 9);
        assert_eq!(by_name(&profile), None);
    }

    #[test]
    fn a_span_is_named_as_its_frame_is() {
        let mut profile = profile(&[("worker", 900)]);
        wait(&mut profile, "w", 1, 2);
        let options = Options { names: Names::Source, ..Options::default() };
        let told = line(&profile, &options).expect("a line");
        assert!(told.ends_with("--flame-idle host::pool::worker"), "{told}");
    }

    #[test]
    fn thread_time_needs_no_advice() {
        let mut profile = profile(&[("worker", 900)]);
        wait(&mut profile, "w", 1, 2);
        let busy = Options { weight: Weight::Busy, ..Options::default() };
        let threads = Options { threads: true, ..Options::default() };
        assert_eq!([line(&profile, &busy), line(&profile, &threads)], [None, None]);
    }

    #[test]
    fn of_many_spans_the_first_few_are_named() {
        const SPANS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
        let mut profile = profile(&SPANS.map(|name| (name, 900)));
        for (node, name) in (1..).zip(SPANS) {
            wait(&mut profile, &format!("t-{name}"), node, 2);
        }
        let told = by_name(&profile).expect("a line");
        assert!(told.contains("t-e in e, 2 more; where"), "{told}");
        assert!(told.ends_with("--flame-idle a,b,c,d,e"), "{told}");
    }
}
