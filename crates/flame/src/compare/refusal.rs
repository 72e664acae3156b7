//! What cannot be compared, and why.

use super::run::Run;

/// Refuses runs that are none by themselves.
pub(crate) fn whole(run: &Run) -> Result<(), String> {
    if run.is_empty() {
        return Err(format!(
            "`{}` has no time in it: there is nothing to compare; leave it out, or record it anew",
            run.name
        ));
    }
    Ok(())
}

/// What a recording says of how it was made.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) path: String,
    pub(crate) generator: Option<String>,
    /// `None` where it does not say.
    pub(crate) flags: Option<Vec<(String, String)>>,
}

/// Refuses runs that were recorded otherwise than the first: a difference between their
/// numbers would be one of what was measured.
pub(crate) fn recorded_alike(origins: &[Origin]) -> Result<(), String> {
    let Some((first, others)) = origins.split_first() else { return Ok(()) };
    for other in others {
        let versions = [first, other].map(|origin| origin.generator.as_deref().map(meaning));
        if let [Some(one), Some(two)] = versions
            && one != two
        {
            return Err(format!(
                "`{}` was written by {one} and `{}` by {two}, whose numbers may mean something \
                 else; record both sides with one version",
                first.path, other.path
            ));
        }
        if let (Some(one), Some(two)) = (&first.flags, &other.flags)
            && let Some((name, [one, two])) = differing(one, two)
        {
            return Err(format!(
                "`{}` was recorded with {}, `{}` with {}; record both sides with the same flags",
                first.path,
                told(name, one),
                other.path,
                told(name, two)
            ));
        }
    }
    Ok(())
}

/// What wrote a recording, without the part of its version that changes no meaning: the last
/// number.
fn meaning(generator: &str) -> &str {
    generator.rsplit_once('.').map_or(generator, |(meaning, _)| meaning)
}

/// The first flag that two recordings do not have alike, and its values.
fn differing<'f>(
    one: &'f [(String, String)],
    two: &'f [(String, String)],
) -> Option<(&'f str, [Option<&'f str>; 2])> {
    fn of<'f>(flags: &'f [(String, String)], name: &str) -> Option<&'f str> {
        flags.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
    let names = one.iter().chain(two).map(|(name, _)| &**name);
    let mut values = names.map(|name| (name, [of(one, name), of(two, name)]));
    values.find(|(_, [one, two])| one != two)
}

fn told(name: &str, value: Option<&str>) -> String {
    match value {
        Some(value) => format!("{name} `{value}`"),
        None => format!("no {name}"),
    }
}

/// Refuses runs that are one: as two they would seem to say how much runs vary.
pub(crate) fn different(runs: &[Run]) -> Result<(), String> {
    for (place, run) in runs.iter().enumerate() {
        let same = |other: &&Run| {
            other.start_unix_nanos == run.start_unix_nanos
                && other.all.tree.frames() == run.all.tree.frames()
        };
        if let Some(other) = runs[..place].iter().find(same) {
            return Err(format!(
                "`{}` and `{}` are the same recording; give each run once",
                other.name, run.name
            ));
        }
    }
    Ok(())
}
