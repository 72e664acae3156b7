//! Which fields the user named, and what stood in them: every distinct set of
//! values of a callsite gets one number, for good.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use tracing::{Metadata, field::Visit};

use super::{
    counted::Counted,
    room::{Room, try_insert, try_texts},
    sync::RwLock,
    text::Reader,
};
use crate::{SpanFields, profile::FieldValues};

/// The number of a callsite's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ValuesId(u32);

impl ValuesId {
    /// All values past the bound, of whatever callsite.
    pub(crate) const OTHERS: Self = Self(0);
}

/// What the user asked for.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) fields: Vec<SpanFields>,
    /// How many distinct sets of values of a callsite are told apart.
    pub(crate) most: usize,
}

impl Default for Named {
    fn default() -> Self {
        Self { fields: Vec::new(), most: 64 }
    }
}

/// Values of the fields that the user named.
#[derive(Debug, Default)]
pub(crate) struct Values {
    named: Named,
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// By the address of a callsite's metadata.
    callsites: HashMap<usize, OfCallsite>,
    /// By number, from 1.
    all: Vec<Numbered>,
}

/// Named fields of a callsite, in the order in which they are named.
type Fields = Counted<Vec<&'static str>>;

#[derive(Debug)]
struct OfCallsite {
    fields: Fields,
    ids: HashMap<Vec<Option<String>>, ValuesId>,
}

/// A set of values, in the order of its callsite's fields.
#[derive(Debug)]
struct Numbered {
    fields: Fields,
    values: Vec<Option<String>>,
    /// The same for profiles, made when one is.
    told: OnceLock<Arc<FieldValues>>,
}

impl Numbered {
    fn tell(&self) -> FieldValues {
        let pairs = self.fields.iter().zip(&self.values);
        let pairs = pairs.filter_map(|(field, value)| Some(((*field).into(), value.clone()?)));
        FieldValues::Known(pairs.collect())
    }
}

impl Values {
    pub(crate) fn new(named: Named) -> Self {
        Self { named, known: RwLock::default() }
    }

    /// Whether no field is named.
    #[inline]
    pub(crate) fn are_empty(&self) -> bool {
        self.named.fields.is_empty()
    }

    /// Whether a callsite has a field that is named.
    pub(crate) fn has(&self, metadata: &Metadata<'_>) -> bool {
        self.named.fields.iter().any(|named| named.of(metadata).next().is_some())
    }

    /// The named fields of a callsite; `None` where there is no memory.
    fn fields(&self, metadata: &'static Metadata<'static>) -> Option<Fields> {
        if let Some(known) = self.known.read().callsites.get(&address(metadata)) {
            return Some(known.fields.clone());
        }
        let mut fields: Vec<&'static str> = Vec::new();
        for field in self.named.fields.iter().flat_map(|named| named.of(metadata)) {
            if !fields.contains(&field) {
                fields.try_push(field)?;
            }
        }
        let fields = Counted::try_new(|| Some(fields))?;
        let mut known = self.known.write();
        if let Some(known) = known.callsites.get(&address(metadata)) {
            // Another thread was quicker.
            return Some(known.fields.clone());
        }
        let of_callsite = OfCallsite { fields: fields.clone(), ids: HashMap::new() };
        try_insert(&mut known.callsites, address(metadata), of_callsite)?;
        Some(fields)
    }

    /// What stands in the named fields of a callsite, of those that `record` shows,
    /// in their order; `None` where there is no memory. Runs the program's own code,
    /// so no lock may be held.
    pub(crate) fn read(
        &self,
        metadata: &'static Metadata<'static>,
        record: impl FnOnce(&mut dyn Visit),
    ) -> Option<Vec<Option<String>>> {
        if self.are_empty() {
            return Some(Vec::new());
        }
        let fields = self.fields(metadata)?;
        let mut reader = Reader::try_new(&fields)?;
        if !fields.is_empty() {
            record(&mut reader);
        }
        Some(reader.values())
    }

    /// The number of a callsite's values, in the order in which they were
    /// [read](Self::read); `None` where no field has one. Where there is no memory to
    /// tell them apart from others, it is that of the others.
    pub(crate) fn number(
        &self,
        metadata: &'static Metadata<'static>,
        values: &[Option<String>],
    ) -> Option<ValuesId> {
        if values.iter().all(Option::is_none) {
            return None;
        }
        let key = address(metadata);
        let known = self.known.read();
        let of_callsite = known.callsites.get(&key)?;
        if let Some(id) = of_callsite.ids.get(values) {
            return Some(*id);
        }
        if of_callsite.ids.len() >= self.named.most {
            return Some(ValuesId::OTHERS);
        }
        drop(known);
        Some(self.make(key, values).unwrap_or(ValuesId::OTHERS))
    }

    #[cold]
    fn make(&self, key: usize, values: &[Option<String>]) -> Option<ValuesId> {
        let mut known = self.known.write();
        let Known { callsites, all } = &mut *known;
        let of_callsite = callsites.get_mut(&key)?;
        if let Some(id) = of_callsite.ids.get(values) {
            return Some(*id);
        }
        if of_callsite.ids.len() >= self.named.most {
            return Some(ValuesId::OTHERS);
        }
        let own = || try_texts(values.iter().map(Option::as_ref));
        let fields = of_callsite.fields.clone();
        let numbered = Numbered { fields, values: own()?, told: OnceLock::new() };
        let id = ValuesId(u32::try_from(all.len()).ok()?.checked_add(1)?);
        all.try_reserve(1).ok()?;
        try_insert(&mut of_callsite.ids, own()?, id)?;
        all.push(numbered);
        Some(id)
    }

    /// What a number stands for.
    pub(crate) fn of(&self, id: ValuesId) -> Arc<FieldValues> {
        let known = self.known.read();
        match known.numbered(id) {
            Some(numbered) => Arc::clone(numbered.told.get_or_init(|| Arc::new(numbered.tell()))),
            None => Arc::new(FieldValues::Others),
        }
    }

    /// The values of a number with others in the place of some; `None` where that
    /// changes nothing, where the number is that of the others, and where there is no
    /// memory.
    pub(crate) fn with(
        &self,
        before: Option<ValuesId>,
        values: &[Option<String>],
    ) -> Option<Vec<Option<String>>> {
        let known = self.known.read();
        let before = match before {
            Some(id) => &*known.numbered(id)?.values,
            None => &[],
        };
        let old = |place| before.get(place).and_then(Option::as_ref);
        let all = || values.iter().enumerate().map(|(at, new)| new.as_ref().or(old(at)));
        let changes = all().enumerate().any(|(at, value)| value != old(at));
        if changes { try_texts(all()) } else { None }
    }
}

impl Known {
    fn numbered(&self, id: ValuesId) -> Option<&Numbered> {
        self.all.get((id.0 as usize).checked_sub(1)?)
    }
}

fn address(metadata: &'static Metadata<'static>) -> usize {
    std::ptr::from_ref(metadata) as usize
}
