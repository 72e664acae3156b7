use std::{env, fs, path::PathBuf, time::Duration};

use tracing_flame_layer::{
    Profile,
    profile::{Anomalies, Orphans, StateSource},
    render::{Format, Names, Options, Weight},
};

use flame_oracle::formats::{read_pprof, sample};

/// Set to rewrite the files instead of comparing with them.
const BLESS: &str = "BLESS";

fn expect(name: &str, profile: &Profile, options: &Options) {
    let format = Format::from_path(name).unwrap();
    // What is compressed is compared as what it holds.
    let name = name.replace(".pb.gz", ".pb.txt");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
    let mut written = Vec::new();
    profile.write(format, &mut written, options).unwrap();
    if format == Format::Pprof {
        written = read_pprof::read(&written).shown().into_bytes();
    }
    // A release changes no picture but for its number.
    let written = String::from_utf8(written)
        .unwrap()
        .replace(concat!("layer ", env!("CARGO_PKG_VERSION")), "layer 0.0.0")
        .replace(concat!("layer@", env!("CARGO_PKG_VERSION")), "layer@0.0.0");
    if env::var_os(BLESS).is_some() {
        fs::write(&path, written).unwrap();
        return;
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == golden,
        "{} differs from what is written now. Where the new one is right, run the tests with \
         {BLESS}=1 set and look at the difference before committing it.\n{}",
        path.display(),
        first_difference(&golden, &written),
    );
}

fn first_difference(golden: &str, written: &str) -> String {
    let cut = |text: &str| text.replace("<g>", "\n<g>").lines().map(str::to_owned).collect();
    let (golden, written): (Vec<String>, Vec<String>) = (cut(golden), cut(written));
    let at = golden.iter().zip(&written).take_while(|(a, b)| a == b).count();
    let line = |lines: &[String]| lines.get(at).cloned().unwrap_or_else(|| "(ends)".to_owned());
    format!("line {}:\n- {}\n+ {}", at + 1, line(&golden), line(&written))
}

#[test]
fn a_profile_by_wall_clock_time_looks_as_before() {
    let profile = sample::import();
    for name in ["wall.svg", "wall.folded", "wall.txt", "wall.speedscope.json", "wall.pb.gz"] {
        expect(name, &profile, &Options::default());
    }
}

#[test]
fn a_profile_by_thread_time_looks_as_before() {
    let options = Options::default().weight(Weight::Busy);
    for name in ["busy.folded", "busy.txt", "busy.pb.gz"] {
        expect(name, &sample::import(), &options);
    }
}

#[test]
fn a_profile_by_thread_looks_as_before() {
    let options = Options::default().threads(true);
    for name in
        ["threads.svg", "threads.folded", "threads.txt", "threads.speedscope.json", "threads.pb.gz"]
    {
        expect(name, &sample::import(), &options);
    }
}

#[test]
fn names_with_targets_and_sources_look_as_before() {
    let named = |names| Options::default().names(names);
    expect("target.folded", &sample::import(), &named(Names::Target));
    expect("source.folded", &sample::import(), &named(Names::Source));
    expect("source.txt", &sample::import(), &named(Names::Source));
}

#[test]
fn hidden_pending_time_looks_as_before() {
    let options = Options::default().hide_await(true);
    for name in ["hide-await.folded", "hide-await.txt"] {
        expect(name, &sample::import(), &options);
    }
}

#[test]
fn what_threads_did_looks_as_before() {
    let profile = sample::busy();
    for name in [
        "states.svg",
        "states.folded",
        "states.txt",
        "states.json",
        "states.speedscope.json",
        "states.pb.gz",
    ] {
        expect(name, &profile, &Options::default());
    }
    let threads = Options::default().threads(true);
    expect("states-threads.txt", &profile, &threads);
    expect("states-threads.folded", &profile, &threads);
    let hidden = Options::default().hide_states(true);
    expect("hide-states.txt", &profile, &hidden);
    expect("hide-states.folded", &profile, &hidden);
}

#[test]
fn states_that_could_not_be_had_are_told_as_before() {
    let mut profile = sample::import();
    profile.set_states(StateSource::None("this kernel counts no delays".into()));
    for name in ["no-states.svg", "no-states.txt", "no-states.pb.gz"] {
        expect(name, &profile, &Options::default());
    }
}

#[test]
fn what_went_wrong_is_told_below_as_before() {
    let mut profile = sample::import();
    profile.set_anomalies(made!(Anomalies {
        unmatched_exits: 2,
        closed_while_entered: 1,
        truncated: 1_234,
        ..Anomalies::default()
    }));
    // The requests of the sample, while its import waited for its senders.
    let root = profile.named_operations()[0];
    profile.push_orphans(Orphans::new(root, profile.threads()[1].nodes[0].node, 11));
    for name in ["troubles.svg", "troubles.txt", "troubles.pb.gz"] {
        expect(name, &profile, &Options::default());
    }
}

#[test]
fn an_empty_profile_says_so_as_before() {
    let profile = Profile::new(sample::window(Duration::from_secs(60)));
    for name in ["empty.svg", "empty.folded", "empty.txt", "empty.speedscope.json", "empty.pb.gz"] {
        expect(name, &profile, &Options::default());
    }
}
