//! The lines below a difference.

use tracing_flame_layer::render::boxes::{Note, Notes};

use super::{
    super::{
        compare::{Compared, Times},
        table::{ON_CPU, frames, meaning, printable},
    },
    picked::Picked,
};

pub(super) fn of(compared: &Compared, picked: &Picked) -> Notes {
    let mut notes = vec![
        format!("before: {}", printable(&compared.before)),
        format!("after: {}", printable(&compared.after)),
        meaning(compared).to_owned(),
    ];
    if compared.times == Times::OnCpu {
        notes.push(ON_CPU.to_owned());
    }
    if picked.gone > 0 {
        notes.push(format!("took time before and none after: {}", frames(picked.gone)));
    }
    let left_out = picked.left_out();
    if left_out > 0 {
        notes.push(format!("narrower, and not drawn: {}", frames(left_out)));
    }
    Notes::new(notes.into_iter().map(Note::plain).collect())
}
