//! Calls, polls and latencies, against exact lists of what happened.

mod ended;
mod percentiles;
mod polls;
mod queued;
mod stopwatch;
mod windows;
