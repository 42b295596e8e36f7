//! A mistake in a file: place, field, cause, remedy.

use std::fmt;

use lectern_api::{Language, Text, messages::timetable as words};
use serde::Serialize;

/// Where in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Default)]
#[serde(untagged)]
pub enum Place {
    /// The file as a whole.
    #[default]
    File,
    /// A line of a text, and a column where it is known, both from 1.
    Line {
        /// The line.
        line: usize,
        /// The column, in characters.
        #[serde(skip_serializing_if = "Option::is_none")]
        column: Option<usize>,
    },
    /// A cell of a spreadsheet: `C5`.
    Cell {
        /// The sheet's name.
        sheet: String,
        /// The row, from 1: cells sort by row, then by column.
        row: usize,
        /// The column, from 1.
        column: usize,
    },
}

impl Place {
    /// A line as a whole.
    #[must_use]
    pub fn line(line: usize) -> Self {
        Self::Line { line, column: None }
    }

    /// Line and column of a byte offset in a text.
    #[must_use]
    pub fn at(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        Self::Line { line, column: Some(column) }
    }

    /// The number of the line, where there are lines.
    #[must_use]
    pub fn line_number(&self) -> Option<usize> {
        match self {
            Self::Line { line, .. } => Some(*line),
            _ => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => Ok(()),
            Self::Line { line, column: None } => write!(f, "{line}"),
            Self::Line { line, column: Some(column) } => write!(f, "{line}:{column}"),
            Self::Cell { sheet, row, column } => write!(f, "{sheet}!{}{row}", column_letters(*column)),
        }
    }
}

/// 1 is A, 27 is AA.
fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    while rest > 0 {
        let digit = (rest - 1) % 26;
        letters.push(char::from(b'A' + u8::try_from(digit).unwrap_or(0)));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// What is wrong with a value, and the remedy.
pub type Wrong = (Text, Text);

/// One mistake, or one thing that deserves a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// Which key, column or property; may be empty.
    pub field: String,
    /// What is wrong.
    pub cause: Text,
    /// What to do about it.
    pub remedy: Text,
}

impl Mistake {
    /// A mistake in a field.
    #[must_use]
    pub fn new(place: Place, field: impl Into<String>, (cause, remedy): Wrong) -> Self {
        Self { place, field: field.into(), cause, remedy }
    }

    /// As [`Self::new`], for the error of a function: it is large.
    pub(crate) fn boxed(place: Place, field: impl Into<String>, wrong: Wrong) -> Box<Self> {
        Box::new(Self::new(place, field, wrong))
    }

    /// For a person: `file:line:column: field: cause`, the line, the remedy.
    #[must_use]
    pub fn render(&self, name: &str, source: &str, language: Language) -> String {
        let mut out = name.to_owned();
        if self.place != Place::File {
            out += &format!(":{}", self.place);
        }
        let field = if self.field.is_empty() { String::new() } else { format!("{}: ", self.field) };
        out += &format!(": {field}{}\n", self.cause.in_language(language));
        let quoted = self.place.line_number().and_then(|line| Some((line, source.lines().nth(line - 1)?)));
        if let Some((line, text)) = quoted.filter(|(_, text)| !text.trim().is_empty()) {
            let short: String = text.chars().take(120).collect();
            out += &format!("    {line:>4} | {}\n", short.trim_end());
        }
        out += &format!("         = {}\n", self.remedy.in_language(language));
        out
    }
}

/// Every mistake of one file, in its order. Nothing of the file was applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    /// A single one that concerns the file as a whole.
    #[must_use]
    pub fn of_file(wrong: Wrong) -> Self {
        Self(vec![Mistake::new(Place::File, "", wrong)])
    }

    /// Sorted, and at most a hundred: a file of garbage has no use for more.
    #[must_use]
    pub(crate) fn sorted(mut list: Vec<Mistake>) -> Self {
        list.sort_by(|a, b| a.place.cmp(&b.place));
        let rest = list.len().saturating_sub(100);
        if rest > 0 {
            list.truncate(100);
            list.push(Mistake::new(Place::File, "", (words::and_more(rest), words::and_more_remedy())));
        }
        Self(list)
    }

    fn text(&self) -> Text {
        match self.0.first() {
            Some(first) => {
                words::mistakes_first(self.0.len(), &first.place, &first.cause.en, &first.cause.zh)
            }
            None => words::mistakes_first(0, "", "", ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_the_spreadsheet_names_them() {
        for (column, name) in [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")] {
            assert_eq!(column_letters(column), name);
        }
    }
}
