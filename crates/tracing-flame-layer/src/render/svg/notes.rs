//! The lines below a picture: what it shows, and what it does not.

use super::{
    super::{
        anomalies,
        boxes::{Note, Notes},
        frames::Frames,
        human::{Count, Nanos},
        summary,
    },
    color,
    picked::Picked,
};

pub(super) fn of(frames: &Frames<'_>, picked: &Picked) -> Notes {
    let mut notes = vec![Note::plain(summary::signed_facts(frames))];
    for state in picked.states(frames) {
        let text = format!("{}: {}", state.label(), state.means());
        notes.push(Note { patch: Some(color::of_state(state)), text });
    }
    notes.extend(summary::states(frames).into_iter().map(Note::plain));
    let (count, widest_nanos) = picked.left_out();
    if count > 0 {
        notes.push(Note::plain(format!(
            "{} narrower frames are not drawn, none wider than {}",
            Count(count as u64),
            Nanos(widest_nanos)
        )));
    }
    notes.extend(summary::orphans(frames).into_iter().map(Note::plain));
    notes.extend(anomalies::lines(&frames.profile().anomalies()).into_iter().map(Note::plain));
    Notes::new(notes)
}
