//! Values in places of their own, found by key, whose places are used again.

use std::{
    marker::PhantomData,
    ops::{Index, IndexMut},
};

use crate::room::Room;

/// Where a `T` stands in its [`Slab`].
#[derive(Debug)]
pub(crate) struct Key<T>(u32, PhantomData<fn() -> T>);

impl<T> Key<T> {
    pub(crate) const fn new(place: u32) -> Self {
        Self(place, PhantomData)
    }

    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Key<T> {}

/// Values by key. A place that is free keeps what was there until it is used again.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    places: Vec<(T, bool)>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// Room for so many more, so that putting them in needs no memory; `None` where there
    /// is none.
    pub(crate) fn try_reserve(&mut self, more: usize) -> Option<()> {
        let places = more.saturating_sub(self.free.len());
        self.places.try_reserve(places).ok()?;
        // Whatever is put in can be taken out again.
        self.free.try_hold(self.places.len().saturating_add(places))
    }

    /// Puts a value in; `None` where there is no memory.
    pub(crate) fn insert(&mut self, value: T) -> Option<Key<T>> {
        self.try_reserve(1)?;
        if let Some(place) = self.free.pop() {
            let key = Key::new(place);
            self.places[key.index()] = (value, true);
            return Some(key);
        }
        let key = Key::new(u32::try_from(self.places.len()).ok()?);
        self.places.push((value, true));
        Some(key)
    }

    /// A place that was used before, with what was there: its memory is used again.
    pub(crate) fn reuse(&mut self) -> Option<Key<T>> {
        let key = Key::new(self.free.pop()?);
        self.places[key.index()].1 = true;
        Some(key)
    }

    /// Frees a place.
    pub(crate) fn remove(&mut self, key: Key<T>) {
        self.places[key.index()].1 = false;
        self.free.push(key.0);
    }

    /// Whether there is a value of this key.
    pub(crate) fn contains(&self, key: Key<T>) -> bool {
        self.places.get(key.index()).is_some_and(|(_, used)| *used)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.places.iter().filter(|(_, used)| *used).map(|(value, _)| value)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.places.iter_mut().filter(|(_, used)| *used).map(|(value, _)| value)
    }

    /// The keys of all values.
    pub(crate) fn keys(&self) -> impl Iterator<Item = Key<T>> + '_ {
        let used = (0..).zip(&self.places).filter(|(_, (_, used))| *used);
        used.map(|(place, _)| Key::new(place))
    }

    /// The keys of all values, to walk through them while they change. Takes memory: in no
    /// callback.
    pub(crate) fn all_keys(&self) -> impl Iterator<Item = Key<T>> + use<T> {
        let keys: Vec<Key<T>> = self.keys().collect();
        keys.into_iter()
    }
}

impl<T> Index<Key<T>> for Slab<T> {
    type Output = T;

    #[inline]
    fn index(&self, key: Key<T>) -> &T {
        &self.places[key.index()].0
    }
}

impl<T> IndexMut<Key<T>> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, key: Key<T>) -> &mut T {
        &mut self.places[key.index()].0
    }
}
