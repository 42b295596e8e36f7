//! A mistake in a configuration: place, cause, remedy.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use lectern_api::{Language, Text, messages};
use lectern_archive::store::without_secrets;
use serde::Serialize;

use super::files::{Files, Place};

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// Where, in bytes of the text.
    pub(crate) span: Range<usize>,
    /// What is wrong.
    pub(crate) cause: Text,
    /// What to do about it.
    pub(crate) remedy: Text,
}

/// Every mistake of a configuration.
#[derive(Debug)]
pub(crate) struct Mistakes {
    pub(crate) files: Files,
    pub(crate) list: Vec<Mistake>,
}

/// A mistake as programs read it.
#[derive(Debug, Serialize)]
pub(crate) struct MistakeEntry<'a> {
    line: usize,
    column: usize,
    /// Where it does not stand in the file that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a Path>,
    cause: &'a Text,
    remedy: &'a Text,
}

impl Mistakes {
    pub(crate) fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Self {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
        let mistake = Mistake {
            span: good..good,
            cause: messages::config_not_utf8(),
            remedy: messages::config_not_utf8_remedy(),
        };
        Self { files: Files::single(path, &text), list: vec![mistake] }
    }

    /// The file of the first one.
    pub(crate) fn path(&self) -> &Path {
        self.files.place(self.list.first().map_or(0, |mistake| mistake.span.start)).path
    }

    /// For a person: place, line, cause, remedy.
    pub(crate) fn render(&self, language: Language) -> String {
        render(&self.files, &self.list, language)
    }

    /// For a program.
    pub(crate) fn entries(&self) -> Vec<MistakeEntry<'_>> {
        let entry = |mistake| {
            let Mistake { span, cause, remedy }: &Mistake = mistake;
            let Place { path, line, column, is_local, .. } = self.files.place(span.start);
            MistakeEntry { line, column, file: is_local.then_some(path), cause, remedy }
        };
        self.list.iter().map(entry).collect()
    }
}

/// Mistakes one after the other, each with its line of the file.
pub(crate) fn render(files: &Files, list: &[Mistake], language: Language) -> String {
    let mut out = String::new();
    for mistake in list {
        let Place { path, line, column, source, .. } = files.place(mistake.span.start);
        let cause = mistake.cause.in_language(language);
        let remedy = mistake.remedy.in_language(language);
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}:{line}:{column}: {cause}", path.display());
        if !source.trim().is_empty() {
            let _ = writeln!(out, "    {line:>4} | {}", masked(source));
        }
        let _ = writeln!(out, "         = {remedy}");
    }
    out
}

/// Parts of keys behind whose `=` a secret may stand, wrongly or not.
const SECRET_KEYS: [&str; 5] = ["secret", "password", "token", "credentials", "access_key"];

/// A line of the file without what its URLs and keys must not show: this text
/// ends up in the journal.
pub(super) fn masked(line: &str) -> String {
    if let Some((key, value)) = line.split_once('=') {
        let is_secret = SECRET_KEYS.iter().any(|part| key.to_ascii_lowercase().contains(part));
        let value = value.trim_start().trim_start_matches(['"', '\'']);
        if is_secret && !value.starts_with("file:") && !value.starts_with("credential:") {
            return format!("{key}= …");
        }
    }
    let quotes = ['"', '\'', ' '];
    let mask = |part: &str| {
        let (url, rest) = part.split_at(part.trim_end_matches(quotes).len());
        if url.contains("://") { without_secrets(url) + rest } else { part.to_owned() }
    };
    line.split_inclusive(quotes).map(mask).collect()
}
