//! speedscope's own web app, from its npm package, in a browser.

use std::{collections::BTreeMap, fs};

use serde_json::Value;
use tracing_flame_layer::{Profile, render::Format};

use super::{
    by_name::{Times, of_stacks},
    expected,
    run::recorded,
    written,
};
use crate::{browser::tab::Tab, tools};
use flame_oracle::{formats::read_speedscope, formats::sample};

/// Has the text of the file that a click on `Export` would save.
const EXPORT: &str = "new Promise(done => {
    URL.createObjectURL = blob => { blob.text().then(done); return '#'; };
    HTMLAnchorElement.prototype.click = () => {};
    [...document.querySelectorAll('div')].findLast(div => /Export$/.test(div.textContent)).click();
})";

const ROWS: &str = "[...document.querySelectorAll('tr')]
    .map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent))
    .filter(cells => cells.length === 3 && cells[0].endsWith('%)'))";

/// The element of the toolbar that says so.
fn tool(text: &str) -> String {
    format!(
        "[...document.querySelectorAll('div')].findLast(div => div.textContent.endsWith({text:?}))"
    )
}

struct App(Tab);

impl App {
    /// Opens a file as a person does, or says that the test is skipped.
    fn open(profile: &Profile, test: &'static str) -> Option<Self> {
        let app = tools::npm("speedscope", "dist/release", test)?;
        let mut tab = Tab::start(test)?;
        let file = tab.directory().join("run.speedscope.json");
        fs::write(&file, written(profile, Format::Speedscope)).unwrap();
        tab.open(&format!("file://{}", app.join("index.html").display()));
        tab.wait_until("document.querySelector('input[type=file]')");
        tab.choose_file("input[type=file]", &file);
        tab.wait_until("/Export/.test(document.body.textContent)");
        Some(Self(tab))
    }

    /// What the app holds, by name, of each profile of the file.
    fn holds(&mut self) -> Vec<(String, Times)> {
        let text = self.0.evaluate(EXPORT);
        let file: Value = serde_json::from_str(text.as_str().expect("text")).expect("JSON");
        let profiles = file["profiles"].as_array().expect("profiles").iter();
        profiles
            .map(|profile| {
                let name = profile["name"].as_str().expect("a name").to_owned();
                (name, of_stacks(stacks(profile, &file["shared"]["frames"])))
            })
            .collect()
    }

    /// The rows of the table that it shows, once there are so many: total, self,
    /// name.
    fn shows(&mut self, rows: usize) -> Vec<[String; 3]> {
        self.0.click_element(&tool("Sandwich"));
        self.0.wait_until(&format!("{ROWS}.length >= {rows}"));
        serde_json::from_value(self.0.evaluate(ROWS)).expect("rows")
    }
}

/// What stood open, from the bottom, and for how long, by what was opened and
/// closed when.
fn stacks(profile: &Value, frames: &Value) -> BTreeMap<Vec<String>, u64> {
    assert_eq!((&profile["type"], &profile["unit"]), (&"evented".into(), &"nanoseconds".into()));
    let mut stacks: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    let (mut stack, mut since) = (Vec::new(), 0);
    for event in profile["events"].as_array().expect("events") {
        let at = event["at"].as_u64().expect("whole nanoseconds");
        if at > since {
            *stacks.entry(stack.clone()).or_default() += at - since;
            since = at;
        }
        if event["type"] == "O" {
            let frame = event["frame"].as_u64().expect("a frame") as usize;
            stack.push(frames[frame]["name"].as_str().expect("a name").to_owned());
        } else {
            stack.pop();
        }
    }
    stacks
}

/// Whether a time such as `1.23ms (4.5%)` is that of so many nanoseconds, as far
/// as its digits go.
fn is_rounded(shown: &str, nanos: u64) -> bool {
    let time = shown.split(' ').next().expect("a time");
    let (number, unit) = time.split_at(time.find(|c: char| c.is_alphabetic()).expect("a unit"));
    let units = [("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)];
    let unit = units.iter().find(|(name, _)| *name == unit).expect("a known unit").1;
    let number: f64 = number.parse().expect("a number");
    (number * unit - nanos as f64).abs() <= 0.005_01 * unit
}

#[test]
fn speedscope_tells_the_same_times_of_the_same_names() {
    let test = "speedscope_tells_the_same_times_of_the_same_names";
    for profile in [recorded(), sample::import(), sample::busy()] {
        let Some(mut app) = App::open(&profile, test) else { return };
        app.0.screenshot("time-order");
        let expected = expected(&profile);
        let held = app.holds();
        assert_eq!(held[0], ("all threads, wall-clock time".to_owned(), expected.clone()));
        assert_eq!(held[1..], by_thread(&profile), "each thread name's");
        let rows = app.shows(expected.len());
        app.0.screenshot("sandwich");
        assert_eq!(rows.len(), expected.len());
        for [total, own, name] in rows {
            let nanos = expected[&name];
            assert!(is_rounded(&own, nanos[0]), "{name}: {own} for {nanos:?}");
            assert!(is_rounded(&total, nanos[1]), "{name}: {total} for {nanos:?}");
        }
        app.0.close();
    }
}

/// What each profile of a thread name has to tell.
fn by_thread(profile: &Profile) -> Vec<(String, Times)> {
    let file = read_speedscope::read(&written(profile, Format::Speedscope));
    let profiles = file.profiles.iter().enumerate().skip(1);
    profiles.map(|(i, profile)| (profile.name.clone(), of_stacks(file.stacks(i)))).collect()
}

#[test]
fn speedscope_takes_a_profile_of_nothing() {
    let empty = Profile::new(sample::window(std::time::Duration::from_secs(2)));
    let Some(mut app) = App::open(&empty, "speedscope_takes_a_profile_of_nothing") else { return };
    app.0.screenshot("empty");
    assert_eq!(app.holds(), [("all threads, wall-clock time".to_owned(), Times::new())]);
    app.0.close();
}
