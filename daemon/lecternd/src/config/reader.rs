//! Reads a TOML table key by key and goes on after a mistake, so that all of
//! them are reported at once. serde stops at the first one, which would cost a
//! technician one visit per typing error.

use std::ops::Range;

use lectern_api::{Text, messages};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Mistake;

/// What is wrong with a value, and the remedy.
pub(crate) type Wrong = (Text, Text);

/// One table being read.
pub(crate) struct Reader<'a, 'm> {
    table: &'a DeTable<'a>,
    /// As the file writes it: `[program]`, `[[source]]`.
    heading: &'static str,
    span: Range<usize>,
    known: Vec<&'static str>,
    mistakes: &'m mut Vec<Mistake>,
}

impl<'a, 'm> Reader<'a, 'm> {
    pub(crate) fn new(
        heading: &'static str,
        table: &'a DeTable<'a>,
        span: Range<usize>,
        mistakes: &'m mut Vec<Mistake>,
    ) -> Self {
        Self { table, heading, span, known: Vec::new(), mistakes }
    }

    /// The value of a key through `parse`, or nothing when it is absent or
    /// wrong. A wrong one is noted.
    pub(crate) fn optional<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&DeValue<'a>) -> Result<T, Wrong>,
    ) -> Option<T> {
        self.spanned(key, parse).map(Spanned::into_inner)
    }

    /// As [`Self::optional`], with the place of the value.
    pub(crate) fn spanned<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&DeValue<'a>) -> Result<T, Wrong>,
    ) -> Option<Spanned<T>> {
        self.known.push(key);
        let value = self.table.get(key)?;
        match parse(value.get_ref()) {
            Ok(parsed) => Some(Spanned::new(value.span(), parsed)),
            Err(wrong) => {
                self.mistake(value.span(), wrong);
                None
            }
        }
    }

    /// As [`Self::spanned`]; an absent key is a mistake too.
    pub(crate) fn required<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&DeValue<'a>) -> Result<T, Wrong>,
    ) -> Option<Spanned<T>> {
        if !self.table.contains_key(key) {
            let heading = self.heading;
            let wrong = (
                messages::config_key_missing(heading, key),
                messages::config_key_missing_remedy(heading, key),
            );
            self.mistake(self.span.clone(), wrong);
        }
        self.spanned(key, parse)
    }

    /// Whether a key is there, right or wrong.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(crate) fn mistake(&mut self, span: Range<usize>, (cause, remedy): Wrong) {
        self.mistakes.push(Mistake { span, cause, remedy });
    }

    /// Notes every key that nobody asked for, with the nearest known one.
    pub(crate) fn finish(self) {
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
            self.mistakes.push(Mistake { span: key.span(), cause, remedy });
        }
    }
}

/// The known name that a typing error most likely meant.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let scored = known.iter().map(|k| (strsim::jaro_winkler(name, k), *k));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= 0.75).then_some(best.1)
}

/// A string that is not empty.
pub(crate) fn text(value: &DeValue<'_>) -> Result<String, Wrong> {
    match value.as_str() {
        Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
        Some(_) => Err((messages::config_empty(), messages::config_empty_remedy())),
        None => Err(wrong_type(value, "\"text\"")),
    }
}

/// `true` or `false`.
pub(crate) fn boolean(value: &DeValue<'_>) -> Result<bool, Wrong> {
    value.as_bool().ok_or_else(|| wrong_type(value, "true"))
}

/// A whole number between two bounds.
pub(crate) fn whole(low: u32, high: u32) -> impl Fn(&DeValue<'_>) -> Result<u32, Wrong> {
    move |value| {
        let integer = value.as_integer().ok_or_else(|| wrong_type(value, low))?;
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        number
            .and_then(|n| u32::try_from(n).ok())
            .filter(|n| (low..=high).contains(n))
            .ok_or_else(|| (messages::config_range(integer), messages::config_range_remedy(low, high)))
    }
}

/// A table or array where something else stands.
pub(crate) fn wrong_type(value: &DeValue<'_>, example: impl std::fmt::Display) -> Wrong {
    (messages::toml::wrong_type(value.type_str()), messages::toml::wrong_type_remedy(example))
}
