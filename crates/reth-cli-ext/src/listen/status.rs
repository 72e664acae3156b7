//! What the live page must know about the session.

use std::process;

use tracing_flame_layer::render::{Format, Options};

use super::json::string;

/// One JSON object on a line.
pub(super) fn json(recording: bool, options: &Options) -> String {
    let (weight, names) = (options.weight, options.names);
    let formats: Vec<_> = Format::ALL.iter().map(|format| string(format.extension())).collect();
    let run: Vec<_> = options
        .run
        .iter()
        .map(|(name, value)| format!("[{},{}]", string(name), string(value)))
        .collect();
    format!(
        "{{\"recording\":{recording},\"title\":{},\"pid\":{},\"weight\":\"{weight}\",\
         \"names\":\"{names}\",\"hide_await\":{},\"run\":[{}],\"formats\":[{}],\"version\":\"{}\"}}\n",
        string(&options.title),
        process::id(),
        options.hide_await,
        run.join(","),
        formats.join(","),
        env!("CARGO_PKG_VERSION"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_is_told_as_one_object() {
        let options = Options::default().title("reth");
        let text = json(true, &options);
        assert!(text.starts_with("{\"recording\":true,\"title\":\"reth\",\"pid\":"), "{text}");
        assert!(text.contains("\"weight\":\"wall\",\"names\":\"name\",\"hide_await\":false"));
    }
}
