//! Files to give to the program, and what it says to them.

use std::{env, ffi::OsString, fs, path::PathBuf, sync::Arc, time::Duration};

use proptest::{collection::vec, prelude::*, sample::Index};
use tempfile::TempDir;
use tracing_flame_layer::{
    Profile,
    profile::{
        Anomalies, Callsite, Frame, Histogram, LiveThread, Measures, NodeId, StateSource, States,
        Switches, ThreadNode, ThreadProfile, Window,
    },
    render::{Format, Options},
};

use flame_oracle::formats::sample;

/// A directory to run the program in.
pub(crate) struct Desk(TempDir);

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a temporary directory"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.path(name), content).expect("a file");
        self
    }

    pub(crate) fn put_profile(&self, name: &str, profile: &Profile) -> &Self {
        self.put(name, written(profile, Format::from_path(name).expect("a format")))
    }

    /// A file's content, this directory left out of the paths in it.
    pub(crate) fn text(&self, name: &str) -> String {
        self.relative(&fs::read_to_string(self.path(name)).expect("a file"))
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("a file")
    }

    fn relative(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.0.path().display()), "")
    }

    /// Runs `flame` with these words, those with one dot in them being files here.
    pub(crate) fn run(&self, line: &str) -> Ran {
        let words = line.split_whitespace().map(|word| match word.contains('.') {
            true if !word.ends_with('%') && !word.contains("..") => {
                self.path(word).into_os_string()
            }
            _ => OsString::from(word),
        });
        self.run_words(words)
    }

    /// Runs `flame` with these words as they are.
    pub(crate) fn run_words<W: Into<OsString>>(&self, words: impl IntoIterator<Item = W>) -> Ran {
        let words = words.into_iter().map(Into::into);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = flame_cli::run(["flame".into()].into_iter().chain(words), &mut out, &mut err);
        let text = |bytes| self.relative(&String::from_utf8(bytes).expect("text"));
        Ran { code, out: text(out), err: text(err) }
    }
}

pub(crate) fn written(profile: &Profile, format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    profile.write(format, &mut bytes, &Options::default()).expect("a vector takes everything");
    bytes
}

/// Compares with a file beside the others, or writes it where `BLESS` is set.
#[track_caller]
pub(crate) fn expect(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
    let text = text.replace(concat!("layer ", env!("CARGO_PKG_VERSION")), "layer 0.0.0");
    if env::var_os("BLESS").is_some() {
        fs::write(&path, text).expect("a golden file");
        return;
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    let lines = golden.lines().zip(text.lines()).find(|(golden, text)| golden != text);
    assert!(
        golden == text,
        "{} differs from what is written now. Where the new one is right, run the tests with \
         BLESS=1 set and look at the difference before committing it.\n{lines:#?}",
        path.display(),
    );
}

/// A span's measures, all its time its own.
pub(crate) fn took(calls: u64, wall_nanos: u64) -> Measures {
    made!(Measures {
        calls,
        started: calls,
        enters: calls,
        wall_nanos,
        busy_nanos: wall_nanos,
        entered_nanos: wall_nanos,
        latency_nanos: wall_nanos,
        max_latency_nanos: wall_nanos,
        ..Measures::default()
    })
}

/// An import of some blocks, each with these microseconds of executing, of
/// committing, and of waiting for the commit.
pub(crate) fn import(blocks: u64, [execute, commit, wait]: [u64; 3]) -> Profile {
    let each = |micros: u64| took(blocks, blocks * micros * 1_000);
    let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
    let block = profile.push(None, sample::span("block", "node", 1), each(10));
    profile.push(Some(block), sample::span("execute", "node", 2), each(execute));
    let save = profile.push(Some(block), sample::span("save", "node", 3), each(20));
    let waiting = made!(Measures { await_nanos: blocks * wait * 1_000, ..each(commit) });
    profile.push(Some(save), sample::span("Tx::commit", "node", 4), waiting);
    profile.push(None, sample::span("start up", "node", 5), took(1, 3_000_000));
    profile.set_operations(blocks + 1);
    profile
}

fn name() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        3 => proptest::sample::select(sample::NASTY.to_vec()).prop_map(str::to_owned),
        1 => vec(any::<char>(), 0..6).prop_map(|chars| chars.into_iter().collect()),
    ]
}

fn states() -> impl Strategy<Value = States> {
    proptest::option::of(any::<[u64; 9]>()).prop_map(|states| {
        let [runnable_nanos, blocked_nanos, asleep @ .., off_cpu_nanos, unknown_nanos] =
            states.unwrap_or_default();
        let mut rest = blocked_nanos;
        let [fault_nanos, disk_nanos, lock_nanos, net_nanos, timer_nanos] = asleep.map(|nanos| {
            let part = nanos.min(rest);
            rest -= part;
            part
        });
        made!(States {
            runnable_nanos,
            blocked_nanos,
            fault_nanos,
            disk_nanos,
            lock_nanos,
            net_nanos,
            timer_nanos,
            off_cpu_nanos,
            unknown_nanos,
            ..States::default()
        })
    })
}

