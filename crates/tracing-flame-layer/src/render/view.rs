//! What is shown of a profile: all of it, or the operations of some classes of latency.

use std::{borrow::Cow, fmt};

use super::{Options, human::Nanos};
use crate::{
    Profile,
    profile::{SelectedClasses, Split},
};

/// A profile to be drawn, and how.
pub(super) struct View<'p> {
    pub(super) profile: Cow<'p, Profile>,
    pub(super) options: Cow<'p, Options>,
    /// The other operations of the same names.
    #[cfg_attr(not(feature = "html"), expect(dead_code, reason = "a report alone shows them"))]
    pub(super) rest: Option<Profile>,
}

impl<'p> View<'p> {
    pub(super) fn of(profile: &'p Profile, options: &'p Options) -> Self {
        let Some(range) = &options.classes else {
            return Self {
                profile: Cow::Borrowed(profile),
                options: Cow::Borrowed(options),
                rest: None,
            };
        };
        let title = &options.title;
        let Some(Split { picked, rest, selected }) = profile.split(range) else {
            // The range stays, and says why there is nothing.
            let title = format!("{title}: no operation of {range}");
            return Self {
                profile: Cow::Owned(Profile::new(profile.window)),
                options: Cow::Owned(Options { title, ..options.clone() }),
                rest: None,
            };
        };
        let said: Vec<String> = selected.iter().map(SelectedClasses::to_string).collect();
        let title = format!("{title}: {}", said.join("; "));
        let has_rest = !rest.nodes().is_empty();
        Self {
            profile: Cow::Owned(picked),
            options: Cow::Owned(Options { title, classes: None, ..options.clone() }),
            rest: has_rest.then_some(rest),
        }
    }
}

/// Which operations they are, by the edges of their classes, and how many.
impl fmt::Display for SelectedClasses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, from_nanos, below_nanos, operations, of } = self;
        let from = Nanos(*from_nanos);
        match below_nanos {
            Some(below) if *from_nanos == 0 => write!(f, "{name} below {}", Nanos(*below))?,
            Some(below) => write!(f, "{name} from {from} to {}", Nanos(*below))?,
            None => write!(f, "{name} from {from} on")?,
        }
        write!(f, ", {operations} of {of}")
    }
}
