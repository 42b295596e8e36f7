//! The texts that a configuration was read from: `lectern.toml`, and beside it
//! `local.toml`, which holds what was changed from afar.
//!
//! A place in either is one number: those of the second text begin behind the
//! first.

use std::fmt;
use std::path::{Path, PathBuf};

/// Both texts with their paths.
#[derive(Clone)]
pub(crate) struct Files {
    main: (PathBuf, String),
    local: Option<(PathBuf, String)>,
}

impl fmt::Debug for Files {
    /// Without the secrets that a URL may hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = [Some(&self.main), self.local.as_ref()];
        f.debug_list().entries(paths.into_iter().flatten().map(|(path, _)| path)).finish()
    }
}

/// Where a byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    pub(crate) path: &'a Path,
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in characters.
    pub(crate) column: usize,
    /// The line itself.
    pub(crate) source: &'a str,
    /// Whether it stands in `local.toml`.
    pub(crate) is_local: bool,
}

impl Files {
    pub(crate) fn new(main: (PathBuf, String), local: Option<(PathBuf, String)>) -> Self {
        let plain = |(path, text)| (path, without_mark(text));
        Self { main: plain(main), local: local.map(plain) }
    }

    /// Of a text that is all there is.
    pub(crate) fn single(path: &Path, text: &str) -> Self {
        Self::new((path.to_owned(), text.to_owned()), None)
    }

    /// Path and text of both.
    pub(super) fn parts(&self) -> (&(PathBuf, String), Option<&(PathBuf, String)>) {
        (&self.main, self.local.as_ref())
    }

    pub(crate) fn main(&self) -> &str {
        &self.main.1
    }

    pub(crate) fn main_path(&self) -> &Path {
        &self.main.0
    }

    /// The text of `local.toml`, when there is one.
    pub(crate) fn local(&self) -> Option<&str> {
        self.local.as_ref().map(|(_, text)| text.as_str())
    }

    /// Where it lies.
    pub(crate) fn local_path(&self) -> Option<&Path> {
        self.local.as_ref().map(|(path, _)| path.as_path())
    }

    /// The second text behind so many empty lines that every place in it lies
    /// behind the first text.
    pub(super) fn local_behind_main(&self) -> String {
        let text = self.local.as_ref().map_or("", |(_, text)| text);
        "\n".repeat(self.behind_main()) + text
    }

    /// The first place that is of `local.toml`.
    pub(super) fn behind_main(&self) -> usize {
        self.main.1.len() + 1
    }

    /// Where a place of either text is.
    pub(crate) fn place(&self, offset: usize) -> Place<'_> {
        let behind = offset.checked_sub(self.behind_main());
        let ((path, text), offset, is_local) = match (behind, &self.local) {
            (Some(behind), Some(local)) => (local, behind, true),
            _ => (&self.main, offset, false),
        };
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        let source = text.lines().nth(line - 1).unwrap_or_default();
        Place { path, line, column, source, is_local }
    }
}

/// A byte order mark is what editors on school computers leave behind.
fn without_mark(text: String) -> String {
    text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
}
