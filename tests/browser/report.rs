//! A report, from a file, in a browser.

use std::{fs, time::Duration};

use serde_json::Value;
use tracing::Level;
use tracing_flame_layer::{
    Profile,
    profile::{
        Absence, Anomalies, Chart, Log, LogLine, Measures, Omitted, Operation, Orphans,
        StateSource, States, Strand, Visit,
    },
    render::{Finding, Names, Options, Report, Told, TraceFormat, Weight},
};

use super::{tab::Tab, viewer::Viewer};
use flame_oracle::formats::sample;

macro_rules! open {
    ($test:expr, $profile:expr) => {
        open!($test, $profile, Options::default())
    };
    ($test:expr, $profile:expr, $options:expr) => {
        open!($test, $profile, $options, "")
    };
    ($test:expr, $profile:expr, $options:expr, $hash:expr) => {
        match Viewer::open_at($profile, &$options, $test, $hash) {
            Some(viewer) => viewer,
            None => return,
        }
    };
}

/// One root of 100 ms that has two children, one of them a grandchild.
fn small() -> Profile {
    let mut profile = Profile::new(sample::window(Duration::from_millis(100)));
    let mut push = |parent, name, wall| {
        profile.push(parent, sample::span(name, "root", 1), sample::worked(1, wall, wall, wall))
    };
    let root = push(None, "root", 0);
    let a = push(Some(root), "a", 20);
    push(Some(a), "x", 10);
    push(Some(root), "b", 70);
    profile
}

#[test]
fn a_click_zooms_into_a_box_and_leads_back() {
    let mut viewer = open!("a_click_zooms_into_a_box_and_leads_back", &small());
    assert_eq!(viewer.labels(), ["all", "root", "a", "b", "x"]);
    viewer.click_box("a");
    assert_eq!(viewer.labels(), ["all", "root", "a", "x"], "a sibling is out of sight");
    assert_eq!(viewer.width_of("a").round(), 100.0);
    assert_eq!(viewer.width_of("x").round(), 33.0, "a third of its parent");
    assert_eq!(viewer.text("decodeURIComponent(location.hash)"), "#frame=root;a");
    viewer.screenshot("zoomed");
    viewer.0.click("#zoom-out");
    assert_eq!(viewer.labels(), ["all", "root", "a", "b", "x"]);
    viewer.close();
}

#[test]
fn an_address_shows_the_same_again() {
    let hash = "#view=flame&frame=import%3Bexecute_block&search=call&sort=total&layout=icicle";
    let mut viewer =
        open!("an_address_shows_the_same_again", &sample::import(), Options::default(), hash);
    assert_eq!(viewer.width_of("execute_block").round(), 100.0);
    assert_eq!(viewer.text("at('search').value"), "call");
    assert_eq!(viewer.text("document.querySelector('[aria-sort]').textContent"), "total");
    viewer.act("location.hash = '#view=sandwich&name=call'");
    viewer.until("!at('sandwich').hidden && viewer.callees.root.label === 'call'");
    viewer.close();
}

#[test]
fn a_search_tells_how_many_and_how_much_and_goes_from_one_to_the_next() {
    let test = "a_search_tells_how_many_and_how_much_and_goes_from_one_to_the_next";
    let mut viewer = open!(test, &small());
    viewer.search("^[ax]$");
    assert_eq!(viewer.text("at('matches').textContent"), "2 frames, 30.0%", "nested ones once");
    assert_eq!(viewer.strings("rows().map(([name]) => name)"), ["a", "x"]);
    for expected in ["a", "x", "a"] {
        viewer.0.click("#next");
        assert_eq!(viewer.text("viewer.selected.label"), expected);
    }
    viewer.0.click("#previous");
    assert_eq!(viewer.text("viewer.selected.label"), "x");
    viewer.screenshot("searched");
    viewer.search("(");
    assert_eq!(viewer.text("at('matches').textContent"), "0 frames, 0% (as plain text)");
    viewer.search("");
    assert_eq!(viewer.text("at('matches').textContent"), "");
    viewer.close();
}

