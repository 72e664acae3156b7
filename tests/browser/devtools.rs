//! Chromium without a window, and the part of its DevTools protocol that these
//! tests use, over a pair of pipes: JSON messages with a zero byte behind each
//! (<https://chromedevtools.github.io/devtools-protocol/>).

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{self, Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::tools;

/// Names that Chromium goes by.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// After so long without an answer a test is taken to hang, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(1_800);
/// How long a browser is waited for that was asked to leave. Then it is ended.
const FAREWELL: Duration = Duration::from_secs(10);

/// A running browser with one page.
pub(super) struct Browser {
    child: Child,
    requests: ChildStdin,
    messages: mpsc::Receiver<Value>,
    /// What came while something else was waited for.
    early: Vec<Value>,
    session: Option<String>,
    id: u64,
    directory: PathBuf,
}

impl Browser {
    /// Starts a browser, or says that `test` is skipped.
    pub(super) fn start(test: &str) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let program = tools::program(&NAMES, test)?;
        let name = format!("browser-{}-{}", process::id(), NEXT.fetch_add(1, Relaxed));
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&directory).unwrap();
        // The browser reads requests from descriptor 3 and answers on 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1"])
            .arg(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync", "--remote-debugging-pipe"])
            .arg("--window-size=1400,700")
            .arg(format!("--user-data-dir={}", directory.join("profile").display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let requests = child.stdin.take().unwrap();
        let messages = listen(child.stdout.take().unwrap());
        let early = Vec::new();
        Some(Self { child, requests, messages, early, session: None, id: 0, directory })
    }

    /// A directory that lasts as long as the browser.
    pub(super) fn directory(&self) -> &PathBuf {
        &self.directory
    }

    /// Opens the one page.
    pub(super) fn open(&mut self, url: &str) {
        let target = self.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call("Target.attachToTarget", attach);
        self.session = session["sessionId"].as_str().map(str::to_owned);
        self.call("Page.enable", json!({}));
        self.call("Runtime.enable", json!({}));
        self.navigate(url);
    }

    /// Opens another page in place of that.
    pub(super) fn navigate(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url }));
        self.event("Page.loadEventFired");
    }

    /// Sends a request and waits for its answer.
    pub(super) fn call(&mut self, method: &str, parameters: Value) -> Value {
        let id = self.send(method, parameters);
        self.answer(id)
    }

    /// Waits for the answer to a request.
    pub(super) fn answer(&mut self, id: u64) -> Value {
        let mut answer = self.wait(|message| message["id"] == id);
        assert!(answer["error"].is_null(), "{}", answer["error"]);
        answer["result"].take()
    }

    /// Sends a request and does not wait.
    pub(super) fn send(&mut self, method: &str, parameters: Value) -> u64 {
        self.id += 1;
        let mut message = json!({ "id": self.id, "method": method });
        message["params"] = parameters;
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.requests.write_all(format!("{message}\0").as_bytes()).unwrap();
        self.id
    }

    /// Waits until the browser tells of an event.
    pub(super) fn event(&mut self, method: &str) -> Value {
        self.wait(|message| message["method"] == method)
    }

    /// Whether the browser told of an event meanwhile.
    pub(super) fn told(&self, method: &str) -> Option<&Value> {
        self.early.iter().find(|message| message["method"] == method)
    }

    fn wait(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.early.iter().position(&is_it) {
            return self.early.remove(at);
        }
        loop {
            let message = self.messages.recv_timeout(PATIENCE).expect("an answer of the browser");
            if is_it(&message) {
                return message;
            }
            self.early.push(message);
        }
    }
}

fn listen(answers: ChildStdout) -> mpsc::Receiver<Value> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for message in BufReader::new(answers).split(0).map_while(Result::ok) {
            let Ok(message) = serde_json::from_slice(&message) else { return };
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.session = None;
        // It leaves by itself where it still can: its helpers go with it.
        let message = json!({ "id": 0, "method": "Browser.close" });
        let asked = self.requests.write_all(format!("{message}\0").as_bytes()).is_ok();
        while asked && self.messages.recv_timeout(FAREWELL).is_ok() {}
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}
