//! A page in a browser, by what a person does to it and sees of it.

use std::{env, fs, path::Path};

use serde_json::{Value, json};

use super::devtools::Browser;

pub(crate) struct Tab {
    browser: Browser,
    test: &'static str,
}

impl Tab {
    /// Starts a browser without a page, or says that the test is skipped.
    pub(crate) fn start(test: &'static str) -> Option<Self> {
        Some(Self { browser: Browser::start(test)?, test })
    }

    /// A directory that lasts as long as the browser.
    pub(crate) fn directory(&self) -> &Path {
        self.browser.directory()
    }

    /// Opens the one page.
    pub(crate) fn open(&mut self, url: &str) {
        self.browser.open(url);
    }

    /// Opens another page in place of that.
    pub(crate) fn navigate(&mut self, url: &str) {
        self.browser.navigate(url);
    }

    /// Ends the test; fails if any script of the page did.
    pub(crate) fn close(self) {
        let failure = self.browser.told("Runtime.exceptionThrown");
        assert!(failure.is_none(), "a script failed: {failure:#?}");
    }

    /// What an expression of the page comes to, once it is known.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let script =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.browser.call("Runtime.evaluate", script);
        assert!(answer["exceptionDetails"].is_null(), "{answer:#}");
        answer["result"]["value"].take()
    }

    /// Waits until a condition holds in the page.
    pub(crate) fn wait_until(&mut self, condition: &str) {
        self.evaluate(&format!(
            "new Promise(done => {{
                const look = () => ({condition}) ? done(true) : setTimeout(look, 5);
                look();
            }})"
        ));
    }

    pub(crate) fn text(&mut self, selector: &str) -> String {
        let text = self.evaluate(&format!("document.querySelector({selector:?}).textContent"));
        text.as_str().expect("text").to_owned()
    }

    pub(crate) fn click(&mut self, selector: &str) {
        self.click_element(&format!("document.querySelector({selector:?})"));
    }

    /// Clicks in the middle of what an expression comes to.
    pub(crate) fn click_element(&mut self, element: &str) {
        let (x, y) = self.centre(element);
        for kind in ["mousePressed", "mouseReleased"] {
            self.browser.call("Input.dispatchMouseEvent", button(kind, x, y));
        }
    }

    /// Drags from one point of what is shown to another.
    pub(crate) fn drag(&mut self, from: (f64, f64), to: (f64, f64)) {
        let mut tell = |event| _ = self.browser.call("Input.dispatchMouseEvent", event);
        tell(button("mousePressed", from.0, from.1));
        tell(json!({ "type": "mouseMoved", "x": to.0, "y": to.1, "button": "left", "buttons": 1 }));
        tell(button("mouseReleased", to.0, to.1));
    }

    pub(crate) fn hover_element(&mut self, element: &str) {
        let (x, y) = self.centre(element);
        let moved = json!({ "type": "mouseMoved", "x": x, "y": y });
        self.browser.call("Input.dispatchMouseEvent", moved);
    }

    /// Clicks on what asks a question, and answers that.
    pub(crate) fn click_and_answer(&mut self, selector: &str, text: &str) {
        let (x, y) = self.centre(&format!("document.querySelector({selector:?})"));
        self.browser.call("Input.dispatchMouseEvent", button("mousePressed", x, y));
        // The release is answered once the question is.
        let released = self.browser.send("Input.dispatchMouseEvent", button("mouseReleased", x, y));
        self.browser.event("Page.javascriptDialogOpening");
        let answer = json!({ "accept": true, "promptText": text });
        self.browser.call("Page.handleJavaScriptDialog", answer);
        self.browser.answer(released);
    }

    /// Chooses a file where the page asks for one.
    pub(crate) fn choose_file(&mut self, selector: &str, path: &Path) {
        let document = self.browser.call("DOM.getDocument", json!({}));
        let wanted = json!({ "nodeId": document["root"]["nodeId"], "selector": selector });
        let input = self.browser.call("DOM.querySelector", wanted);
        let chosen = json!({ "nodeId": input["nodeId"], "files": [path] });
        self.browser.call("DOM.setFileInputFiles", chosen);
    }

    fn centre(&mut self, element: &str) -> (f64, f64) {
        let at = self.evaluate(&format!(
            "(box => [box.x + box.width / 2, box.y + box.height / 2])\
             (({element}).getBoundingClientRect())"
        ));
        serde_json::from_value(at).expect("a place")
    }

    /// Shows the page as a screen of that width does, in the light or the dark.
    pub(crate) fn emulate(&mut self, width: u32, dark: bool) {
        let screen = json!({
            "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 640,
        });
        self.browser.call("Emulation.setDeviceMetricsOverride", screen);
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.browser.call("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// Shows the page as it is printed.
    pub(crate) fn emulate_print(&mut self) {
        self.browser.call("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    }

    /// Keeps what is shown where `SCREENSHOTS` says.
    pub(crate) fn screenshot(&mut self, name: &str) {
        let Some(directory) = env::var_os("SCREENSHOTS") else { return };
        let shot = self.browser.call("Page.captureScreenshot", json!({ "format": "png" }));
        let path = Path::new(&directory).join(format!("{}-{name}.png", self.test));
        fs::write(path, base64(shot["data"].as_str().expect("a picture"))).expect("room");
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
