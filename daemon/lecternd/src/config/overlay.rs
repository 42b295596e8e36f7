//! What stands in `local.toml`, laid over `lectern.toml` key by key.

use std::ops::Range;

use lectern_api::messages::local as words;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Mistake;
use super::reader::{Wrong, wrong_type};
use super::setting::{MANY, setting};

/// Lays `over` over `under`. What it may not hold is a mistake, and is left out.
pub(super) fn lay<'i>(under: &mut DeTable<'i>, over: DeTable<'i>, mistakes: &mut Vec<Mistake>) {
    for (name, value) in over {
        let (span, is_many) = (value.span(), MANY.contains(&name.get_ref().as_ref()));
        match value.into_inner() {
            DeValue::Table(table) if !is_many => {
                let table = allowed(name.get_ref(), table, mistakes);
                match under.get_mut(&name).map(Spanned::get_mut) {
                    Some(DeValue::Table(there)) => there.extend(table),
                    // Whatever else it is: that is a mistake of the other file.
                    Some(_) => {}
                    None => drop(under.insert(name, Spanned::new(span, DeValue::Table(table)))),
                }
            }
            DeValue::Array(list) if is_many => {
                for element in list {
                    let there = under.get_mut(&name).map(Spanned::get_mut);
                    lay_one(name.get_ref(), there, element, mistakes);
                }
            }
            other => {
                let example = if is_many {
                    format!("[[{name}]]", name = name.get_ref())
                } else {
                    format!("[{name}]", name = name.get_ref())
                };
                note(mistakes, span, wrong_type(&other, example));
            }
        }
    }
}

/// One target or store over the one of the same name.
fn lay_one<'i>(
    kind: &str,
    under: Option<&mut DeValue<'i>>,
    element: Spanned<DeValue<'i>>,
    mistakes: &mut Vec<Mistake>,
) {
    let span = element.span();
    let DeValue::Table(mut table) = element.into_inner() else {
        return note(mistakes, span, (words::local_no_name(kind), words::local_no_name_remedy(kind)));
    };
    let name = table.remove("name").and_then(|name| name.get_ref().as_str().map(str::to_owned));
    let Some(name) = name else {
        return note(mistakes, span, (words::local_no_name(kind), words::local_no_name_remedy(kind)));
    };
    let table = allowed(kind, table, mistakes);
    let list = match under {
        Some(DeValue::Array(list)) => list.iter_mut(),
        _ => [].iter_mut(),
    };
    let mut tables = list.filter_map(|element| match element.get_mut() {
        DeValue::Table(table) => Some(table),
        _ => None,
    });
    let is_it = |table: &&mut DeTable<'i>| {
        table.get("name").and_then(|there| there.get_ref().as_str()) == Some(name.as_str())
    };
    match tables.find(is_it) {
        Some(there) => there.extend(table),
        None => note(mistakes, span, (words::local_nobody(kind, &name), words::local_nobody_remedy(kind))),
    }
}

/// The keys that may stand there.
fn allowed<'i>(table: &str, keys: DeTable<'i>, mistakes: &mut Vec<Mistake>) -> DeTable<'i> {
    let mut left = DeTable::new();
    for (key, value) in keys {
        if setting(table, key.get_ref()).is_some() {
            left.insert(key, value);
        } else {
            let key: &DeString<'_> = key.get_ref();
            note(mistakes, value.span(), (words::local_key(table, key), words::local_key_remedy(table, key)));
        }
    }
    left
}

fn note(mistakes: &mut Vec<Mistake>, span: Range<usize>, (cause, remedy): Wrong) {
    mistakes.push(Mistake { span, cause, remedy });
}
