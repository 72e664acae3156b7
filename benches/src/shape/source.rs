//! Where a shape's spans come from.

use super::callsites;

/// A tool that makes spans on one thread.
pub trait Source {
    /// Calls `work` where spans are recorded. Most tools record anywhere.
    fn within<T>(work: impl FnOnce() -> T) -> T {
        work()
    }

    /// Calls `work` in a new span of a callsite.
    fn span<T>(callsite: usize, work: impl FnOnce() -> T) -> T;
}

/// Spans of `tracing`.
#[derive(Clone, Copy, Debug)]
pub struct Tracing;

impl Source for Tracing {
    #[inline]
    fn span<T>(callsite: usize, work: impl FnOnce() -> T) -> T {
        let _entered = callsites::open(callsite).entered();
        work()
    }
}

/// Spans of `fastrace`: local ones, below a root.
#[cfg(feature = "peers")]
#[derive(Clone, Copy, Debug)]
pub struct Fastrace;

#[cfg(feature = "peers")]
impl Source for Fastrace {
    #[inline]
    fn within<T>(work: impl FnOnce() -> T) -> T {
        let root = fastrace::Span::root("root", fastrace::collector::SpanContext::random());
        let _guard = root.set_local_parent();
        work()
    }

    #[inline]
    fn span<T>(callsite: usize, work: impl FnOnce() -> T) -> T {
        let name = callsites::NAMES[callsite % callsites::CALLSITES];
        let _span = fastrace::local::LocalSpan::enter_with_local_parent(name);
        work()
    }
}
