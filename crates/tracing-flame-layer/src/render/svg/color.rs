//! Colours: warm ones by label, the same in every picture, and cold ones for
//! what is not the work of a span.

use super::super::{boxes::Rgb, frames::Kind, state::State};

/// What the recorder did not tell apart.
const TRUNCATED: Rgb = Rgb { r: 190, g: 190, b: 190 };
/// The bottom of a thread's tower.
const THREAD: Rgb = Rgb { r: 160, g: 205, b: 175 };

/// Of what threads did, that they were on a CPU.
pub(in super::super) const ON_CPU: Rgb = Rgb { r: 244, g: 186, b: 124 };

/// The colour of a frame.
pub(in super::super) fn of(kind: Kind, label: &str) -> Rgb {
    match kind {
        Kind::Span => warm(label),
        Kind::State(state) => of_state(state),
        Kind::Truncated => TRUNCATED,
        Kind::Thread => THREAD,
    }
}

/// The colour of what threads or spans were in.
pub(in super::super) fn of_state(state: State) -> Rgb {
    match state {
        State::Runnable => Rgb { r: 184, g: 160, b: 224 },
        State::Blocked => Rgb { r: 104, g: 160, b: 200 },
        State::Fault => Rgb { r: 96, g: 184, b: 176 },
        State::Disk => Rgb { r: 88, g: 150, b: 150 },
        State::Lock => Rgb { r: 132, g: 140, b: 214 },
        State::Net => Rgb { r: 126, g: 196, b: 226 },
        State::Timer => Rgb { r: 176, g: 196, b: 196 },
        State::OffCpu => Rgb { r: 140, g: 166, b: 174 },
        State::Unknown => Rgb { r: 208, g: 212, b: 220 },
        State::Await => Rgb { r: 150, g: 184, b: 222 },
    }
}

/// Between red and yellow, light enough for black letters.
fn warm(label: &str) -> Rgb {
    let hash = fnv1a(label);
    let part = |shift: u32, most: u64| u8::try_from((hash >> shift) % (most + 1)).unwrap_or(0);
    Rgb { r: 225 + part(40, 30), g: 110 + part(24, 110), b: 60 + part(8, 40) }
}

/// FNV-1a, 64 bits (<https://datatracker.ietf.org/doc/html/rfc9923>), stirred
/// once more because its high bits know little of a short text's last letter.
fn fnv1a(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash ^ (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 17)
}
