//! Firefox without a window, over the part of its Marionette protocol that these tests use:
//! JSON with its length before it, over TCP
//! (<https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html>).

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::tools;

/// Names that Firefox goes by.
const NAMES: [&str; 2] = ["firefox", "firefox-esr"];
/// How long an answer may take before a test fails. No test passes by it.
const PATIENCE: Duration = Duration::from_secs(120);
/// What has the browser choose a port, tell it in a file of the profile, and ask nothing of
/// anybody.
const SETTINGS: &str = "\
user_pref('marionette.port', 0);
user_pref('browser.shell.checkDefaultBrowser', false);
user_pref('datareporting.policy.dataSubmissionEnabled', false);
user_pref('app.update.disabledForTesting', true);
user_pref('network.captive-portal-service.enabled', false);
user_pref('toolkit.telemetry.reportingpolicy.firstRun', false);
";

/// A running browser with one page.
pub(super) struct Firefox {
    child: Child,
    stream: BufReader<TcpStream>,
    id: u64,
    directory: PathBuf,
}

impl Firefox {
    /// Starts a browser, or says that `test` is skipped.
    pub(super) fn start(test: &str) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let program = tools::program(&NAMES, test)?;
        let name = format!("firefox-{}-{}", process::id(), NEXT.fetch_add(1, Relaxed));
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let profile = directory.join("profile");
        fs::create_dir_all(&profile).unwrap();
        fs::write(profile.join("user.js"), SETTINGS).unwrap();
        let mut child = Command::new(program)
            .args(["--headless", "--marionette", "--no-remote", "--profile"])
            .arg(&profile)
            .env("HOME", &directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stream = connect(&mut child, &profile.join("MarionetteActivePort"));
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut browser = Self { child, stream: BufReader::new(stream), id: 0, directory };
        // It says who it is first.
        browser.message();
        browser.call("WebDriver:NewSession", &json!({}));
        let patience = json!({ "script": PATIENCE.as_millis() as u64 });
        browser.call("WebDriver:SetTimeouts", &patience);
        Some(browser)
    }

    /// A directory that lasts as long as the browser.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn open(&mut self, url: &str) {
        self.call("WebDriver:Navigate", &json!({ "url": url }));
    }

    /// What an expression of the page comes to.
    pub(super) fn evaluate(&mut self, expression: &str) -> Value {
        let script = json!({
            "script": format!("return ({expression});"), "args": [], "sandbox": null,
        });
        self.call("WebDriver:ExecuteScript", &script)["value"].take()
    }

    /// Waits until a condition holds in the page.
    pub(super) fn wait_until(&mut self, condition: &str) {
        let script = json!({
            "script": format!(
                "const done = arguments[0];
                 const look = () => ({condition}) ? done(true) : setTimeout(look, 5);
                 look();"
            ),
            "args": [], "sandbox": null,
        });
        self.call("WebDriver:ExecuteAsyncScript", &script);
    }

    /// Clicks at a point of the page.
    pub(super) fn click_at(&mut self, x: f64, y: f64) {
        let moved = json!({ "type": "pointerMove", "x": x.round(), "y": y.round(), "duration": 0 });
        let [down, up] =
            ["pointerDown", "pointerUp"].map(|kind| json!({ "type": kind, "button": 0 }));
        let mouse = json!({
            "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" },
            "actions": [moved, down, up],
        });
        self.call("WebDriver:PerformActions", &json!({ "actions": [mouse] }));
    }

    fn call(&mut self, command: &str, parameters: &Value) -> Value {
        self.id += 1;
        let message = json!([0, self.id, command, parameters]).to_string();
        let text = format!("{}:{message}", message.len());
        self.stream.get_mut().write_all(text.as_bytes()).unwrap();
        loop {
            let mut answer = self.message();
            if answer[0] == 1 && answer[1] == self.id {
                assert!(answer[2].is_null(), "{command}: {:#}", answer[2]);
                return answer[3].take();
            }
        }
    }

    fn message(&mut self) -> Value {
        let mut length = Vec::new();
        self.stream.read_until(b':', &mut length).expect("an answer of the browser");
        let length = String::from_utf8_lossy(&length);
        let length: usize = length.trim_end_matches(':').parse().expect("a length");
        let mut message = vec![0; length];
        self.stream.read_exact(&mut message).expect("an answer of the browser");
        serde_json::from_slice(&message).expect("JSON")
    }
}

/// Waits until the browser has told its port, and connects.
fn connect(child: &mut Child, port: &Path) -> TcpStream {
    let begun = Instant::now();
    loop {
        let told = fs::read_to_string(port).ok().and_then(|port| port.trim().parse().ok());
        if let Some(stream) =
            told.and_then(|port: u16| TcpStream::connect(("127.0.0.1", port)).ok())
        {
            return stream;
        }
        assert!(child.try_wait().unwrap().is_none(), "Firefox has ended");
        assert!(begun.elapsed() < PATIENCE, "Firefox has told no port");
        thread::sleep(Duration::from_millis(20));
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        let message = json!([0, 0, "Marionette:Quit", { "flags": ["eForceQuit"] }]).to_string();
        let text = format!("{}:{message}", message.len());
        let asked = self.stream.get_mut().write_all(text.as_bytes()).is_ok();
        let begun = Instant::now();
        while asked && begun.elapsed() < PATIENCE / 10 && matches!(self.child.try_wait(), Ok(None))
        {
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}
