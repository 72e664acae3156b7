//! A flamegraph in a browser, by what a person does to it and sees of it.

use std::{env, fs, path::Path};

use serde_json::{Value, json};
use tracing_flame_layer::{
    Profile,
    render::{Format, Options},
};

use super::devtools::Browser;

/// Done once the script of the picture has taken the window's width.
const READY: &str = "new Promise(done => {
    const ready = () => !document.getElementById('frames')
        || document.getElementById('frames').getAttribute('width') !== '1180';
    const look = () => ready() ? done(true) : setTimeout(look, 5);
    look();
})";

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

pub(super) struct Page {
    browser: Browser,
    test: &'static str,
}

impl Page {
    /// Opens a profile's picture, or says that the test is skipped.
    pub(super) fn open(profile: &Profile, options: &Options, test: &'static str) -> Option<Self> {
        let mut browser = Browser::start(test)?;
        let path = browser.directory().join("picture.svg");
        let file = fs::File::create(&path).unwrap();
        profile.write(Format::Svg, std::io::BufWriter::new(file), options).unwrap();
        browser.open(&format!("file://{}", path.display()));
        let mut page = Self { browser, test };
        page.evaluate(READY);
        Some(page)
    }

    /// Ends the test; fails if any script of the picture did.
    pub(super) fn close(self) {
        let failure = self.browser.told("Runtime.exceptionThrown");
        assert!(failure.is_none(), "a script failed: {failure:#?}");
    }

    fn evaluate(&mut self, script: &str) -> Value {
        let script = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.browser.call("Runtime.evaluate", script);
        assert!(answer["exceptionDetails"].is_null(), "{answer:#}");
        answer["result"]["value"].take()
    }

    fn look(&mut self, expression: &str) -> Value {
        self.evaluate(&format!("(() => {{ {LOOK} return {expression}; }})()"))
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
        let text = self.look(&format!("document.querySelector({selector:?}).textContent"));
        text.as_str().unwrap().to_owned()
    }

    pub(super) fn click_frame(&mut self, label: &str) {
        let at = self.centre(&format!("named({label:?})"));
        self.click_at(at);
    }

    pub(super) fn click(&mut self, selector: &str) {
        let at = self.centre(&format!("document.querySelector({selector:?})"));
        self.click_at(at);
    }

    pub(super) fn hover_frame(&mut self, label: &str) {
        let (x, y) = self.centre(&format!("named({label:?})"));
        let moved = json!({ "type": "mouseMoved", "x": x, "y": y });
        self.browser.call("Input.dispatchMouseEvent", moved);
    }

    /// Clicks on `Search` and types into the question that it asks.
    pub(super) fn search(&mut self, term: &str) {
        let (x, y) = self.centre("document.querySelector('#search')");
        self.browser.call("Input.dispatchMouseEvent", button("mousePressed", x, y));
        // The release is answered once the question is.
        let released = self.browser.send("Input.dispatchMouseEvent", button("mouseReleased", x, y));
        self.browser.event("Page.javascriptDialogOpening");
        let answer = json!({ "accept": true, "promptText": term });
        self.browser.call("Page.handleJavaScriptDialog", answer);
        self.browser.answer(released);
    }

    fn click_at(&mut self, (x, y): (f64, f64)) {
        for kind in ["mousePressed", "mouseReleased"] {
            self.browser.call("Input.dispatchMouseEvent", button(kind, x, y));
        }
    }

    fn centre(&mut self, element: &str) -> (f64, f64) {
        let at = self.look(&format!(
            "(box => [box.x + box.width / 2, box.y + box.height / 2])\
             ({element}.getBoundingClientRect())"
        ));
        serde_json::from_value(at).unwrap()
    }

    /// Keeps what is shown where `SCREENSHOTS` says.
    pub(super) fn screenshot(&mut self, name: &str) {
        let Some(directory) = env::var_os("SCREENSHOTS") else { return };
        let shot = self.browser.call("Page.captureScreenshot", json!({ "format": "png" }));
        let path = Path::new(&directory).join(format!("{}-{name}.png", self.test));
        fs::write(path, base64(shot["data"].as_str().unwrap())).unwrap();
    }
}

fn button(kind: &str, x: f64, y: f64) -> Value {
    json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 })
}

/// The bytes that base64 text stands for.
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |c: &u8| DIGITS.iter().position(|d| d == c);
    let digits: Vec<usize> = text.as_bytes().iter().filter_map(digit).collect();
    let bytes = |four: &[usize]| {
        let bits = four.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - four.len()));
        [bits >> 16, bits >> 8, bits]
            .map(|byte| (byte & 0xff) as u8)
            .into_iter()
            .take(four.len() - 1)
    };
    digits.chunks(4).flat_map(bytes).collect()
}
