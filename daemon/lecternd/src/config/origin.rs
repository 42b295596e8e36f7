//! Which file each value came from.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::files::Files;
use super::mistake::masked;

/// A value as it counts, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// `program.fps = 25`, without secrets.
    pub(crate) text: String,
    /// In bytes of [`Files`].
    pub(crate) at: usize,
}

/// Every value of the merged tables, in the order of its tables.
pub(super) fn origins(root: &DeTable<'_>, files: &Files) -> Vec<Origin> {
    let behind = files.local_behind_main();
    let written = |value: &Spanned<DeValue<'_>>| {
        let text = if value.span().start < files.behind_main() { files.main() } else { &behind };
        let raw = text.get(value.span()).unwrap_or_default();
        raw.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let mut origins = Vec::new();
    let mut take = |prefix: &str, table: &DeTable<'_>| {
        for (key, value) in table {
            let text = masked(&format!("{prefix}.{} = {}", key.get_ref(), written(value)));
            origins.push(Origin { text, at: value.span().start });
        }
    };
    for (name, value) in root {
        let name = name.get_ref();
        match value.get_ref() {
            DeValue::Table(table) => take(name, table),
            DeValue::Array(list) => {
                for table in list.iter().filter_map(|element| element.get_ref().as_table()) {
                    let own = table.get("name").and_then(|own| own.get_ref().as_str()).unwrap_or_default();
                    take(&format!("{name}.{own}"), table);
                }
            }
            _ => {}
        }
    }
    origins
}
