//! The lines below the picture: what it shows, and what it does not.

use std::io::{self, Write};

use super::{
    super::{
        escaped::Escaped,
        frames::Frames,
        human::{Count, Nanos},
        summary,
    },
    color,
    pick::Picked,
};

/// The height of a line in pixels.
const LINE: usize = 16;
/// The distance from the left edge, that of the frames.
const LEFT: usize = 10;

/// One line, perhaps with a patch of the colour it explains.
struct Line {
    patch: Option<color::Rgb>,
    text: String,
}

/// The lines below a picture.
pub(super) struct Footer(Vec<Line>);

impl Footer {
    pub(super) fn new(frames: &Frames<'_>, picked: &Picked) -> Self {
        let plain = |text| Line { patch: None, text };
        let mut lines = vec![plain(summary::signed_facts(frames))];
        for state in picked.states(frames) {
            let text = format!("{}: {}", state.label(), state.means());
            lines.push(Line { patch: Some(color::of_state(state)), text });
        }
        lines.extend(summary::states(frames).into_iter().map(plain));
        let (count, widest_nanos) = picked.left_out();
        if count > 0 {
            lines.push(plain(format!(
                "{} narrower frames are not drawn, none wider than {}",
                Count(count),
                Nanos(widest_nanos)
            )));
        }
        lines.extend(summary::orphans(frames).into_iter().map(plain));
        lines.extend(summary::troubles(&frames.profile().troubles()).into_iter().map(plain));
        Self(lines)
    }

    /// How many pixels it needs.
    pub(super) fn height(&self) -> usize {
        self.0.len() * LINE + LINE / 2
    }

    /// Writes the lines from `top` down.
    pub(super) fn write(&self, top: usize, writer: &mut impl Write) -> io::Result<()> {
        for (i, line) in self.0.iter().enumerate() {
            let baseline = top + LINE * (i + 1) - LINE / 4;
            let mut left = LEFT;
            if let Some(color::Rgb { r, g, b }) = line.patch {
                let y = baseline - 9;
                write!(
                    writer,
                    "<rect x=\"{left}\" y=\"{y}\" width=\"18\" height=\"11\" \
                     fill=\"rgb({r},{g},{b})\"/>"
                )?;
                left += 24;
            }
            let text = Escaped(&line.text);
            write!(writer, "<text class=\"note\" x=\"{left}\" y=\"{baseline}\">{text}</text>")?;
        }
        Ok(())
    }
}
