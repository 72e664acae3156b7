//! Drawing must not log: the log may lead back into what is being recorded.

use std::{sync::Mutex, time::Duration};

use tracing_flame_layer::{
    Profile,
    render::{Format, Options},
};

use flame_oracle::formats::sample;

struct Heard(Mutex<Vec<String>>);

impl log::Log for Heard {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.0.lock().unwrap().push(format!("{}: {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

static HEARD: Heard = Heard(Mutex::new(Vec::new()));

#[test]
fn drawing_logs_nothing_whatever_it_draws() {
    log::set_logger(&HEARD).expect("no other test sets a logger");
    log::set_max_level(log::LevelFilter::Trace);
    log::error!("heard");
    let empty = Profile::new(sample::window(Duration::ZERO));
    for profile in [sample::import(), sample::nasty(), empty] {
        for threads in [false, true] {
            let options = Options::default().threads(threads);
            profile.write(Format::Svg, std::io::sink(), &options).unwrap();
        }
    }
    let heard = HEARD.0.lock().unwrap();
    assert!(heard.iter().any(|line| line.ends_with("heard")), "the logger works: {heard:?}");
    let drawing = |line: &&String| line.starts_with("inferno") || line.contains("flamegraph");
    assert_eq!(heard.iter().find(drawing), None);
}
