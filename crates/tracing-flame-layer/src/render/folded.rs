//! Folded stacks: one line a stack, its frames from the bottom up with `;`
//! between them, a blank, and its self time in nanoseconds.
//!
//! Stacks without self time have no line. Lines come in drawing order, which is
//! that of the labels, so that two files can be compared line by line. Labels
//! are written so that no reader can mistake them: see [`label`](super::label).

use std::io::{self, Write};

use super::frames::Frames;

pub(super) fn write(frames: &Frames<'_>, mut writer: impl Write) -> io::Result<()> {
    let mut stack = String::new();
    // How long the stack was before each of its frames was added.
    let mut starts: Vec<usize> = Vec::new();
    for frame in frames.all() {
        let depth = frame.depth as usize;
        if let Some(&start) = starts.get(depth) {
            stack.truncate(start);
            starts.truncate(depth);
        }
        starts.push(stack.len());
        if depth > 0 {
            stack.push(';');
        }
        stack.push_str(frames.label(frame));
        if frame.self_nanos > 0 {
            writeln!(writer, "{stack} {}", frame.self_nanos)?;
        }
    }
    writer.flush()
}
