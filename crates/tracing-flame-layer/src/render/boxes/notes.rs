//! The lines below a picture.

use std::io::{self, Write};

use super::{super::escaped::Escaped, Rgb};

/// The height of a line in pixels.
const LINE: usize = 16;
/// The distance from the left edge, that of the boxes.
const LEFT: usize = 10;

/// One line, perhaps with a patch of the colour it explains.
#[derive(Clone, Debug)]
pub struct Note {
    /// The colour, where it explains one.
    pub patch: Option<Rgb>,
    /// What it says.
    pub text: String,
}

impl Note {
    /// A line that explains no colour.
    #[must_use]
    pub fn plain(text: String) -> Self {
        Self { patch: None, text }
    }
}

/// The lines below a picture: what it shows, and what it does not.
#[derive(Debug)]
pub struct Notes(Vec<Note>);

impl Notes {
    /// These lines, from top to bottom.
    #[must_use]
    pub fn new(notes: Vec<Note>) -> Self {
        Self(notes)
    }

    /// How many pixels they need.
    pub(in super::super) fn height(&self) -> usize {
        self.0.len() * LINE + LINE / 2
    }

    /// Writes them from `top` down.
    pub(in super::super) fn write(&self, top: usize, writer: &mut dyn Write) -> io::Result<()> {
        for (i, note) in self.0.iter().enumerate() {
            let baseline = top + LINE * (i + 1) - LINE / 4;
            let mut left = LEFT;
            if let Some(Rgb { r, g, b }) = note.patch {
                let y = baseline - 9;
                write!(
                    writer,
                    "<rect x=\"{left}\" y=\"{y}\" width=\"18\" height=\"11\" \
                     fill=\"rgb({r},{g},{b})\"/>"
                )?;
                left += 24;
            }
            let text = Escaped(&note.text);
            write!(writer, "<text class=\"note\" x=\"{left}\" y=\"{baseline}\">{text}</text>")?;
        }
        Ok(())
    }
}
