//! Profiles to write.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use proptest::{collection::vec, prelude::*};
use tracing_flame_layer::{
    Profile,
    profile::{
        BlockedOn, Callsite, FieldValues, Frame, Measures, NodeId, Reason, ReasonKind, StateSource,
        States, Switches, ThreadNode, ThreadProfile, Window,
    },
};

const MS: u64 = 1_000_000;

/// 2024-02-29 12:30:15 UTC.
fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_709_209_815)
}

pub fn window(length: Duration) -> Window {
    Window::new(noon(), length)
}

/// A callsite in a file, as `#[instrument]` makes them.
pub fn span(name: &'static str, target: &'static str, line: u32) -> Frame {
    let file = format!("src/{}.rs", target.rsplit("::").next().unwrap());
    Frame::Span(Arc::new(Callsite::new(name, target).at(file, line)))
}

/// Values of named fields, made of any texts.
pub fn field_values(
    text: impl Strategy<Value = String> + Clone + 'static,
) -> impl Strategy<Value = FieldValues> {
    let known = vec((text.clone().prop_map(Into::into), text), 1..3).prop_map(FieldValues::Known);
    prop_oneof![4 => known, 1 => Just(FieldValues::Others)]
}

/// A span that was entered `calls` times and then closed, in milliseconds.
pub fn worked(calls: u64, wall: u64, busy: u64, entered: u64) -> Measures {
    made!(Measures {
        calls,
        started: calls,
        enters: calls,
        wall_nanos: wall * MS,
        await_nanos: 0,
        busy_nanos: busy * MS,
        entered_nanos: entered * MS,
        latency_nanos: entered * MS,
        max_latency_nanos: if calls == 1 { entered * MS } else { entered * MS / calls * 3 },
        ..Measures::default()
    })
}

pub fn waited(measures: Measures, pending: u64) -> Measures {
    made!(Measures {
        await_nanos: pending * MS,
        latency_nanos: measures.latency_nanos + pending * MS,
        ..measures
    })
}

/// A profile with something of everything: parallel children, pending time, one
/// label from two callsites, recursion, and time from nanoseconds to seconds.
pub fn import() -> Profile {
    let mut p = Profile::new(window(Duration::from_millis(3_310)));
    let import = p.push(None, span("import", "node::main", 10), worked(1, 90, 90, 3_300));
    let recover = p.push(
        Some(import),
        span("recover_senders", "node::senders", 4),
        worked(300, 31, 630, 630),
    );
    p.push(Some(recover), span("chunk", "node::senders", 20), worked(4_800, 599, 1_190, 1_190));
    let execute =
        p.push(Some(import), span("execute_block", "node::exec", 8), worked(300, 105, 105, 1_500));
    let tx = p.push(
        Some(execute),
        span("execute tx", "node::exec", 31),
        worked(45_000, 1_200, 1_200, 1_395),
    );
    let call = p.push(Some(tx), span("call", "node::evm", 77), worked(50_000, 150, 150, 195));
    let inner = p.push(Some(call), span("call", "node::evm", 77), worked(900, 44, 44, 45));
    p.push(Some(inner), Frame::Truncated, worked(3, 1, 1, 1));
    p.push(Some(tx), span("call", "node::precompile", 3), tiny());
    let root =
        p.push(Some(import), span("state_root", "node::trie", 12), worked(300, 390, 390, 540));
    p.push(Some(root), span("storage_roots", "node::trie", 40), worked(300, 150, 420, 420));
    let save = p.push(Some(import), span("save_blocks", "node::db", 5), worked(300, 20, 20, 540));
    p.push(Some(save), span("Tx::commit", "node::db", 60), waited(worked(300, 400, 400, 400), 120));
    let polled = made!(Measures {
        enters: 1_212,
        max_latency_nanos: 40 * MS,
        max_latency_is_bound: true,
        open_before: 3,
        queued_nanos: 24 * MS,
        max_queued_nanos: 11 * MS,
        ..waited(worked(12, 9, 9, 9), 210)
    });
    let request = p.push(None, span("request", "rpc::server", 3), polled);
    p.name_operation(request);
    p.push(
        Some(request),
        span("encode <Vec<T>> & \"send\"", "rpc::server", 44),
        worked(12, 2, 2, 2),
    );
    p.set_operations(13);
    p.set_covered(3_306 * MS);
    latencies(&mut p, &[import, recover, execute, tx, call, root, save, request]);
    threads(&mut p, [import, recover, tx, request]);
    p
}

