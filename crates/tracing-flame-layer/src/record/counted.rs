//! A value that several own, as [`Arc`](std::sync::Arc) has it, but where making
//! one can fail.

use std::{fmt, mem::ManuallyDrop, ops::Deref, ptr::NonNull};

use super::{
    room::try_box_with,
    sync::{
        AtomicUsize,
        Ordering::{Acquire, Relaxed, Release},
        fence,
    },
};

/// One owner of a value; it is dropped with the last of them.
pub(crate) struct Counted<T>(NonNull<Inner<T>>);

/// The value first, so that its address is that of all.
#[repr(C)]
struct Inner<T> {
    value: T,
    owners: AtomicUsize,
}

// SAFETY: as for `Arc`: owners on several threads share the value, and the last one
// drops it on its thread.
unsafe impl<T: Send + Sync> Send for Counted<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Counted<T> {}

impl<T> Counted<T> {
    /// The first owner of what `make` makes, which is not asked where there is no
    /// memory.
    pub(crate) fn try_new(make: impl FnOnce() -> Option<T>) -> Option<Self> {
        let inner = || Some(Inner { value: make()?, owners: AtomicUsize::new(1) });
        let inner = try_box_with(inner)?;
        Some(Self(NonNull::from(Box::leak(inner))))
    }

    /// Where the value is, as long as it has an owner.
    pub(crate) fn as_ptr(this: &Self) -> *const T {
        // The value comes first.
        this.0.as_ptr().cast_const().cast()
    }

    /// The value, if this was its last owner.
    pub(crate) fn into_inner(this: Self) -> Option<T> {
        let inner = ManuallyDrop::new(this).0;
        // SAFETY: `this` was an owner, and is dropped by nobody else.
        let inner = unsafe { Self::leave(inner) }?;
        Some(inner.value)
    }

    /// One owner less; what all owned, if it was the last.
    ///
    /// # Safety
    ///
    /// The caller does away with an owner.
    unsafe fn leave(inner: NonNull<Inner<T>>) -> Option<Box<Inner<T>>> {
        // Release: what an owner did happens before the value is dropped.
        // SAFETY: it is there as long as it has an owner.
        if unsafe { inner.as_ref() }.owners.fetch_sub(1, Release) != 1 {
            return None;
        }
        fence(Acquire);
        // SAFETY: this was the last owner, and `try_new` made it from a box.
        Some(unsafe { Box::from_raw(inner.as_ptr()) })
    }

    /// Whether both own one value.
    pub(crate) fn ptr_eq(this: &Self, other: &Self) -> bool {
        this.0 == other.0
    }

    fn inner(&self) -> &Inner<T> {
        // SAFETY: it is there as long as it has an owner.
        unsafe { self.0.as_ref() }
    }
}

impl<T> Clone for Counted<T> {
    fn clone(&self) -> Self {
        // Relaxed: who clones is an owner, so the value stays. There is an owner a
        // thread and a few more, far below where the count would overflow.
        self.inner().owners.fetch_add(1, Relaxed);
        Self(self.0)
    }
}

impl<T> Drop for Counted<T> {
    fn drop(&mut self) {
        // SAFETY: this is one.
        drop(unsafe { Self::leave(self.0) });
    }
}

impl<T> Deref for Counted<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.inner().value
    }
}

impl<T: fmt::Debug> fmt::Debug for Counted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::{sync::Arc, thread};

    use super::*;

    #[test]
    fn the_last_owner_drops_the_value() {
        let value = Arc::new(());
        let one = Counted::try_new(|| Some(Arc::clone(&value))).expect("memory");
        let other = one.clone();
        assert!(Counted::ptr_eq(&one, &other));
        drop(one);
        assert_eq!(Arc::strong_count(&value), 2);
        thread::spawn(move || drop(other)).join().expect("no panic");
        assert_eq!(Arc::strong_count(&value), 1);
    }

    #[test]
    fn the_last_owner_gets_the_value() {
        let value = Arc::new(());
        let one = Counted::try_new(|| Some(Arc::clone(&value))).expect("memory");
        let other = one.clone();
        assert_eq!(Counted::into_inner(one), None);
        let inner = Counted::into_inner(other).expect("the last one");
        assert_eq!(Arc::strong_count(&value), 2);
        drop(inner);
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