/// How states are known, where anybody asked.
fn source() -> impl Strategy<Value = Option<StateSource>> {
    let none = name().prop_map(|why| Some(StateSource::None(why.into())));
    prop_oneof![Just(None), Just(Some(StateSource::Exact)), none]
}

fn measures() -> impl Strategy<Value = Measures> {
    let states = (states(), states(), any::<[u64; 3]>());
    (any::<[u64; 12]>(), any::<bool>(), states).prop_map(|(n, max_latency_is_bound, states)| {
        made!(Measures {
            wall_states: states.0,
            busy_states: states.1,
            switches: made!(Switches {
                voluntary: states.2[0],
                involuntary: states.2[1],
                major_faults: states.2[2],
                ..Switches::default()
            }),
            calls: n[0],
            started: n[1],
            enters: n[2],
            wall_nanos: n[3],
            await_nanos: n[4],
            busy_nanos: n[5],
            entered_nanos: n[6],
            latency_nanos: n[7],
            max_latency_nanos: n[8],
            max_latency_is_bound,
            open_before: n[9],
            queued_nanos: n[10],
            max_queued_nanos: n[11],
            ..Measures::default()
        })
    })
}

prop_compose! {
    fn frame()(
        span in proptest::option::weighted(0.9, (name(), name())),
        values in proptest::option::weighted(0.3, sample::field_values(name())),
        file in proptest::option::of(name()),
        line in proptest::option::of(any::<u32>()),
    ) -> Frame {
        let Some((name, target)) = span else { return Frame::Truncated };
        let mut callsite = Callsite::new(name, target);
        callsite.file = file.map(Into::into);
        callsite.line = line;
        let callsite = Arc::new(callsite);
        match values {
            Some(values) => Frame::Fields(callsite, Arc::new(values)),
            None => Frame::Span(callsite),
        }
    }
}

prop_compose! {
    /// Any profile that can be written.
    pub(crate) fn profile()(
        start in any::<i64>(),
        numbers in any::<[u64; 9]>(),
        nodes in vec((proptest::option::weighted(0.8, any::<Index>()), frame(), measures()), 0..30),
        threads in vec((name(), any::<u64>(), vec((any::<Index>(), any::<[u64; 3]>(), states()), 0..9)), 0..4),
        source in source(),
        latencies in vec((any::<Index>(), vec(any::<(u64, u64)>(), 0..9)), 0..9),
        live in vec((name(), any::<Index>(), any::<u64>(), any::<Option<u64>>()), 0..3),
        is_named in any::<bool>(),
        flags in proptest::option::of(vec((name(), name()), 0..4)),
    ) -> Profile {
        let distance = Duration::from_nanos(start.unsigned_abs());
        let epoch = std::time::UNIX_EPOCH;
        let start = if start < 0 { epoch - distance } else { epoch + distance };
        let [length, operations, a, b, c, d, e, f, g] = numbers;
        let mut profile = Profile::new(Window::new(start, Duration::from_nanos(length)));
        let mut ids: Vec<NodeId> = Vec::new();
        for (below, frame, measures) in nodes {
            let below = below.filter(|_| !ids.is_empty()).map(|index| *index.get(&ids));
            ids.push(profile.push(below, frame, measures));
        }
        for (name, threads, shares) in threads {
            let shares = shares.into_iter().filter(|_| !ids.is_empty());
            let nodes = shares.map(|(index, [enters, busy_nanos, entered_nanos], busy_states)| {
                let node = *index.get(&ids);
                made!(ThreadNode {
                    enters,
                    busy_nanos,
                    busy_states,
                    entered_nanos,
                    ..ThreadNode::new(node)
                })
            });
            let nodes = nodes.collect();
            profile.push_thread(ThreadProfile::new(name, threads, nodes));
        }
        for (index, buckets) in latencies.into_iter().filter(|_| !ids.is_empty()) {
            let latencies: Histogram = buckets.into_iter().collect();
            profile.set_latencies(*index.get(&ids), &latencies);
        }
        for (name, index, open_nanos, cpu_nanos) in live.into_iter().filter(|_| !ids.is_empty()) {
            let thread = LiveThread::new(name, *index.get(&ids));
            profile.push_live(made!(LiveThread { open_nanos, cpu_nanos, ..thread }));
        }
        if is_named {
            let root = profile.nodes().iter().position(|node| node.parent.is_none());
            root.into_iter().for_each(|root| profile.name_operation(ids[root]));
        }
        if let Some(source) = source {
            profile.set_states(source);
        }
        if let Some(flags) = flags {
            profile.set_recorded_with(flags);
        }
        profile.set_operations(operations);
        profile.set_anomalies(made!(Anomalies {
            unmatched_exits: a,
            closed_while_entered: b,
            exited_by_thread_end: c,
            truncated: d,
            merged_values: f,
            late_values: g,
            reentered: e,
            ..Anomalies::default()
        }));
        profile
    }
}
