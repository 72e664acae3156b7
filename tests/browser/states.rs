//! What threads did in their spans, in the viewer.

use std::fs;

use tracing_flame_layer::{
    Profile,
    profile::{Measures, StateSource, States},
    render::{Options, Report},
};

use super::{tab::Tab, viewer::Viewer};
use flame_oracle::formats::sample;

const MS: u64 = 1_000_000;

fn total(viewer: &mut Viewer) -> String {
    viewer.text("words.time(viewer.frames.root.total)")
}

#[test]
fn what_threads_did_is_drawn_and_switched_off() {
    let test = "what_threads_did_is_drawn_and_switched_off";
    let Some(mut viewer) = Viewer::open(&sample::busy(), &Options::default(), test) else { return };
    let states = [
        "[runnable]",
        "[blocked]",
        "[fault]",
        "[disk]",
        "[lock]",
        "[off-cpu]",
        "[unknown]",
        "[await]",
    ];
    let labels = viewer.labels();
    assert!(states.iter().all(|state| labels.contains(&(*state).to_owned())), "{labels:?}");
    assert_eq!(
        viewer.text("at('states').textContent"),
        "on CPU[runnable][blocked][fault][disk][lock][off-cpu][unknown][await]"
    );
    let busy = "The machine was busy: 18.4% of this time threads waited for a CPU.";
    assert_eq!(viewer.text("at('busy').textContent"), busy);
    assert_eq!(total(&mut viewer), "1.903 s");
    viewer.screenshot("light");
    viewer.choose("state", "runnable");
    assert_eq!(total(&mut viewer), "1.553 s");
    assert!(!viewer.labels().contains(&"[runnable]".to_owned()));
    viewer.choose("state", "cpu");
    assert_eq!(total(&mut viewer), "938.0 ms", "what is left was waited");
    viewer.choose("state", "runnable");
    viewer.choose("state", "cpu");
    assert_eq!(total(&mut viewer), "1.903 s");
    viewer.choose("weight", "threads");
    assert_eq!(total(&mut viewer), "1.840 s");
    assert!(viewer.labels().contains(&"[blocked]".to_owned()));
    viewer.0.emulate(1100, true);
    viewer.screenshot("dark");
    viewer.close();
}

#[test]
fn a_box_tells_what_its_time_is_made_of() {
    let test = "a_box_tells_what_its_time_is_made_of";
    let Some(mut viewer) = Viewer::open(&sample::busy(), &Options::default(), test) else { return };
    viewer.hover_box("execute_block");
    viewer.until("at('about').textContent.includes('execute_block')");
    let told = viewer.text("at('about').textContent");
    for part in [
        "self600.0 ms",
        "on CPU, of total520.0 ms, 37.1%",
        "runnable, of total150.0 ms, 10.7%",
        "blocked, of total340.0 ms, 24.3%",
        "disk, of total210.0 ms, 15.0%",
        "fault, of total90.00 ms, 6.43%",
        "off-cpu, of total30.00 ms, 2.14%",
        "preempted110 times",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    viewer.hover_box("[disk]");
    viewer.until("at('about').textContent.includes('asleep in a system call on a file')");
    let told = viewer.text("at('about').textContent");
    let first = "fdatasync /data/db/mdbx.dat180.0 ms, 85.7%";
    assert!(told.contains(first), "{told}");
    assert!(told.contains("pread64 /data/static_files/headers30.00 ms, 14.3%"), "{told}");
    assert!(viewer.text("at('run').textContent").contains("statesexact"));
    viewer.screenshot("about");
    viewer.close();
}

#[test]
fn without_states_nothing_is_said_of_them_but_why() {
    let test = "without_states_nothing_is_said_of_them_but_why";
    let mut profile = sample::import();
    profile.set_states(StateSource::None("no <b>counters</b>".into()));
    let Some(mut viewer) = Viewer::open(&profile, &Options::default(), test) else { return };
    assert_eq!(viewer.text("at('states').textContent"), "[await]");
    assert_eq!(viewer.look("at('busy').hidden"), true);
    assert_eq!(viewer.look("viewer.table.ids.includes('cpu')"), false);
    assert!(viewer.text("at('run').textContent").contains("statesnone, no <b>counters</b>"));
    viewer.close();
    let hidden = Options::default().hide_states(true);
    let Some(mut viewer) = Viewer::open(&sample::busy(), &hidden, test) else { return };
    assert_eq!(viewer.text("at('states').textContent"), "[await]");
    assert_eq!(total(&mut viewer), "1.903 s");
    viewer.close();
}

/// Of a block in milliseconds: on a CPU, waiting for one, asleep.
fn block([on_cpu, runnable, blocked]: [u64; 3]) -> Profile {
    let mut profile = Profile::new(sample::window(std::time::Duration::from_secs(1)));
    let all = on_cpu + runnable + blocked;
    let wall_states = made!(States {
        runnable_nanos: runnable * MS,
        blocked_nanos: blocked * MS,
        ..States::default()
    });
    let measures = made!(Measures { wall_states, ..sample::worked(1, all, all, all) });
    profile.push(None, sample::span("block", "node", 1), measures);
    profile
}

/// The report of two runs.
fn compared(before: &Profile, after: &Profile, test: &'static str) -> Option<Viewer> {
    let mut tab = Tab::start(test)?;
    let path = tab.directory().join("diff.html");
    let file = fs::File::create(&path).unwrap();
    Report::new(after).before("a.json", before).write(file, &Options::default()).unwrap();
    tab.open(&format!("file://{}", path.display()));
    let mut viewer = Viewer(tab);
    viewer.until("typeof viewer === 'object' && viewer.table.ids.length && isStill()");
    Some(viewer)
}

#[test]
fn each_state_of_two_runs_is_compared() {
    let test = "each_state_of_two_runs_is_compared";
    let Some(mut viewer) = compared(&block([50, 1, 20]), &block([52, 91, 10]), test) else {
        return;
    };
    let cells = viewer.strings(
        "['self', 'before', 'change', 'cpu-change', 'runnable-change', 'blocked-change']
            .map(id => rows()[0][viewer.table.ids.indexOf(id)])",
    );
    let expected = ["153.0 ms", "71.00 ms", "+82.00 ms", "+2.000 ms", "+90.00 ms", "−10.00 ms"];
    assert_eq!(cells, expected);
    viewer.screenshot("compared");
    viewer.close();
    // Of the run before nobody knows what threads did.
    let whole = {
        let mut profile = Profile::new(sample::window(std::time::Duration::from_secs(1)));
        profile.push(None, sample::span("block", "node", 1), sample::worked(1, 71, 71, 71));
        profile
    };
    let Some(mut viewer) = compared(&whole, &block([50, 1, 20]), test) else { return };
    assert_eq!(viewer.labels(), ["all", "block"]);
    assert_eq!(viewer.look("viewer.table.ids.includes('cpu-change')"), false);
    viewer.close();
}
