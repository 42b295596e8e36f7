//! The tables of a configuration as they were read, to tell later which of them
//! say something else.

use std::fmt;

use serde::Deserialize as _;
use toml::de::{DeTable, Deserializer};
use toml::{Spanned, Table, Value};

/// The tables as the file has them.
#[derive(Clone, Default)]
pub(crate) struct Tables(Table);

impl fmt::Debug for Tables {
    /// Without the secrets that a URL may hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Tables {
    /// As they count.
    pub(super) fn of(root: &DeTable<'_>) -> Self {
        let root = Spanned::new(0..0, root.clone());
        Self(Table::deserialize(Deserializer::from(root)).unwrap_or_default())
    }

    /// The value of a key, as TOML; `name` is that of a target or store.
    pub(crate) fn value(&self, table: &str, name: Option<&str>, key: &str) -> Option<String> {
        let there = self.0.get(table)?;
        let keys = match name {
            None => there,
            Some(name) => {
                there.as_array()?.iter().find(|one| one.get("name").and_then(Value::as_str) == Some(name))?
            }
        };
        keys.get(key).map(Value::to_string)
    }

    /// The names of targets or stores.
    pub(crate) fn names(&self, table: &str) -> Vec<&str> {
        let list = self.0.get(table).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(|one| one.get("name")?.as_str()).collect()
    }

    /// The headings of those that a later reading has otherwise, or has no more,
    /// or has anew: `[program]`, `[[live]]`. What files beside the configuration
    /// hold is not compared.
    pub(crate) fn changed_in(&self, later: &Self) -> Vec<String> {
        let gone = self.0.iter().filter(|(name, _)| !later.0.contains_key(*name));
        let other = later.0.iter().filter(|(name, value)| self.0.get(*name) != Some(*value));
        let mut headings: Vec<String> = gone.chain(other).map(heading).collect();
        headings.sort_unstable();
        headings
    }
}

fn heading((name, value): (&String, &Value)) -> String {
    if value.is_array() { format!("[[{name}]]") } else { format!("[{name}]") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Tables {
        Tables::of(DeTable::parse(text).unwrap().get_ref())
    }

    const BEFORE: &str = "[device]\nid = \"LB-1\"\n[[live]]\nname = \"a\"\n[program]\nfps = 25\n";

    #[test]
    fn a_table_is_changed_by_what_it_says_and_not_by_how_it_is_written() {
        let before = of(BEFORE);
        let otherwise = "# a comment\n[program]\nfps = 0x19\n[[live]]\nname = 'a'\n[device]\nid = \"LB-1\"\n";
        assert_eq!(before.changed_in(&of(otherwise)), [""; 0]);
        let more = format!("{BEFORE}[[live]]\nname = \"b\"\n[timetable]\nroom = \"301\"\n");
        assert_eq!(before.changed_in(&of(&more)), ["[[live]]", "[timetable]"]);
        assert_eq!(
            before.changed_in(&of("[device]\nid = \"LB-2\"\n[program]\nfps = 25\n")),
            ["[[live]]", "[device]"]
        );
    }

    #[test]
    fn what_is_printed_of_tables_holds_no_secret() {
        let printed = format!("{:?}", of("[[source]]\nuri = \"rtsp://a:geheim@camera/\"\n"));
        assert_eq!(printed, "{\"source\"}");
    }
}
