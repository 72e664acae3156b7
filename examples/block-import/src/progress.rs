//! How far the work has got, on standard error where that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over something counted.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar over the bytes of a chain file, which names the block it is at.
    pub fn importing(bytes: u64) -> Self {
        Self::new(bytes, "importing  {bar:32} {percent:>3}%  block {msg}  {elapsed}")
    }

    /// A bar over blocks to generate.
    pub fn generating(blocks: u64) -> Self {
        Self::new(blocks, "generating {bar:32} {percent:>3}%  block {pos}/{len}  {elapsed}")
    }

    /// No bar.
    pub fn hidden() -> Self {
        Self { bar: ProgressBar::hidden() }
    }

    fn new(length: u64, template: &str) -> Self {
        let bar = ProgressBar::new(length);
        // A template that does not parse leaves the default style.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Says how far it is. Redraws at most twenty times a second.
    pub fn at(&self, position: u64, block: u64) {
        if !self.bar.is_hidden() {
            self.bar.set_message(block.to_string());
        }
        self.bar.set_position(position);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
