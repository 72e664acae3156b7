//! Where a span comes from.

use std::borrow::Cow;

use tracing::Metadata;

use crate::render::label;

/// The static place in a program that makes spans: a name and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Callsite {
    /// The span's name, as written in `span!` or derived by `#[instrument]`.
    pub name: Cow<'static, str>,
    /// The span's target, by default the module path.
    pub target: Cow<'static, str>,
    /// The source file, where the callsite knows it.
    pub file: Option<Cow<'static, str>>,
    /// The line in [`file`](Self::file), counted from 1.
    pub line: Option<u32>,
    /// Whether [`name`](Self::name) is a label that another tool wrote, such as
    /// `vfs_read_[k]`: it is written into a frame as it stands, where a span's name
    /// would be kept from being read as a mark.
    pub is_label: bool,
}

impl Callsite {
    /// A callsite with a name and a target, and no source location.
    pub fn new(name: impl Into<Cow<'static, str>>, target: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), target: target.into(), file: None, line: None, is_label: false }
    }

    /// What a frame of folded stacks stands for, without target and place: a span's
    /// name, where a frame of this project is written so for one, and else the label
    /// itself. Either is written as it was read.
    #[must_use]
    pub fn from_label(label: &str) -> Self {
        match label::read(label) {
            Some(name) => Self::new(name.into_owned(), ""),
            None => Self { is_label: true, ..Self::new(label.to_owned(), "") },
        }
    }

    /// The same callsite at a place in a source file.
    #[must_use]
    pub fn at(mut self, file: impl Into<Cow<'static, str>>, line: u32) -> Self {
        self.file = Some(file.into());
        self.line = Some(line);
        self
    }
}

impl From<&'static Metadata<'static>> for Callsite {
    fn from(metadata: &'static Metadata<'static>) -> Self {
        Self {
            name: metadata.name().into(),
            target: metadata.target().into(),
            file: metadata.file().map(|file| within_package(file).into()),
            line: metadata.line(),
            is_label: false,
        }
    }
}

/// A dependency's source file from its package's folder on.
///
/// The compiler names it by where Cargo unpacked it, below the home of whoever
/// built the program: `~/.cargo/registry/src/<registry>/<package>-<version>/..`
/// or `~/.cargo/git/checkouts/<repository>/<commit>/..`. Pictures are shared and
/// compared across machines, and need none of that.
fn within_package(file: &'static str) -> &'static str {
    after_folders(file, "registry", "src", 1)
        .or_else(|| after_folders(file, "git", "checkouts", 2))
        .unwrap_or(file)
}

/// What stands behind the folders `outer/inner` and `more` further ones.
fn after_folders(
    file: &'static str,
    outer: &str,
    inner: &str,
    more: usize,
) -> Option<&'static str> {
    let is_separator = |c| c == '/' || c == '\\';
    let mut parts = file.split(is_separator).peekable();
    loop {
        if parts.next()? == outer && parts.next_if_eq(&inner).is_some() {
            let last = parts.nth(more - 1)?;
            let rest = last.as_ptr() as usize - file.as_ptr() as usize + last.len() + 1;
            return file.get(rest..).filter(|rest| !rest.is_empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::within_package;

    #[test]
    fn a_dependencys_file_begins_with_its_package() {
        for (file, short) in [
            (
                "/home/x/.cargo/registry/src/some-index-1949/foo-1.2.3/src/a.rs",
                "foo-1.2.3/src/a.rs",
            ),
            (r"C:\x\registry\src\some-index\foo-1.2.3\src\a.rs", r"foo-1.2.3\src\a.rs"),
            ("/home/x/.cargo/git/checkouts/foo-77/1a2b3c/crates/foo/a.rs", "crates/foo/a.rs"),
        ] {
            assert_eq!(within_package(file), short);
        }
    }

    #[test]
    fn any_other_file_stays_as_it_is() {
        for file in
            ["src/main.rs", "crates/registry/lib.rs", "registry/src/a.rs", "registry/src/", ""]
        {
            assert_eq!(within_package(file), file);
        }
    }
}