#[test]
fn a_box_under_the_pointer_tells_about_itself() {
    let mut viewer = open!("a_box_under_the_pointer_tells_about_itself", &sample::import());
    viewer.hover_box("execute tx");
    viewer.until("at('about').textContent.includes('execute tx')");
    let told = viewer.text("at('about').textContent");
    for part in ["1.395 s, 39.6%", "93.0%", "45,000", "node::exec src/exec.rs:31", "p9962.0 µs"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    viewer.hover_box("request");
    viewer.until("at('about').textContent.includes('per request')");
    let told = viewer.text("at('about').textContent");
    for part in ["per request14.73 ms", "queued, mean2.000 ms", "max≤ 40.00 ms"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    viewer.close();
}

#[test]
fn keys_lead_from_box_to_box() {
    let mut viewer = open!("keys_lead_from_box_to_box", &small());
    let mut press = |key: &str| {
        viewer.act(&format!(
            "viewer.graph.canvas.dispatchEvent(new KeyboardEvent('keydown', {{ key: {key:?} }}))"
        ));
        viewer.text("viewer.selected.label")
    };
    let path = ["ArrowUp", "ArrowUp", "ArrowLeft", "ArrowUp", "ArrowDown", "Enter"].map(&mut press);
    assert_eq!(path, ["root", "b", "a", "x", "a", "a"]);
    assert_eq!(viewer.labels(), ["all", "root", "a", "x"]);
    viewer.close();
}

#[test]
fn a_state_that_is_switched_off_is_in_no_total() {
    let mut viewer = open!("a_state_that_is_switched_off_is_in_no_total", &sample::import());
    let total = |viewer: &mut Viewer| viewer.text("words.time(viewer.frames.root.total)");
    assert_eq!(total(&mut viewer), "3.521 s");
    assert!(viewer.labels().contains(&"[await]".to_owned()));
    viewer.choose("state", "await");
    assert_eq!(total(&mut viewer), "3.191 s");
    assert!(!viewer.labels().contains(&"[await]".to_owned()));
    viewer.choose("state", "await");
    assert_eq!(total(&mut viewer), "3.521 s");
    viewer.choose("weight", "busy");
    assert_eq!(total(&mut viewer), "4.651 s");
    assert_eq!(viewer.look("at('states').children.length"), 0, "no thread is in an await");
    viewer.close();
}

/// `main` and `work` on it, whose spans took a moment to close.
fn with_moments(of_work: u64) -> Profile {
    let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
    let mut push = |parent, name, wall, awaited| {
        let measures = sample::waited(sample::worked(1, wall, wall, wall), awaited);
        let measures = made!(Measures { wall_nanos: wall, await_nanos: awaited, ..measures });
        profile.push(parent, sample::span(name, "m", 1), measures)
    };
    let main = push(None, "main", 1_000_000, 999);
    push(Some(main), "work", 1_000_000 - of_work, of_work);
    profile
}

#[test]
fn the_moment_that_a_span_takes_to_close_is_not_shown_and_not_missed() {
    let test = "the_moment_that_a_span_takes_to_close_is_not_shown_and_not_missed";
    let mut viewer = open!(test, &with_moments(999));
    // However near one looks, at either of them.
    viewer.act("viewer.graph.set(999_000, 1_002_000)");
    assert_eq!(viewer.labels(), ["all", "main", "work"]);
    viewer.act("viewer.graph.set(0, 2_000)");
    assert_eq!(viewer.labels(), ["all", "main", "work"]);
    for place in ["1_000_500, 2", "500, 3"] {
        let box_at = format!("boxAt(viewer.graph.root, {place})");
        assert_eq!(viewer.look(&box_at), serde_json::Value::Null, "{place}");
    }
    assert_eq!(viewer.look("new Search('await').in(viewer.frames).found.length"), 0);
    assert_eq!(viewer.look("at('states').children.length"), 0);
    assert_eq!(viewer.look("viewer.table.ids.includes('await')"), false);
    assert_eq!(viewer.look("viewer.frames.root.total"), 2_000_999);
    viewer.close();
    let mut viewer = open!(test, &with_moments(1_000));
    assert_eq!(viewer.look("at('states').children.length"), 1, "one in a thousand is seen");
    let rows = "rows().map(row => row[0] + ' ' + row[viewer.table.ids.indexOf('await')])";
    assert_eq!(viewer.strings(rows), ["main 0", "work 1.000 µs"]);
    assert_eq!(viewer.look("new Search('await').in(viewer.frames).found.length"), 1);
    viewer.close();
}

#[test]
fn options_say_how_it_is_shown_at_first() {
    let options = Options::default()
        .weight(Weight::Busy)
        .threads(true)
        .names(Names::Target)
        .title("my node")
        .run("host", "<b>box</b>");
    let mut viewer = open!("options_say_how_it_is_shown_at_first", &sample::import(), options);
    let labels = viewer.labels();
    for label in ["rayon", "main", "<unnamed>", "node::senders::recover_senders"] {
        assert!(labels.contains(&label.to_owned()), "{label}: {labels:?}");
    }
    assert_eq!(viewer.text("document.title"), "my node");
    assert!(viewer.text("at('run').textContent").contains("host<b>box</b>"));
    viewer.screenshot("threads");
    viewer.close();
}

#[test]
fn roots_orphans_and_what_no_span_covers_are_told() {
    let mut profile = Profile::new(sample::window(Duration::from_millis(100)));
    let mut push = |parent, name, calls| {
        profile.push(parent, sample::span(name, "root", 1), sample::worked(calls, 20, 20, 20))
    };
    let main = push(None, "main", 1);
    let waiting = push(Some(main), "check_all", 1);
    let root = push(None, "check", 4);
    profile.push_orphans(Orphans::new(root, waiting, 3));
    profile.set_covered(25_000_000);
    let test = "roots_orphans_and_what_no_span_covers_are_told";
    let mut viewer = open!(test, &profile);
    let told = viewer.text("at('run').textContent");
    for part in [
        "some span openin 25.0% of the time",
        "likely orphans3 of 4 operations of check began with nothing entered on their thread while \
         another waited in check_all; if they are part of that",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    viewer.hover_box("check");
    viewer.until("at('about').textContent.includes('root of4 operations')");
    viewer.screenshot("orphans");
    viewer.close();
}

#[test]
fn what_is_not_in_the_profile_is_not_on_the_page() {
    let mut viewer = open!("what_is_not_in_the_profile_is_not_on_the_page", &small());
    for (what, expected) in [
        ("at('trouble').hidden", true),
        ("at('states').children.length === 0", true),
        ("getComputedStyle(at('lengths')).display === 'none'", true),
        ("document.querySelector('[value=threads]').parentElement.hidden", true),
        ("rows().length === 4", true),
        ("viewer.table.ids.includes('await')", false),
        ("viewer.table.ids.includes('polls')", false),
        ("viewer.table.ids.includes('calls')", true),
    ] {
        assert_eq!(viewer.look(what), expected, "{what}");
    }
    viewer.close();
    let mut profile = small();
    profile.set_anomalies(made!(Anomalies { truncated: 1_234, ..Anomalies::default() }));
    let mut viewer = open!("what_is_not_in_the_profile_is_not_on_the_page", &profile);
    let told = "spans too deep or too many, drawn as [truncated] (1,234)";
    assert_eq!(viewer.text("at('troubles').textContent"), told);
    viewer.close();
    let nothing = Profile::new(sample::window(Duration::from_secs(60)));
    let mut viewer = open!("what_is_not_in_the_profile_is_not_on_the_page", &nothing);
    viewer.until("!at('nothing').hidden");
    viewer.0.screenshot("empty");
    viewer.close();
}

#[test]
fn names_of_every_kind_are_text_and_nothing_else() {
    let mut profile = sample::nasty();
    let root = profile.nodes().iter().nth(1).and_then(|node| node.parent);
    for name in [
        "</script><script>document.title = 'pwned'</script>",
        "<img src=x onerror=\"document.title = 'pwned'\">",
        "javascript:document.title='pwned'",
        "<!--<script>",
        "__proto__",
        "constructor",
    ] {
        let frame = sample::span(name, "</style><script>", 7);
        profile.push(root, frame, sample::worked(1, 20, 20, 20));
    }
    let title = "</title><script>document.title = 'pwned'</script>".to_owned();
    let options = Options::default().title(title.clone());
    let mut viewer = open!("names_of_every_kind_are_text_and_nothing_else", &profile, options);
    assert_eq!(viewer.text("document.title"), title);
    assert_eq!(viewer.look("document.querySelectorAll('img, b').length"), 0);
    let labels = viewer.strings("viewer.names.map(name => name.label)");
    for label in ["\\u{5b}await]", "[unnamed]", "a\\u{3b}b", "__proto__", "<!--<script>"] {
        assert!(labels.contains(&label.to_owned()), "{label}: {labels:?}");
    }
    assert_eq!(labels.len(), profile.nodes().len(), "each name is one of its own");
    viewer.screenshot("nasty");
    // What is no part of the viewer does not run, whoever puts it there.
    viewer.act(
        "const script = document.createElement('script');
         script.textContent = 'document.title = \"pwned\"';
         document.head.append(script)",
    );
    assert_eq!(viewer.text("document.title"), title);
    viewer.close();
}

/// An operation that computes on one thread and waits for another.
pub(crate) fn operation() -> Operation {
    const MS: u64 = 1_000_000;
    let mut profile = Profile::new(sample::window(Duration::from_millis(100)));
    let span = |name, line| sample::span(name, "op", line);
    let root = profile.push(None, span("block", 1), sample::worked(1, 40, 40, 40));
    let work = profile.push(Some(root), span("work", 2), sample::worked(1, 60, 60, 60));
    let visit = |span, node, thread, from, to| {
        made!(Visit { span, ..Visit::new(node, thread, from * MS..to * MS) })
    };
    let strand = |span, node, thread, from, to| {
        made!(Strand { span, ..Strand::new(node, thread, from * MS..to * MS) })
    };
    let chart = made!(Chart {
        threads: vec!["main".into(), "<worker>".into()],
        visits: vec![visit(0, root, 0, 0, 40), visit(1, work, 1, 40, 100)],
        strands: vec![strand(0, root, Some(0), 0, 40), strand(1, work, Some(1), 40, 100)],
        absences: vec![Absence::new(
            1,
            40 * MS..100 * MS,
            made!(States {
                runnable_nanos: 5 * MS,
                blocked_nanos: 30 * MS,
                fault_nanos: 10 * MS,
                ..States::default()
            })
        )],
        omitted_visits: Omitted::new(3, 5),
        omitted_absences: Omitted::new(2, 7),
        ..Chart::default()
    });
    profile.set_states(StateSource::Exact);
    let line = LogLine::new(7 * MS, Level::INFO, "op", "half <b>way</b>");
    let fields = vec![("number".to_owned(), "7".to_owned())];
    let log = Log::new(vec![line], 2);
    Operation::new(42, fields, profile, chart).with_log(log)
}

#[test]
fn an_operation_is_shown_by_itself_in_the_same_file() {
    let test = "an_operation_is_shown_by_itself_in_the_same_file";
    let Some(mut tab) = Tab::start(test) else { return };
    let path = tab.directory().join("report.html");
    let (profile, operations) = (small(), [operation()]);
    let file = fs::File::create(&path).unwrap();
    Report::new(&profile).operations(&operations).write(file, &Options::default()).unwrap();
    tab.open(&format!("file://{}", path.display()));
    let mut viewer = Viewer(tab);
    viewer.until("typeof viewer === 'object' && viewer.report");
    assert_eq!(viewer.text("at('slowest').tBodies[0].textContent.slice(0, 15)"), "block{number=7}");
    viewer.act("at('slowest').querySelector('button').click()");
    viewer.until("!at('course').hidden");
    assert_eq!(viewer.labels(), ["all", "block", "work"]);
    let lines = viewer.strings("[...at('critical-lines').children].map(li => li.textContent)");
    let expected = [
        "Without `work` this `block` could have taken 40.00 ms instead of 100.0 ms at best.",
        "60.00 ms (60.0%) at `work` itself, of that 5.000 ms waiting for a CPU, 30.00 ms asleep; \
         without it and all below it 40.00 ms at best",
        "65.00 ms (65.0%) of the path on a CPU",
        "5.000 ms (5.00%) ready to run, and waiting for a CPU; with one free at once 95.00 ms at \
         best",
        "30.00 ms (30.0%) asleep, of that 10.00 ms for pages that had to be read; without that \
         70.00 ms at best",
        "Left out: 3 shorter stays in spans, none longer than 5 ns.",
        "Left out: 2 shorter times off a CPU, drawn as time on it, none longer than 7 ns.",
    ];
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    assert_eq!(lines, expected);
    assert_eq!(
        viewer.text("at('strips').textContent"),
        "on CPU[runnable][blocked][fault]what a thread did, over its lane; of colours above one \
         another it is not known which came first"
    );
    let log = viewer.text("at('log-lines').textContent");
    assert_eq!(log, "7.000 msINFOophalf <b>way</b>and 2 more");
    let bars = viewer.strings(
        "viewer.course.chart.lanes.map(({ title, rows }) =>
            title + ': ' + rows.flat().map(bar => bar.said).join(' | '))",
    );
    let on_cpu = "on CPU 40.00 ms: 40.00 ms, 40.0%; from 0 to 40.00 ms";
    let asleep = "on CPU 25.00 ms, runnable 5.000 ms, blocked 20.00 ms, fault 10.00 ms: \
                  60.00 ms, 60.0%; from 40.00 ms to 100.0 ms";
    assert_eq!(
        bars,
        [
            format!(
                "critical path: {on_cpu} | on CPU 60.00 ms: 60.00 ms, 60.0%; from 40.00 ms to \
                 100.0 ms | {asleep} | block: 40.00 ms, 40.0%; from 0 to 40.00 ms | \
                 work: 60.00 ms, 60.0%; from 40.00 ms to 100.0 ms"
            ),
            format!("main: {on_cpu} | block: 40.00 ms, 40.0%; from 0 to 40.00 ms"),
            format!(
                "<worker>: on CPU 60.00 ms: 60.00 ms, 60.0%; from 40.00 ms to 100.0 ms | {asleep} | \
                 work: 60.00 ms, 60.0%; from 40.00 ms to 100.0 ms"
            ),
        ]
    );
    viewer.screenshot("operation");
    assert_eq!(viewer.text("location.hash"), "#operation=42");
    viewer.act("at('back').querySelector('button').click()");
    viewer.until("at('course').hidden");
    assert_eq!(viewer.labels(), ["all", "root", "a", "b", "x"]);
    viewer.close();
}

#[test]
fn an_operation_has_a_report_of_its_own() {
    let test = "an_operation_has_a_report_of_its_own";
    let Some(mut tab) = Tab::start(test) else { return };
    let path = tab.directory().join("report.html");
    operation().write_html(fs::File::create(&path).unwrap(), &Options::default()).unwrap();
    tab.open(&format!("file://{}", path.display()));
    let mut viewer = Viewer(tab);
    viewer.until("typeof viewer === 'object' && viewer.operation && !at('course').hidden");
    assert_eq!(viewer.text("at('operation-name').textContent"), "block{number=7}");
    viewer.close();
}

/// A block of so many milliseconds each, of which `commit` has a part; `gone` may be there.
pub(super) fn blocks(count: u64, block: u64, commit: u64, gone: u64) -> Profile {
    let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
    let span = |name, line| sample::span(name, "chain", line);
    let worked = |each| sample::worked(count, count * each, count * each, count * each);
    let root = profile.push(None, span("block", 1), worked(block));
    profile.push(Some(root), span("commit", 2), worked(commit));
    if gone > 0 {
        profile.push(Some(root), span("gone", 3), worked(gone));
    }
    profile.name_operation(root);
    profile
}

#[test]
fn of_several_runs_only_what_changed_by_itself_has_a_colour() {
    let test = "of_several_runs_only_what_changed_by_itself_has_a_colour";
    let Some(mut tab) = Tab::start(test) else { return };
    let path = tab.directory().join("told.html");
    let (before, after) = (blocks(6, 4, 2, 0), blocks(6, 7, 5, 0));
    let finding = |stack: &[&str], verdict: &str| Finding {
        stack: stack.iter().map(|&label| label.to_owned()).collect(),
        time: "self".to_owned(),
        verdict: verdict.to_owned(),
        is_change: verdict == "slower",
        change: "+<b>3</b> ms".to_owned(),
        means: ["2 ms", "5 ms"].map(str::to_owned),
    };
    let commit = finding(&["block", "commit"], "slower");
    let told = Told {
        facts: vec!["12 runs".to_owned()],
        reasons: vec![(commit.stack.clone(), "on-CPU".to_owned())],
        findings: vec![commit, finding(&["block"], "not told")],
    };
    let file = fs::File::create(&path).unwrap();
    let report = Report::new(&after).before("a.json", &before).told(&told);
    report.write(file, &Options::default()).unwrap();
    tab.open(&format!("file://{}", path.display()));
    let mut viewer = Viewer(tab);
    viewer.until("typeof viewer === 'object' && viewer.table.ids.length && isStill()");
    let even = "viewer.graph.brush.colourOf(boxOf(viewer.frames.root, PATH))
        === viewer.graph.brush.colours.ofChange(0, 1)";
    assert_eq!(viewer.text(&format!("String({})", even.replace("PATH", "['block']"))), "true");
    let of_commit = even.replace("PATH", "['block', 'commit']");
    assert_eq!(viewer.text(&format!("String({of_commit})")), "false");
    let list = viewer.text("at('told').innerText");
    assert!(list.contains("block;commit on-CPU") && list.contains("1 other number"), "{list}");
    assert!(list.contains("+<b>3</b> ms"), "no markup: {list}");
    viewer.0.click("#findings button");
    viewer.until("at('about').textContent.includes('slower: +<b>3</b> ms')");
    viewer.screenshot("told");
    viewer.close();
}

#[test]
fn two_runs_are_compared_operation_by_operation() {
    let test = "two_runs_are_compared_operation_by_operation";
    let Some(mut tab) = Tab::start(test) else { return };
    let path = tab.directory().join("diff.html");
    let (before, after) = (blocks(3, 4, 5, 1), blocks(6, 4, 2, 0));
    let file = fs::File::create(&path).unwrap();
    Report::new(&after).before("a.json", &before).write(file, &Options::default()).unwrap();
    tab.open(&format!("file://{}", path.display()));
    let mut viewer = Viewer(tab);
    viewer.until("typeof viewer === 'object' && viewer.table.ids.length && isStill()");
    assert_eq!(viewer.labels(), ["all", "block", "commit"], "what is gone has no width");
    let cells = viewer.strings(
        "rows().map(row => ['name', 'self', 'before', 'change', 'ratio', 'total-change']
            .map(id => row[viewer.table.ids.indexOf(id)]).join(' | '))",
    );
    assert_eq!(
        cells,
        [
            "block | 24.00 ms | 24.00 ms | 0 | 0% | −24.00 ms",
            "gone | 0 | 6.000 ms | −6.000 ms | −100% | −6.000 ms",
            "commit | 12.00 ms | 30.00 ms | −18.00 ms | −60.0% | −18.00 ms",
        ]
    );
    viewer.hover_box("commit");
    viewer.until("at('about').textContent.includes('each operation')");
    let told = viewer.text("at('about').textContent");
    assert!(told.contains("5.000 ms → 2.000 ms: −3.000 ms, −60.0%"), "{told}");
    viewer.screenshot("compared");
    viewer.close();
}

#[test]
fn every_kind_of_trouble_has_its_words() {
    let mut viewer = open!("every_kind_of_trouble_has_its_words", &small());
    let mut json = Vec::new();
    small().write_json(&mut json).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let mut kinds: Vec<&String> = json["troubles"].as_object().unwrap().keys().collect();
    kinds.sort();
    assert_eq!(viewer.strings("Object.keys(TROUBLES).sort()").iter().collect::<Vec<_>>(), kinds);
    viewer.close();
}

/// Numbers as doubles, which is what a browser has.
fn doubles(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(items) => items.into_iter().map(doubles).collect(),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(key, value)| (key, doubles(value))).collect())
        }
        other => other,
    }
}

