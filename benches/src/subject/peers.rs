//! The other tools, each with its defaults, writing to files.

use std::{fs::File, io::BufWriter, path::Path, thread, time::Duration};

use fastrace::collector::{Config, Reporter, SpanRecord};

use super::{Installed, Subject, plain};
use crate::{Error, Result, clock::cpu_time};

pub(super) fn install(subject: Subject, output: &Path) -> Result<Installed> {
    match subject {
        Subject::TracingFlame => tracing_flame(output),
        Subject::TracingChrome => tracing_chrome(output),
        Subject::TracingSamply => {
            plain(subject, tracing_samply::SamplyLayer::builder().output_dir(output).build()?)
        }
        Subject::Fastrace => Ok(fastrace_to_nowhere()),
        other => Err(Error::from(format!("{other} is not a peer"))),
    }
}

fn tracing_flame(output: &Path) -> Result<Installed> {
    let writer = BufWriter::new(File::create(output.join("flame.folded"))?);
    let layer = tracing_flame::FlameLayer::new(writer);
    let guard = layer.flush_on_drop();
    let installed = plain(Subject::TracingFlame, layer)?;
    Ok(Installed { _guard: Some(Box::new(guard)), ..installed })
}

fn tracing_chrome(output: &Path) -> Result<Installed> {
    let builder = tracing_chrome::ChromeLayerBuilder::new().file(output.join("chrome.json"));
    let (layer, guard) = builder.build();
    let installed = plain(Subject::TracingChrome, layer)?;
    let settle: Box<dyn FnMut()> = Box::new(wait_until_quiet);
    Ok(Installed { settle: Some(settle), _guard: Some(Box::new(guard)), ..installed })
}

/// Waits for a writer on another thread by looking at the CPU time used.
fn wait_until_quiet() {
    let mut before = cpu_time();
    loop {
        thread::sleep(Duration::from_millis(2));
        let now = cpu_time();
        if now - before < Duration::from_micros(200) {
            return;
        }
        before = now;
    }
}

/// Takes the records and drops them.
struct Nowhere;

impl Reporter for Nowhere {
    fn report(&mut self, _: Vec<SpanRecord>) {}
}

fn fastrace_to_nowhere() -> Installed {
    fastrace::set_reporter(Nowhere, Config::default());
    let settle: Box<dyn FnMut()> = Box::new(fastrace::flush);
    Installed { settle: Some(settle), ..Installed::new(Subject::Fastrace) }
}
