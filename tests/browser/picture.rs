//! A flamegraph in a browser, by what a person does to it and sees of it.

use std::{fs, io::BufWriter};

use serde_json::Value;
use tracing_flame_layer::{
    Profile,
    render::{Format, Options},
};

use super::tab::Tab;

/// Whether the script of the picture has taken the window's width.
const READY: &str = "!document.getElementById('frames')
    || document.getElementById('frames').getAttribute('width') !== '1180'";

/// Functions to look at frames with.
const LOOK: &str = "
    const label = g => g.querySelector('title').textContent.replace(/ \\([^(]*\\)$/, '');
    const all = [...document.querySelectorAll('#frames > g')];
    const shown = all.filter(g => !g.classList.contains('hide'))
        .sort((a, b) => y(b) - y(a) || x(a) - x(b));
    function y(g) { return +g.querySelector('rect').getAttribute('y'); }
    function x(g) { return +g.querySelector('rect').getAttribute('fg:x'); }
    const named = name => shown.find(g => label(g) === name).querySelector('rect');
";

pub(super) struct Picture(Tab);

impl Picture {
    /// Opens a profile's picture, or says that the test is skipped.
    pub(super) fn open(profile: &Profile, options: &Options, test: &'static str) -> Option<Self> {
        let mut tab = Tab::start(test)?;
        let path = tab.directory().join("picture.svg");
        let file = fs::File::create(&path).unwrap();
        profile.write(Format::Svg, BufWriter::new(file), options).unwrap();
        tab.open(&format!("file://{}", path.display()));
        tab.wait_until(READY);
        Some(Self(tab))
    }

    /// Ends the test; fails if any script of the picture did.
    pub(super) fn close(self) {
        self.0.close();
    }

    fn look(&mut self, expression: &str) -> Value {
        self.0.evaluate(&format!("(() => {{ {LOOK} return {expression}; }})()"))
    }

    fn strings(&mut self, expression: &str) -> Vec<String> {
        serde_json::from_value(self.look(expression)).unwrap()
    }

    /// The labels of the frames that are shown, from the bottom, left to right.
    pub(super) fn labels(&mut self) -> Vec<String> {
        self.strings("shown.map(label)")
    }

    /// How the frames that are shown stand, and what is written in them.
    pub(super) fn shown(&mut self) -> Vec<String> {
        self.strings("shown.map(g => g.querySelector('rect').outerHTML + g.textContent)")
    }

    /// The labels of the frames that a search found.
    pub(super) fn highlighted(&mut self) -> Vec<String> {
        let found = "rgb(230,0,230)";
        let filter = format!("g.querySelector('rect').getAttribute('fill') === '{found}'");
        self.strings(&format!("shown.filter(g => {filter}).map(label)"))
    }

    /// A frame's width in per cent of all.
    pub(super) fn width_of(&mut self, label: &str) -> f64 {
        let width = self.look(&format!("parseFloat(named({label:?}).getAttribute('width'))"));
        width.as_f64().unwrap()
    }

    pub(super) fn text(&mut self, selector: &str) -> String {
        self.0.text(selector)
    }

    pub(super) fn click_frame(&mut self, label: &str) {
        self.0.click_element(&frame(label));
    }

    pub(super) fn click(&mut self, selector: &str) {
        self.0.click(selector);
    }

    pub(super) fn hover_frame(&mut self, label: &str) {
        self.0.hover_element(&frame(label));
    }

    /// Clicks on `Search` and types into the question that it asks.
    pub(super) fn search(&mut self, term: &str) {
        self.0.click_and_answer("#search", term);
    }

    pub(super) fn screenshot(&mut self, name: &str) {
        self.0.screenshot(name);
    }
}

/// The expression for a frame that is shown.
fn frame(label: &str) -> String {
    format!("(() => {{ {LOOK} return named({label:?}); }})()")
}
