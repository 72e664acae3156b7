//! A difference as SVG, drawn as the layer draws its own pictures.
//!
//! The boxes are those of the later run: a width is time after. Red took more
//! time of its own than before, blue less, white the same; the deeper, the more.
//! What ran before and does not any more has no width: it is counted below the
//! picture, and the table lists it.

mod drawn;
mod notes;
mod picked;
mod tooltip;

use std::io::{self, Write};

use tracing_flame_layer::render::{
    Names,
    boxes::{Picture, Rgb},
};

use super::compare::Compared;
use drawn::Drawn;
use picked::Picked;

/// Draws the difference. Says so in the picture where there is nothing to draw.
pub(crate) fn write(compared: &Compared, names: Names, out: &mut dyn Write) -> io::Result<()> {
    let picked = Picked::widest(compared);
    if picked.places().is_empty() {
        return empty(out);
    }
    let picture = Picture {
        title: "Flamegraph difference".to_owned(),
        subtitle: "width = time after; red: more time of its own than before, blue: less, \
                   white: the same"
            .into(),
        background: Rgb { r: 240, g: 240, b: 238 },
        names,
        notes: notes::of(compared, &picked),
    };
    picture.write(&Drawn::new(compared, &picked), out)
}

fn empty(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(
        b"<?xml version=\"1.0\" standalone=\"no\"?>\n\
          <svg version=\"1.1\" width=\"1200\" height=\"80\" viewBox=\"0 0 1200 80\" \
          xmlns=\"http://www.w3.org/2000/svg\" font-family=\"monospace\" font-size=\"14\">\
          <rect width=\"100%\" height=\"100%\" fill=\"#fafaf8\"/>\
          <text id=\"empty\" x=\"600\" y=\"44\" text-anchor=\"middle\">\
          nothing to draw: the later run has no time</text></svg>\n",
    )
}
