//! Values of the fields that the user named: every distinct set of values of a callsite
//! gets one number, for good.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use crate::{
    log::{Callsite, Texts},
    profile::FieldValues,
    role::NamedFields,
    room::{Room, try_insert, try_texts},
};

/// The number of a callsite's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ValuesId(u32);

impl ValuesId {
    /// All values past the bound, of whatever callsite.
    pub(crate) const OTHERS: Self = Self(0);
}

/// The values seen so far.
#[derive(Debug)]
pub(crate) struct Values {
    /// By the address of a callsite's metadata.
    callsites: HashMap<usize, HashMap<Texts, ValuesId>>,
    /// By number, from 1.
    all: Vec<Known>,
    /// How many distinct sets of a callsite are told apart.
    most: usize,
}

#[derive(Debug)]
struct Known {
    fields: Vec<&'static str>,
    texts: Texts,
    /// What a profile shows, made when one is.
    shown: OnceLock<Arc<FieldValues>>,
}

impl Known {
    fn show(&self) -> FieldValues {
        let pairs = self.fields.iter().zip(&self.texts);
        let pairs = pairs.filter_map(|(field, text)| Some(((*field).into(), text.clone()?)));
        FieldValues::Known(pairs.collect())
    }
}

impl Values {
    pub(crate) fn new(most: usize) -> Self {
        Self { callsites: HashMap::new(), all: Vec::new(), most }
    }

    /// The number of a callsite's values; `None` where no field has one. Where there is no
    /// memory to tell them apart from others, it is that of the others.
    pub(crate) fn number(
        &mut self,
        callsite: Callsite,
        texts: &Texts,
        named: &NamedFields,
    ) -> Option<ValuesId> {
        if texts.iter().all(Option::is_none) {
            return None;
        }
        let key = std::ptr::from_ref(callsite) as usize;
        let known = self.callsites.get(&key);
        if let Some(id) = known.and_then(|known| known.get(texts)) {
            return Some(*id);
        }
        if known.map_or(0, HashMap::len) >= self.most {
            return Some(self.past_the_bound(callsite, texts, named).unwrap_or(ValuesId::OTHERS));
        }
        Some(self.make(callsite, key, texts, named).unwrap_or(ValuesId::OTHERS))
    }

    /// Past the bound a set of values is that of the others. What picks a span is told apart
    /// all the same, without the values of fields that are merely named: there are as many
    /// such sets as there are selectors.
    #[cold]
    fn past_the_bound(
        &mut self,
        callsite: Callsite,
        texts: &Texts,
        named: &NamedFields,
    ) -> Option<ValuesId> {
        let key = std::ptr::from_ref(callsite) as usize;
        let merely_named = named.of(callsite)?.named;
        let only = texts.iter().enumerate();
        let picking =
            try_texts(only.map(|(at, text)| text.as_ref().filter(|_| at >= merely_named)))?;
        if picking.iter().all(Option::is_none) {
            return None;
        }
        let known = self.callsites.get(&key).and_then(|known| known.get(&picking));
        match known {
            Some(id) => Some(*id),
            None => self.make(callsite, key, &picking, named),
        }
    }

    #[cold]
    fn make(
        &mut self,
        callsite: Callsite,
        key: usize,
        texts: &Texts,
        named: &NamedFields,
    ) -> Option<ValuesId> {
        let own = || try_texts(texts.iter().map(Option::as_ref));
        let fields = named.of(callsite)?.fields;
        let known = Known { fields, texts: own()?, shown: OnceLock::new() };
        let id = ValuesId(u32::try_from(self.all.len()).ok()?.checked_add(1)?);
        self.all.try_reserve(1).ok()?;
        if !self.callsites.contains_key(&key) {
            try_insert(&mut self.callsites, key, HashMap::new())?;
        }
        try_insert(self.callsites.get_mut(&key)?, own()?, id)?;
        self.all.try_push(known)?;
        Some(id)
    }

    /// What a number stands for. Takes memory: in no callback.
    pub(crate) fn shown(&self, id: ValuesId) -> Arc<FieldValues> {
        match self.known(id) {
            Some(known) => Arc::clone(known.shown.get_or_init(|| Arc::new(known.show()))),
            None => Arc::new(FieldValues::Others),
        }
    }

    fn known(&self, id: ValuesId) -> Option<&Known> {
        self.all.get((id.0 as usize).checked_sub(1)?)
    }

    /// The values of a number with others in the place of some; `None` where that changes
    /// nothing, where the number is that of the others, and where there is no memory.
    pub(crate) fn with(&self, before: Option<ValuesId>, texts: &Texts) -> Option<Texts> {
        let before = match before {
            Some(id) => &*self.known(id)?.texts,
            None => &[],
        };
        let old = |place| before.get(place).and_then(Option::as_ref);
        let all = || texts.iter().enumerate().map(|(at, new)| new.as_ref().or(old(at)));
        let changes = all().enumerate().any(|(at, text)| text != old(at));
        if changes { try_texts(all()) } else { None }
    }
}
