//! A box where making one may fail, as `Box::try_new` will be once it is stable.

/// A value in a box of its own; `None` where there is no memory.
pub(crate) fn try_box<T>(value: T) -> Option<Box<T>> {
    let mut row = Vec::new();
    row.try_reserve_exact(1).ok()?;
    row.push(value);
    let one: Box<[T; 1]> = row.into_boxed_slice().try_into().ok()?;
    // SAFETY: an array of one value is laid out as that value is.
    Some(unsafe { Box::from_raw(Box::into_raw(one).cast::<T>()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_memory_for_is_there() {
        assert_eq!(try_box(7).as_deref(), Some(&7));
        assert_eq!(try_box(()).as_deref(), Some(&()));
    }
}
