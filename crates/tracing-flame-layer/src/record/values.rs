//! Which fields the user named, and what stood in them: every distinct set of
//! values of a callsite gets one number, for good.

use std::{collections::HashMap, sync::Arc};

use tracing::{Metadata, field::Visit};

use super::{sync::RwLock, text::Reader};
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
    all: Vec<Arc<FieldValues>>,
}

#[derive(Debug, Default)]
struct OfCallsite {
    fields: Arc<[&'static str]>,
    ids: HashMap<Vec<Option<String>>, ValuesId>,
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

    /// The named fields of a callsite, in the order in which they are named.
    pub(crate) fn fields(&self, metadata: &'static Metadata<'static>) -> Arc<[&'static str]> {
        if let Some(known) = self.known.read().callsites.get(&address(metadata)) {
            return Arc::clone(&known.fields);
        }
        let mut fields: Vec<&'static str> = Vec::new();
        for field in self.named.fields.iter().flat_map(|named| named.of(metadata)) {
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
        let fields: Arc<[&'static str]> = fields.into();
        let mut known = self.known.write();
        let entry = known.callsites.entry(address(metadata)).or_default();
        entry.fields = Arc::clone(&fields);
        fields
    }

    /// What stands in the named fields of a callsite, of those that `record` shows.
    /// Runs the program's own code, so no lock may be held.
    pub(crate) fn read(
        &self,
        metadata: &'static Metadata<'static>,
        record: impl FnOnce(&mut dyn Visit),
    ) -> Vec<Option<String>> {
        if self.are_empty() {
            return Vec::new();
        }
        let fields = self.fields(metadata);
        let mut reader = Reader::new(&fields);
        if !fields.is_empty() {
            record(&mut reader);
        }
        reader.values()
    }

    /// The number of a callsite's values, in the order of [`fields`](Self::fields);
    /// `None` where no field has one.
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
        self.make(key, values)
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
        let pairs = of_callsite.fields.iter().zip(values);
        let pairs = pairs.filter_map(|(field, value)| Some(((*field).into(), value.clone()?)));
        all.push(Arc::new(FieldValues::Known(pairs.collect())));
        let id = ValuesId(u32::try_from(all.len()).ok()?);
        of_callsite.ids.insert(values.to_vec(), id);
        Some(id)
    }

    /// What a number stands for.
    pub(crate) fn of(&self, id: ValuesId) -> Arc<FieldValues> {
        let place = (id.0 as usize).checked_sub(1);
        let known = place.and_then(|place| self.known.read().all.get(place).cloned());
        known.unwrap_or_else(|| Arc::new(FieldValues::Others))
    }

    /// The values of a number in the order of [`fields`](Self::fields); `None` of
    /// those past the bound.
    pub(crate) fn in_order(
        &self,
        metadata: &'static Metadata<'static>,
        id: ValuesId,
    ) -> Option<Vec<Option<String>>> {
        let FieldValues::Known(pairs) = &*self.of(id) else { return None };
        let value = |field: &&'static str| {
            pairs.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone())
        };
        Some(self.fields(metadata).iter().map(value).collect())
    }
}

fn address(metadata: &'static Metadata<'static>) -> usize {
    std::ptr::from_ref(metadata) as usize
}
