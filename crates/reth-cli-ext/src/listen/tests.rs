//! Windows under a clock and a time that the tests let pass.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use hyper::{Request, StatusCode};
use tokio::{
    runtime::Builder,
    time::{Duration, sleep},
};
use tracing::{Dispatch, dispatcher::with_default, info_span};
use tracing_flame_layer::{Clock, Flame, FlameLayer, render::Options};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::{content::Content, host::Hosts, site::Site};

/// A recording whose clock stands still unless it is moved.
struct Scene {
    dispatch: Dispatch,
    flame: Flame,
    nanos: Arc<AtomicU64>,
    site: Arc<Site>,
}

impl Scene {
    fn new() -> Self {
        let nanos = Arc::new(AtomicU64::new(0));
        let reading = nanos.clone();
        let clock = Clock::from_nanos(move || reading.load(Relaxed));
        let (layer, flame) = FlameLayer::builder().clock(clock).build();
        let site = Arc::new(Site::new(flame.clone(), Options::default(), Hosts::default()));
        Self { dispatch: Dispatch::new(registry().with(layer)), flame, nanos, site }
    }

    fn pass(&self, nanos: u64) {
        self.nanos.fetch_add(nanos, Relaxed);
    }

    /// The folded stacks of a window.
    async fn get(&self, query: &str) -> (StatusCode, String) {
        let request = Request::get(format!("/flame.folded?{query}")).header("host", "localhost");
        let request = request.body(Content::new("")).expect("a request");
        let response = self.site.answer(&request).await;
        let status = response.status();
        (status, String::from_utf8(response.into_body().into_vec()).expect("UTF-8"))
    }
}

/// Time stands still while anything can be done, and then leaps.
fn run(test: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(test);
}

#[test]
fn consecutive_windows_add_up_to_the_whole_with_open_spans_in_each() {
    run(async {
        let scene = Arc::new(Scene::new());
        let open = with_default(&scene.dispatch, || info_span!("open"));
        let _open = open.enter();
        let (mut sums, mut windows) = ([0; 2], Vec::new());
        for window in 0..4_u64 {
            let host = scene.clone();
            let parent = open.clone();
            let work = tokio::spawn(async move {
                sleep(Duration::from_secs(1)).await;
                host.pass(700);
                with_default(&host.dispatch, || {
                    info_span!(parent: &parent, "call").in_scope(|| host.pass(10 + window));
                });
            });
            let (status, folded) = scene.get("seconds=2").await;
            work.await.expect("work done");
            assert_eq!(status, StatusCode::OK);
            for (sum, stack) in sums.iter_mut().zip(["open ", "open;call "]) {
                let weight = folded.lines().find_map(|line| line.strip_prefix(stack));
                *sum += weight.expect("in every window").parse::<u64>().expect("nanoseconds");
            }
            windows.push(folded);
        }
        let (_, whole) = scene.get("").await;
        assert_eq!(whole, format!("open {}\nopen;call {}\n", sums[0], sums[1]), "{windows:?}");
        assert_eq!(sums, [4 * 700, 10 + 11 + 12 + 13]);
    });
}

#[test]
fn scrapers_at_once_each_get_a_window_of_their_own() {
    run(async {
        let scene = Arc::new(Scene::new());
        let open = with_default(&scene.dispatch, || info_span!("open"));
        let _open = open.enter();
        let host = scene.clone();
        tokio::spawn(async move {
            loop {
                sleep(Duration::from_secs(1)).await;
                host.pass(1_000);
            }
        });
        let other = scene.clone();
        let second = tokio::spawn(async move {
            sleep(Duration::from_millis(1_500)).await;
            other.get("seconds=4").await.1
        });
        let first = scene.get("seconds=2.5").await.1;
        let second = second.await.expect("a window");
        assert_eq!((first.as_str(), second.as_str()), ("open 2000\n", "open 4000\n"));
    });
}

#[test]
fn a_page_sees_the_past_without_waiting_for_it() {
    run(async {
        let scene = Scene::new();
        let open = with_default(&scene.dispatch, || info_span!("open"));
        let _open = open.enter();
        let mut seen = Vec::new();
        for _ in 0..8 {
            seen.push(scene.get("last=5").await.1);
            sleep(Duration::from_secs(1)).await;
            scene.pass(1_000);
        }
        let grown = [1, 2, 3, 4, 5, 5, 5].map(|seconds| format!("open {seconds}000\n"));
        assert_eq!(seen[1..], grown);
    });
}

#[test]
fn a_window_in_which_nothing_is_recorded_is_a_profile_all_the_same() {
    run(async {
        let scene = Scene::new();
        assert_eq!(scene.get("seconds=2").await, (StatusCode::OK, String::new()));
        scene.flame.stop();
        let open = with_default(&scene.dispatch, || info_span!("open"));
        let _open = open.enter();
        scene.pass(1_000);
        for query in ["", "seconds=2", "last=2"] {
            assert_eq!(scene.get(query).await, (StatusCode::OK, String::new()), "{query}");
        }
    });
}

#[test]
fn those_beyond_the_bound_of_waits_are_told_to_come_back() {
    run(async {
        let scene = Arc::new(Scene::new());
        let waits: Vec<_> = (0..16)
            .map(|_| {
                let scene = scene.clone();
                tokio::spawn(async move { scene.get("seconds=3600").await })
            })
            .collect();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(scene.get("seconds=1").await.0, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(scene.get("").await.0, StatusCode::OK, "that is no wait");
        waits[3].abort();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(scene.get("seconds=1").await.0, StatusCode::OK, "a client has left");
        for (place, wait) in waits.into_iter().enumerate().filter(|(place, _)| *place != 3) {
            assert_eq!(wait.await.expect("a window").0, StatusCode::OK, "{place}");
        }
    });
}
