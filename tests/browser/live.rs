//! The live page in a real browser, beside a program that runs.

use std::{
    sync::mpsc::{Sender, TryRecvError, channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use tracing::{Dispatch, dispatcher::with_default, info_span};

use super::{tab::Tab, viewer::Viewer};
use crate::listen::Listening;

struct Live {
    viewer: Viewer,
    host: Listening,
}

/// A program with a root span that has a child, until it is dropped.
struct Program {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Program {
    fn start(dispatch: &Dispatch) -> Self {
        let (end, ended) = channel::<()>();
        let dispatch = dispatch.clone();
        let work = move || {
            while ended.try_recv() == Err(TryRecvError::Empty) {
                let _root = info_span!("root").entered();
                let _child = info_span!("child").entered();
                let _ = ended.recv_timeout(Duration::from_millis(5));
            }
        };
        let thread = thread::spawn(move || with_default(&dispatch, work));
        Self { end: Some(end), thread: Some(thread) }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end.take();
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Live {
    fn open(test: &'static str) -> Option<Self> {
        Self::open_after(test, |_| ())
    }

    /// Opens the page when something has happened.
    fn open_after(test: &'static str, happened: impl FnOnce(&Dispatch)) -> Option<Self> {
        Self::open_with(test, "", happened)
    }

    fn open_with(
        test: &'static str,
        flags: &str,
        happened: impl FnOnce(&Dispatch),
    ) -> Option<Self> {
        let mut tab = Tab::start(test)?;
        let host = Listening::new(flags);
        happened(&host.dispatch);
        tab.open(&format!("http://{}/", host.address));
        Some(Self { viewer: Viewer(tab), host })
    }

    /// Waits until something holds in the page.
    fn until(&mut self, condition: &str) {
        self.viewer.until(condition);
    }

    fn act(&mut self, action: &str) {
        self.viewer.act(action);
    }
}

#[test]
fn the_page_shows_what_runs_and_refreshes_itself() {
    let Some(mut live) = Live::open("the_page_shows_what_runs_and_refreshes_itself") else {
        return;
    };
    live.until("state() === 'recording' && !document.querySelector('#nothing').hidden");
    let _program = Program::start(&live.host.dispatch);
    live.until("['all', 'root', 'child'].every(label => labels().includes(label))");
    live.act("at('hold').click()");
    live.viewer.click_box("child");
    live.until("document.querySelector('#about').textContent.includes('root › child')");
    live.viewer.click_box("all");
    live.until("document.querySelector('#spans').textContent.includes('child')");
    live.until("document.querySelector('#operations').textContent.includes('root')");
    live.viewer.close();
}

#[test]
fn a_window_and_a_weight_can_be_chosen() {
    let over = |dispatch: &Dispatch| {
        with_default(dispatch, || {
            info_span!("root").in_scope(|| info_span!("child").in_scope(|| ()));
        });
    };
    let test = "a_window_and_a_weight_can_be_chosen";
    let Some(mut live) = Live::open_after(test, over) else { return };
    // What is over is in no window that begins now, but in all of it.
    live.until("!document.querySelector('#nothing').hidden");
    live.act("document.querySelector('[name=last][value=\"\"]').click()");
    live.until("labels().includes('child')");
    live.act("document.querySelector('[name=weight][value=busy]').click()");
    live.until("labels().includes('child')");
    live.act("document.querySelector('[name=last][value=\"5\"]').click()");
    live.until("!document.querySelector('#nothing').hidden");
    live.viewer.close();
}

#[test]
fn recording_is_stopped_and_started_from_the_page() {
    let Some(mut live) = Live::open("recording_is_stopped_and_started_from_the_page") else {
        return;
    };
    let _program = Program::start(&live.host.dispatch);
    live.until("labels().includes('child')");
    live.act("button('Stop').click()");
    live.until("state() === 'stopped' && button('Start')");
    live.act("button('Start').click()");
    live.until("state() === 'recording' && button('Stop') && labels().includes('child')");
    live.act("button('Save').click()");
    live.until("document.querySelectorAll('#formats a[download]').length >= 4");
    live.viewer.close();
}

#[test]
fn the_slowest_operations_are_shown_in_the_page() {
    let test = "the_slowest_operations_are_shown_in_the_page";
    let flags = "--flame-operation block --flame-slowest 2";
    let over = |dispatch: &Dispatch| {
        with_default(dispatch, || {
            for number in [7, 8] {
                info_span!("block", number).in_scope(|| info_span!("child").in_scope(|| ()));
            }
        });
    };
    let Some(mut live) = Live::open_with(test, flags, over) else { return };
    live.until("document.querySelectorAll('#slowest button').length === 2");
    live.until("document.querySelector('#slowest').textContent.includes('block{number=7}')");
    live.act("at('slowest').querySelector('button').click()");
    live.until("!at('course').hidden && labels().includes('child')");
    live.act("at('back').querySelector('button').click()");
    live.until("at('course').hidden");
    live.viewer.close();
}

#[test]
fn a_program_that_is_gone_is_said_to_give_no_answer() {
    let Some(mut live) = Live::open("a_program_that_is_gone_is_said_to_give_no_answer") else {
        return;
    };
    live.until("state() === 'recording'");
    live.host = Listening::new("");
    live.until("state() === 'no answer'");
    live.viewer.close();
}

#[test]
fn what_was_chosen_stays_when_the_picture_is_drawn_anew() {
    let test = "what_was_chosen_stays_when_the_picture_is_drawn_anew";
    let Some(mut live) = Live::open(test) else { return };
    let _program = Program::start(&live.host.dispatch);
    live.until("labels().includes('child')");
    live.viewer.choose("view", "bottom-up");
    live.until("isStill() && placed('child')");
    live.viewer.search("child");
    live.viewer.click_box("child");
    live.act("window.seen = viewer.report");
    live.until("viewer.report !== window.seen && isStill()");
    assert_eq!(live.viewer.width_of("child").round(), 100.0);
    assert_eq!(live.viewer.text("viewer.shown.view + ' ' + at('search').value"), "bottom-up child");
    live.viewer.choose("view", "flame");
    live.act("viewer.graph.set(viewer.graph.root.total * 0.25, viewer.graph.root.total * 0.5)");
    live.act("window.seen = viewer.report");
    live.until("viewer.report !== window.seen && isStill()");
    let part = live.viewer.look("Math.round(100 * viewer.graph.from / viewer.graph.root.total)");
    assert_eq!(part, 25);
    live.viewer.close();
}

#[test]
fn a_report_that_is_saved_opens_from_the_server_too() {
    let test = "a_report_that_is_saved_opens_from_the_server_too";
    let Some(mut tab) = Tab::start(test) else { return };
    let host = Listening::new("");
    with_default(&host.dispatch, || info_span!("root").in_scope(|| ()));
    tab.open(&format!("http://{}/flame.html", host.address));
    let mut viewer = Viewer(tab);
    viewer.until("window.viewer && viewer.report && isStill() && labels().includes('root')");
    assert!(!viewer.text("at('run').textContent").contains("command line"), "it may hold a secret");
    viewer.close();
}
