//! The viewer of a report or of the live page, by what a person does to it and sees.

use std::{fs, io::BufWriter};

use serde_json::Value;
use tracing_flame_layer::{
    Profile,
    render::{Format, Options},
};

use super::tab::Tab;

/// Functions to look at the page with. Boxes are on a canvas: where they are, the viewer says.
const LOOK: &str = "
    const at = id => document.getElementById(id);
    const shown = graph => (graph.laidOut ? graph.laidOut.placed : []).filter(p => p.box);
    const boxes = () => shown(viewer.graph);
    const order = (a, b) => a.depth - b.depth || a.left - b.left;
    const labels = () => boxes().sort(order).map(p => p.box.label);
    const placed = name => boxes().find(p => p.box.label === name);
    const element = name => ({
        getBoundingClientRect: () => {
            const canvas = viewer.graph.canvas.getBoundingClientRect();
            const { left, top, width, height } = viewer.graph.placeOf(placed(name).box);
            return { x: canvas.x + left, y: canvas.y + top, width, height };
        },
    });
    const state = () => at('state').textContent;
    const button = name => [...document.querySelectorAll('button, summary')]
        .find(b => b.textContent === name);
    const rows = () => [...at('spans').tBodies[0].rows]
        .map(row => [...row.cells].map(cell => cell.textContent));
    const isStill = () => viewer.graph.laidOut && !viewer.graph.glide && !viewer.graph.frame;
";

/// A script that looks at the page.
pub(super) fn looking(expression: &str) -> String {
    format!("(() => {{ {LOOK} return {expression}; }})()")
}

pub(super) struct Viewer(pub(super) Tab);

impl Viewer {
    /// Opens a profile's report, or says that the test is skipped.
    pub(super) fn open(profile: &Profile, options: &Options, test: &'static str) -> Option<Self> {
        Self::open_at(profile, options, test, "")
    }

    /// Opens it at an address, from its `#` on.
    pub(super) fn open_at(
        profile: &Profile,
        options: &Options,
        test: &'static str,
        hash: &str,
    ) -> Option<Self> {
        let mut tab = Tab::start(test)?;
        let path = tab.directory().join("report.html");
        let file = fs::File::create(&path).unwrap();
        profile.write(Format::Html, BufWriter::new(file), options).unwrap();
        tab.open(&format!("file://{}{hash}", path.display()));
        let mut viewer = Self(tab);
        viewer
            .0
            .wait_until("typeof viewer === 'object' && viewer.report && viewer.table.ids.length");
        Some(viewer)
    }

    /// Ends the test; fails if any script of the page did.
    pub(super) fn close(self) {
        self.0.close();
    }

    pub(super) fn look(&mut self, expression: &str) -> Value {
        self.0.evaluate(&looking(expression))
    }

    pub(super) fn text(&mut self, expression: &str) -> String {
        self.look(expression).as_str().expect("a text").to_owned()
    }

    pub(super) fn strings(&mut self, expression: &str) -> Vec<String> {
        serde_json::from_value(self.look(expression)).unwrap()
    }

    /// Does something in the page by its script.
    pub(super) fn act(&mut self, action: &str) {
        self.0.evaluate(&format!("(() => {{ {LOOK} {action}; }})()"));
    }

    /// Waits until something holds in the page.
    pub(super) fn until(&mut self, condition: &str) {
        self.0.wait_until(&looking(condition));
    }

    /// The labels of the boxes that are shown, from the root on, left to right.
    pub(super) fn labels(&mut self) -> Vec<String> {
        self.until("isStill()");
        self.strings("labels()")
    }

    /// How wide a box is, in per cent of the picture.
    pub(super) fn width_of(&mut self, label: &str) -> f64 {
        self.until("isStill()");
        let width =
            self.look(&format!("100 * placed({label:?}).width / viewer.graph.place.clientWidth"));
        width.as_f64().expect("a number")
    }

    /// Clicks on a box.
    pub(super) fn click_box(&mut self, label: &str) {
        self.until(&format!("isStill() && placed({label:?})"));
        self.0.click_element(&format!("(() => {{ {LOOK} return element({label:?}); }})()"));
    }

    /// Moves the pointer over a box.
    pub(super) fn hover_box(&mut self, label: &str) {
        self.until(&format!("isStill() && placed({label:?})"));
        self.0.hover_element(&format!("(() => {{ {LOOK} return element({label:?}); }})()"));
    }

    /// Types a search.
    pub(super) fn search(&mut self, text: &str) {
        self.act(&format!(
            "at('search').value = {text:?}; at('search').dispatchEvent(new Event('input'))"
        ));
    }

    /// Chooses one of several, by its form's name and value.
    pub(super) fn choose(&mut self, name: &str, value: &str) {
        self.act(&format!("document.querySelector('[name={name}][value=\"{value}\"]').click()"));
    }

    pub(super) fn screenshot(&mut self, name: &str) {
        self.until("isStill()");
        self.0.screenshot(name);
    }
}
