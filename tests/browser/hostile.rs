//! Names that nobody thought of, through a report and the live page: no script runs but the
//! viewer's, and nothing breaks.

use std::{fs, sync::Arc, time::Duration};

use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use tracing::{Level, dispatcher::with_default, info_span};
use tracing_flame_layer::{
    Profile,
    profile::{
        Callsite, Chart, FieldValues, Frame, Log, LogLine, Operation, ThreadNode, ThreadProfile,
        Visit,
    },
    render::{Names, Options, Report},
};

use super::{tab::Tab, viewer::Viewer};
use crate::listen::Listening;
use flame_oracle::formats::sample;

/// How many reports are made.
const REPORTS: usize = 40;
/// What would show if it were taken for more than text.
const PIECES: [&str; 16] = [
    "<script>window.pwned = 1</script>",
    "</script>",
    "<!--",
    "-->",
    "<img src=x onerror='window.pwned = 1'>",
    "\" onload=\"window.pwned = 1",
    "' + (window.pwned = 1) + '",
    "${window.pwned = 1}",
    "javascript:window.pwned=1",
    "</title></style>",
    "&lt;b&gt;",
    "\\u003cscript\\u003e",
    "\u{202e}\u{0}\u{1b}[2J",
    "]]>",
    "__proto__",
    ";",
];
/// What the page looks like where all went well; else what is wrong.
const STATE: &str = "(() => {
    const wrong = [];
    if ('pwned' in window) wrong.push('a script ran');
    const ours = ['style', 'code', 'data'].map(id => document.getElementById(id)).filter(Boolean);
    const odd = [...document.querySelectorAll('script')].filter(s => !ours.includes(s));
    if (odd.length > 2) wrong.push(odd.length + ' scripts');
    for (const name of ['img', 'b', 'iframe', 'object', 'style + style']) {
        if (document.querySelector(name)) wrong.push('an element ' + name);
    }
    if (document.querySelector('[onerror], [onload]')) wrong.push('a handler');
    const total = viewer.frames.root.total;
    const own = viewer.names.reduce((sum, name) =>
        [...name.states.values()].reduce((x, y) => x + y, sum + name.own), 0);
    if (own !== total) wrong.push('names add up to ' + own + ' of ' + total);
    return wrong;
})()";

fn text() -> impl Strategy<Value = String> + Clone {
    let piece = prop_oneof![
        3 => proptest::sample::select(&PIECES[..]).prop_map(str::to_owned),
        2 => proptest::sample::select(&sample::NASTY[..]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn frame() -> impl Strategy<Value = Frame> {
    (text(), text(), text(), proptest::option::of(sample::field_values(text()))).prop_map(
        |(name, target, file, values)| {
            let callsite = Arc::new(Callsite::new(name, target).at(file, 7));
            match values {
                Some(values) => Frame::Fields(callsite, Arc::<FieldValues>::new(values)),
                None => Frame::Span(callsite),
            }
        },
    )
}

/// A profile of any names, and an operation of them.
fn recording() -> impl Strategy<Value = (Profile, Operation, Options)> {
    let nodes = vec((frame(), 0..5_usize, 0..9_u64, 0..3_u64), 1..30);
    let names = proptest::sample::select(vec![Names::Name, Names::Target, Names::Source]);
    (nodes, vec(text(), 6), names).prop_map(|(nodes, texts, names)| {
        let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
        let mut ids = Vec::new();
        for (frame, parent, wall, pending) in nodes {
            let parent = ids.len().checked_sub(parent).and_then(|at| ids.get(at)).copied();
            let measures = sample::waited(sample::worked(1, wall, wall, wall), pending);
            ids.push(profile.push(parent, frame, measures));
        }
        let share = made!(ThreadNode {
            enters: 1,
            busy_nanos: 5,
            entered_nanos: 5,
            ..ThreadNode::new(ids[0])
        });
        profile.push_thread(ThreadProfile::new(texts[0].as_str(), 1, vec![share]));
        let visit = Visit::new(ids[0], 0, 0..9);
        let chart = made!(Chart {
            threads: vec![texts[0].as_str().into()],
            visits: vec![visit],
            ..Chart::default()
        });
        let line = LogLine::new(1, Level::INFO, texts[1].clone(), texts[2].clone());
        let fields = vec![(texts[3].clone(), texts[4].clone())];
        let operation =
            Operation::new(1, fields, profile.clone(), chart).with_log(Log::new(vec![line], 0));
        let options = Options::default().names(names).title(texts[5].clone());
        (profile, operation, options.run(texts[4].clone(), texts[5].clone()))
    })
}

fn state(viewer: &mut Viewer) -> Vec<String> {
    serde_json::from_value(viewer.0.evaluate(STATE)).expect("a list of lines")
}

#[test]
fn any_names_are_text_in_a_report() {
    let Some(mut tab) = Tab::start("any_names_are_text_in_a_report") else { return };
    let path = tab.directory().join("report.html");
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    tab.open("about:blank");
    let mut viewer = Viewer(tab);
    for _ in 0..REPORTS {
        let recording = recording().new_tree(&mut runner).unwrap().current();
        let (profile, operation, options) = &recording;
        let operations = std::slice::from_ref(operation);
        let before = sample::nasty();
        let report = Report::new(profile).operations(operations).before("<b>", &before);
        report.write(fs::File::create(&path).unwrap(), options).unwrap();
        viewer.0.navigate(&format!("file://{}", path.display()));
        viewer.until("window.viewer && viewer.table.ids.length");
        assert_eq!(state(&mut viewer), [""; 0], "{recording:?}");
        // Whatever can be shown is shown.
        for (name, value) in [("weight", "threads"), ("view", "bottom-up"), ("view", "sandwich")] {
            viewer.choose(name, value);
        }
        viewer.search("[a-z]");
        viewer.act("at('slowest').querySelector('button').click()");
        viewer.until("!at('course').hidden");
        assert_eq!(viewer.look("'pwned' in window"), false, "{recording:?}");
    }
    viewer.close();
}

#[test]
fn any_values_are_text_in_the_live_page() {
    let Some(mut tab) = Tab::start("any_values_are_text_in_the_live_page") else { return };
    let host = Listening::new("--flame-operation block --flame-fields block{value},part{value}");
    with_default(&host.dispatch, || {
        for piece in PIECES.iter().chain(&sample::NASTY) {
            let block = info_span!("block", value = piece);
            block.in_scope(|| info_span!("part", value = piece).in_scope(|| ()));
        }
    });
    tab.open(&format!("http://{}/", host.address));
    let mut viewer = Viewer(tab);
    viewer.choose("last", "");
    viewer.until("viewer.table.ids.length && at('slowest').querySelector('button')");
    viewer.until("labels().length > 3");
    assert_eq!(state(&mut viewer), [""; 0]);
    viewer.act("at('slowest').querySelector('button').click()");
    viewer.until("!at('course').hidden");
    assert_eq!(viewer.look("'pwned' in window"), false);
    viewer.close();
}