/// Of each node's calls four of five took half the mean, and all but one twice
/// the mean.
fn latencies(profile: &mut Profile, nodes: &[NodeId]) {
    for &id in nodes {
        let node = profile.node(id).measures;
        let mean = node.latency_nanos / node.calls;
        let short = node.calls * 4 / 5;
        let buckets =
            [(mean / 2, short), (mean * 2, node.calls - short - 1), (node.max_latency_nanos, 1)];
        profile.set_latencies(id, &buckets.into_iter().collect());
    }
}

/// An import on a busy machine: every state occurs, some hardly, and a request awaits.
pub fn busy() -> Profile {
    let mut p = Profile::new(window(Duration::from_millis(2_000)));
    let import = p.push(None, span("import", "node::main", 10), worked(1, 40, 40, 1_600));
    let computed = states([110, 0, 0, 0], worked(300, 600, 600, 1_500));
    let execute = p.push(Some(import), span("execute_block", "node::exec", 8), computed);
    let mut read = states([40, 700, 30, 0], worked(4_000, 800, 900, 900));
    for states in [&mut read.wall_states, &mut read.busy_states] {
        states.fault_nanos = 90 * MS;
        states.disk_nanos = 210 * MS;
        states.lock_nanos = 60 * MS;
    }
    let storage = p.push(Some(execute), span("storage", "node::db", 2), read);
    reasons(&mut p, storage);
    let mut unknown = states([0, 0, 0, 60], worked(2, 60, 60, 60));
    // Too little to be drawn, but not to be told.
    unknown.wall_states.runnable_nanos = 1_000;
    unknown.wall_states.unknown_nanos -= 1_000;
    p.push(Some(import), span("prune", "node::db", 9), unknown);
    p.push(Some(import), Frame::Truncated, states([0, 3, 0, 0], worked(1, 3, 3, 3)));
    let served = states([200, 5, 0, 0], waited(worked(30, 260, 300, 300), 140));
    let request = p.push(None, span("request", "rpc::server", 3), served);
    p.name_operation(request);
    p.set_operations(31);
    p.set_states(StateSource::Exact);
    let share = |node: NodeId, profile: &Profile| {
        let Measures { enters, busy_nanos, busy_states, entered_nanos, .. } =
            profile.node(node).measures;
        made!(ThreadNode {
            enters,
            busy_nanos,
            busy_states,
            entered_nanos,
            ..ThreadNode::new(node)
        })
    };
    let main = [import, execute, storage].map(|node| share(node, &p)).into();
    let server = vec![share(request, &p)];
    p.push_thread(ThreadProfile::new("main", 1, main));
    p.push_thread(ThreadProfile::new("rpc", 4, server));
    p
}

/// What threads may be in, as it is labelled, in the order in which that is drawn.
pub const STATES: [&str; 9] = [
    "[runnable]",
    "[blocked]",
    "[fault]",
    "[disk]",
    "[lock]",
    "[net]",
    "[timer]",
    "[off-cpu]",
    "[unknown]",
];

/// A time for each of [`STATES`], as it is drawn: what is blocked is without what is known
/// of it.
pub type Drawn = [u64; STATES.len()];

/// What is drawn of times in states that add up.
pub fn drawn(states: States) -> Drawn {
    let asleep = [
        states.fault_nanos,
        states.disk_nanos,
        states.lock_nanos,
        states.net_nanos,
        states.timer_nanos,
    ];
    let otherwise = states.blocked_nanos - asleep.iter().sum::<u64>();
    let [fault, disk, lock, net, timer] = asleep;
    let States { runnable_nanos, off_cpu_nanos, unknown_nanos, .. } = states;
    [runnable_nanos, otherwise, fault, disk, lock, net, timer, off_cpu_nanos, unknown_nanos]
}

/// The times in states of which that is drawn.
pub fn of_drawn(drawn: Drawn) -> States {
    let [runnable_nanos, otherwise, asleep @ .., off_cpu_nanos, unknown_nanos] = drawn;
    let [fault_nanos, disk_nanos, lock_nanos, net_nanos, timer_nanos] = asleep;
    made!(States {
        runnable_nanos,
        blocked_nanos: asleep.into_iter().fold(otherwise, u64::saturating_add),
        fault_nanos,
        disk_nanos,
        lock_nanos,
        net_nanos,
        timer_nanos,
        off_cpu_nanos,
        unknown_nanos,
        ..States::default()
    })
}