#[test]
fn a_report_hands_out_the_trace_that_the_layer_writes() {
    let test = "a_report_hands_out_the_trace_that_the_layer_writes";
    for operation in [operation(), crate::slow::trace::block()] {
        let Some(mut tab) = Tab::start(test) else { return };
        let path = tab.directory().join("report.html");
        operation.write_html(fs::File::create(&path).unwrap(), &Options::default()).unwrap();
        tab.open(&format!("file://{}", path.display()));
        let mut viewer = Viewer(tab);
        viewer.until("typeof viewer === 'object' && viewer.operation && !at('course').hidden");
        // What the link would save, as it is saved.
        viewer.act(
            "URL.createObjectURL = blob => {
                blob.text().then(text => (window.saved = text));
                return '#saved';
            },
            at('traces').querySelector('a').click()",
        );
        viewer.until("window.saved !== undefined");
        let saved: Value = serde_json::from_str(&viewer.text("window.saved")).unwrap();
        let mut written = Vec::new();
        operation.write_trace(TraceFormat::Chrome, &mut written).unwrap();
        let written: Value = serde_json::from_slice(&written).unwrap();
        assert!(saved["traceEvents"].as_array().is_some_and(|events| events.len() > 5));
        assert_eq!(doubles(saved["traceEvents"].clone()), doubles(written["traceEvents"].clone()));
    }
}
