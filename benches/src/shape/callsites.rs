//! 64 callsites, for tracing and for fastrace.

use tracing::{Span, trace_span};

macro_rules! callsites {
    ($($name:literal)*) => {
        const OPEN: &[fn() -> Span] = &[$(|| trace_span!($name)),*];
        /// The same names for tools without callsites.
        pub(crate) const NAMES: &[&str] = &[$($name),*];
    };
}

callsites! {
    "span 00" "span 01" "span 02" "span 03" "span 04" "span 05" "span 06" "span 07"
    "span 08" "span 09" "span 10" "span 11" "span 12" "span 13" "span 14" "span 15"
    "span 16" "span 17" "span 18" "span 19" "span 20" "span 21" "span 22" "span 23"
    "span 24" "span 25" "span 26" "span 27" "span 28" "span 29" "span 30" "span 31"
    "span 32" "span 33" "span 34" "span 35" "span 36" "span 37" "span 38" "span 39"
    "span 40" "span 41" "span 42" "span 43" "span 44" "span 45" "span 46" "span 47"
    "span 48" "span 49" "span 50" "span 51" "span 52" "span 53" "span 54" "span 55"
    "span 56" "span 57" "span 58" "span 59" "span 60" "span 61" "span 62" "span 63"
}

/// How many callsites there are.
pub const CALLSITES: usize = NAMES.len();

/// A new span of a callsite, counted round.
#[inline]
#[must_use]
pub fn open(callsite: usize) -> Span {
    OPEN[callsite % CALLSITES]()
}
