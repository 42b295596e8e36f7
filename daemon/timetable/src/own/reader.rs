//! Reads a TOML table key by key and goes on after a mistake, so that all of
//! them are reported at once.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use lectern_api::messages;
use toml::de::{DeTable, DeValue};

use super::values::wrong_type;
use crate::check::Item;
use crate::mistake::{Mistake, Place, Wrong};

/// Where lines begin, so that a place is found without reading the text again.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    pub(super) fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset);
        let column = self.text.get(self.start(offset)..offset).map_or(1, |before| before.chars().count() + 1);
        Place::Line { line, column: Some(column) }
    }

    /// Where the line of an offset begins.
    fn start(&self, offset: usize) -> usize {
        let line = self.starts.partition_point(|start| *start <= offset);
        self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0)
    }

    /// The line of an offset, without its end.
    fn line(&self, offset: usize) -> &'t str {
        let rest = self.text.get(self.start(offset)..);
        rest.and_then(|rest| rest.lines().next()).unwrap_or_default()
    }
}

/// Where each value stands, in bytes of the text.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<(Item, String), usize>);

impl Places {
    /// The place of a key, else of its table.
    pub(super) fn find(&self, item: Item, field: &str) -> Option<usize> {
        let of = |field: &str| self.0.get(&(item, field.to_owned())).copied();
        of(field).or_else(|| of(""))
    }
}

/// What reading a file collects.
pub(super) struct Notes<'t> {
    lines: Lines<'t>,
    /// Where lines begin that are no TOML.
    unreadable: HashSet<usize>,
    pub(super) places: Places,
    pub(super) mistakes: Vec<Mistake>,
}

impl<'t> Notes<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            lines: Lines::new(text),
            unreadable: HashSet::new(),
            places: Places::default(),
            mistakes: Vec::new(),
        }
    }

    /// What the parser says of a line, once.
    pub(super) fn unreadable(&mut self, at: usize, said: &str) {
        let remedy = messages::toml::syntax_remedy(self.lines.line(at));
        self.mistake(at, "", (messages::toml::syntax(said), remedy));
        self.unreadable.insert(self.lines.start(at));
    }

    /// A mistake; what is wrong with a line that cannot be read follows from that.
    pub(super) fn mistake(&mut self, at: usize, field: &str, wrong: Wrong) {
        if !self.unreadable.contains(&self.lines.start(at)) {
            self.mistakes.push(Mistake::new(self.lines.place(at), field, wrong));
        }
    }
}

/// One table being read.
pub(super) struct Reader<'a, 'n, 't> {
    table: &'a DeTable<'a>,
    /// As the file writes it: `[term]`, `[[lesson]]`.
    heading: &'static str,
    item: Item,
    at: usize,
    known: Vec<&'static str>,
    pub(super) notes: &'n mut Notes<'t>,
}

impl<'a, 'n, 't> Reader<'a, 'n, 't> {
    pub(super) fn new(
        heading: &'static str,
        item: Item,
        table: &'a DeTable<'a>,
        span: &Range<usize>,
        notes: &'n mut Notes<'t>,
    ) -> Self {
        notes.places.0.insert((item, String::new()), span.start);
        Self { table, heading, item, at: span.start, known: Vec::new(), notes }
    }

    /// The value of a key through `parse`, or nothing when it is absent or
    /// wrong. A wrong one is noted.
    pub(super) fn optional<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&DeValue<'a>) -> Result<T, Wrong>,
    ) -> Option<T> {
        self.known.push(key);
        let value = self.table.get(key)?;
        self.notes.places.0.insert((self.item, key.to_owned()), value.span().start);
        match parse(value.get_ref()) {
            Ok(parsed) => Some(parsed),
            Err(wrong) => {
                self.notes.mistake(value.span().start, key, wrong);
                None
            }
        }
    }

    /// As [`Self::optional`]; an absent key is a mistake too.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&DeValue<'a>) -> Result<T, Wrong>,
    ) -> Option<T> {
        if !self.table.contains_key(key) {
            self.mistake(key, messages::config_key_missing(self.heading, key), |heading| {
                messages::config_key_missing_remedy(heading, key)
            });
        }
        self.optional(key, parse)
    }

    /// A mistake of this table as a whole, or of the given key of it.
    pub(super) fn mistake(
        &mut self,
        key: &str,
        cause: lectern_api::Text,
        remedy: impl FnOnce(&str) -> lectern_api::Text,
    ) {
        let at = self.table.get(key).map_or(self.at, |value| value.span().start);
        self.notes.mistake(at, key, (cause, remedy(self.heading)));
    }

    /// Whether the key is there, right or wrong.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Notes every key that nobody asked for, with the nearest known one.
    pub(super) fn finish(self) {
        for (key, _) in self.table {
            let name: &str = key.get_ref();
            if self.known.contains(&name) {
                continue;
            }
            let cause = messages::config_key_unknown(self.heading, name);
            let remedy = match nearest(name, &self.known) {
                Some(known) => messages::config_key_unknown_nearest(known),
                None => messages::config_key_unknown_list(self.known.join(", ")),
            };
            self.notes.mistake(key.span().start, name, (cause, remedy));
        }
    }
}

/// Reads `[name]`, when it is there.
pub(super) fn single<T>(
    root: &DeTable<'_>,
    name: &'static str,
    heading: &'static str,
    item: Item,
    notes: &mut Notes<'_>,
    read: impl FnOnce(&mut Reader<'_, '_, '_>) -> Option<T>,
) -> Option<T> {
    let value = root.get(name)?;
    let Some(table) = value.get_ref().as_table() else {
        notes.mistake(value.span().start, name, wrong_type(value.get_ref(), heading));
        return None;
    };
    let mut reader = Reader::new(heading, item, table, &value.span(), notes);
    let read = read(&mut reader);
    reader.finish();
    read
}

/// Reads every `[[name]]`, at most `most`.
pub(super) fn list<T>(
    root: &DeTable<'_>,
    (name, heading): (&'static str, &'static str),
    most: usize,
    item: impl Fn(usize) -> Item,
    notes: &mut Notes<'_>,
    read: impl Fn(&mut Reader<'_, '_, '_>) -> Option<T>,
) -> Vec<T> {
    let Some(value) = root.get(name) else { return Vec::new() };
    let Some(array) = value.get_ref().as_array() else {
        notes.mistake(value.span().start, name, wrong_type(value.get_ref(), heading));
        return Vec::new();
    };
    if array.len() > most {
        let words = lectern_api::messages::timetable::too_many(heading, array.len(), most);
        let remedy = lectern_api::messages::timetable::too_many_remedy();
        notes.mistake(value.span().start, name, (words, remedy));
        return Vec::new();
    }
    let mut out = Vec::new();
    for element in array {
        let Some(table) = element.get_ref().as_table() else {
            notes.mistake(element.span().start, name, wrong_type(element.get_ref(), heading));
            continue;
        };
        let mut reader = Reader::new(heading, item(out.len()), table, &element.span(), notes);
        out.extend(read(&mut reader));
        reader.finish();
    }
    out
}

/// The known name that a typing error most likely meant.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let scored = known.iter().map(|k| (strsim::jaro_winkler(name, k), *k));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= 0.75).then_some(best.1)
}
