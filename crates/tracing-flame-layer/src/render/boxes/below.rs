//! What a page shows below its boxes, and marks in them.

use std::io::{self, Write};

/// More of a page, below the picture's own lines.
pub(in super::super) trait Below {
    /// What the page begins with, below its title; `None`: what a width means.
    fn subtitle(&self) -> Option<String>;
    /// How many pixels it needs.
    fn height(&self) -> usize;
    /// Rules for its elements.
    fn style(&self) -> &str;
    /// What runs when the page has been read.
    fn script(&self) -> &str;
    /// How much of a frame's time, by its place, is on the critical path.
    fn critical_nanos(&self, frame: u32) -> u64;
    /// Writes it from `top` down.
    fn write(&self, top: usize, writer: &mut dyn Write) -> io::Result<()>;
}

/// Nothing more.
pub(in super::super) struct Nothing;

impl Below for Nothing {
    fn subtitle(&self) -> Option<String> {
        None
    }

    fn height(&self) -> usize {
        0
    }

    fn style(&self) -> &str {
        ""
    }

    fn script(&self) -> &str {
        ""
    }

    fn critical_nanos(&self, _: u32) -> u64 {
        0
    }

    fn write(&self, _: usize, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}