/// What threads were asleep for in the storage of an import.
fn reasons(profile: &mut Profile, storage: NodeId) {
    let all = [
        (ReasonKind::Disk, Some("fdatasync"), Some("/data/db/mdbx.dat"), 180),
        (ReasonKind::Disk, Some("pread64"), Some("/data/static_files/headers"), 30),
        (ReasonKind::Lock, Some("futex"), None, 60),
        (ReasonKind::Other, Some("flock"), Some("/data/db/mdbx.lck"), 5),
        (ReasonKind::Fault, None, Some("/data/db/mdbx.dat"), 90),
    ];
    for (kind, call, file, millis) in all {
        let reason = made!(Reason {
            call: call.map(Into::into),
            file: file.map(Into::into),
            ..Reason::new(kind)
        });
        profile.push_blocked_on(made!(BlockedOn {
            wall_nanos: millis * MS,
            busy_nanos: millis * MS,
            ..BlockedOn::new(storage, reason.into())
        }));
    }
}

/// So many milliseconds in each state, by wall clock and of thread time.
fn states([runnable, blocked, off_cpu, unknown]: [u64; 4], measures: Measures) -> Measures {
    let states = made!(States {
        runnable_nanos: runnable * MS,
        blocked_nanos: blocked * MS,
        off_cpu_nanos: off_cpu * MS,
        unknown_nanos: unknown * MS,
        ..States::default()
    });
    let switches = made!(Switches {
        voluntary: blocked * 6,
        involuntary: runnable,
        major_faults: off_cpu,
        ..Switches::default()
    });
    made!(Measures { wall_states: states, busy_states: states, switches, ..measures })
}

fn tiny() -> Measures {
    let nanos = 740;
    let calls = 2;
    made!(Measures {
        calls,
        started: calls,
        enters: calls,
        wall_nanos: nanos,
        busy_nanos: nanos,
        entered_nanos: nanos,
        latency_nanos: nanos,
        max_latency_nanos: 700,
        ..Measures::default()
    })
}

fn threads(profile: &mut Profile, [import, recover, tx, request]: [NodeId; 4]) {
    let share = |node, busy| {
        made!(ThreadNode {
            enters: 1,
            busy_nanos: busy * MS,
            entered_nanos: busy * MS,
            ..ThreadNode::new(node)
        })
    };
    let mut push = |name: &str, threads, nodes| {
        profile.push_thread(ThreadProfile::new(name, threads, nodes));
    };
    push("main", 1, vec![share(import, 90), share(tx, 1_200)]);
    push("rayon", 8, vec![share(recover, 630)]);
    push("<unnamed>", 2, vec![share(request, 9)]);
}

/// Names that mean something to XML, to folded text or to their readers.
pub const NASTY: [&str; 36] = [
    "foo",
    "foo::bar",
    "foo bar",
    "execute tx",
    "a;b",
    "a b;c",
    "\"quoted\"",
    "it's",
    "Vec<T>",
    "a & b",
    "&amp;",
    "]]>",
    "<!-- x -->",
    "line\nbreak",
    "tab\there",
    "\0\u{1b}[31m",
    "\u{fffe}\u{ffff}",
    "größe",
    "木",
    "🔥",
    "tx 42",
    "tx 4.2",
    "42",
    "foo_[k]",
    "# x",
    "#",
    "-",
    "--",
    "",
    " ",
    "[await]",
    "[off-cpu]",
    "[unknown]",
    "[truncated]",
    "f(x) (y)",
    "\\u{3b}",
];

/// Siblings of every nasty name, and one of 10 kB.
pub fn nasty() -> Profile {
    let mut profile = Profile::new(window(Duration::from_secs(1)));
    let root = profile.push(None, span("root", "nasty", 1), waited(worked(1, 1, 1, 1), 5));
    for name in NASTY {
        profile.push(Some(root), span(name, "nasty", 2), worked(1, 20, 20, 20));
    }
    let long: &'static str = Box::leak("ten kB ".repeat(1_500).into_boxed_str());
    profile.push(Some(root), span(long, "nasty", 3), worked(1, 20, 20, 20));
    profile.push(Some(root), Frame::Truncated, worked(1, 20, 20, 20));
    profile
}
