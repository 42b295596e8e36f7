//! The published schema says what the reader reads.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod school;

use std::collections::BTreeSet;

use lectern_timetable::own;
use proptest::prelude::*;
use serde_json::Value;

const SCHEMA: &str = include_str!("../../../docs/reference/timetable.schema.json");
const PAGE: &str = include_str!("../../../docs/reference/timetable.md");
const VILLAGE: &str = include_str!("data/village.toml");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// TOML as JSON, dates as strings.
fn json(text: &str) -> Value {
    as_json(toml::from_str(text).unwrap())
}

fn as_json(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(moment) => Value::String(moment.to_string()),
        toml::Value::Array(array) => array.into_iter().map(as_json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, as_json(value))).collect(),
        other => serde_json::to_value(other).unwrap(),
    }
}

fn faults(text: &str) -> Vec<String> {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    validator.iter_errors(&json(text)).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn example() -> &'static str {
    let from = PAGE.find("```toml\n").unwrap() + "```toml\n".len();
    &PAGE[from..from + PAGE[from..].find("```").unwrap()]
}

#[test]
fn the_examples_fit_the_schema_and_are_accepted() {
    for text in [VILLAGE, example()] {
        assert_eq!(faults(text), Vec::<String>::new());
        assert!(own::read(text.as_bytes()).is_ok(), "{:#?}", own::read(text.as_bytes()));
    }
}

#[test]
fn what_the_reader_refuses_in_one_table_the_schema_refuses_too() {
    let cases = [
        ("weekday = 1\n", "weekday = 0\n"),
        ("weekday = 1\n", "weekday = \"一\"\n"),
        ("grade = 3\n", "grade = 13\n"),
        ("period = 1\n", "period = 25\n"),
        ("period = 1\n", ""),
        ("period = 1\n", "period = 1\ntime = \"08:00-08:40\"\n"),
        ("subject = \"语文\"\n", ""),
        ("subject = \"语文\"\n", "subject = \"\"\n"),
        ("monday = 2026-08-31", "munday = 2026-08-31"),
        ("follows = 2026-10-01", "follows = \"maybe\""),
        ("to_room = \"科学教室\"", ""),
        ("by = \"张伟\"", ""),
        ("with_period = 2", ""),
        ("0 = \"07:50-08:10\"", "25 = \"07:50-08:10\""),
        ("to = 2026-12-07T12:00:00", "to = 2026-12-07T12:00:00Z"),
    ];
    for (from, to) in cases {
        let text = VILLAGE.replacen(from, to, 1);
        assert_ne!(text, VILLAGE, "{from}");
        assert!(own::read(text.as_bytes()).is_err(), "the reader accepts {to:?}");
        assert!(!faults(&text).is_empty(), "the schema accepts {to:?}");
    }
}

/// The keys that the reader offers for an unknown one.
fn known(table: &str) -> BTreeSet<String> {
    let text = match table {
        "" => "zqzqzq = 1\n".to_owned(),
        "term" => "[term]\nzqzqzq = 1\n".to_owned(),
        _ => format!("[[{table}]]\nzqzqzq = 1\n"),
    };
    let mistakes = own::read(text.as_bytes()).unwrap_err();
    let offered = mistakes.0.iter().find(|mistake| mistake.field == "zqzqzq").unwrap();
    let list = offered.remedy.en.strip_prefix("known here are: ").unwrap();
    list.split(", ").map(str::to_owned).collect()
}

#[test]
fn the_schemas_keys_are_the_readers() {
    let schema = schema();
    let keys =
        |node: &Value| node["properties"].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&schema), known(""));
    for (table, node) in schema["properties"].as_object().unwrap() {
        if node["type"] == "array" {
            assert_eq!(keys(&node["items"]), known(table), "[[{table}]]");
        } else if node["type"] == "object" {
            assert_eq!(keys(node), known(table), "[{table}]");
        }
    }
}

#[test]
fn every_key_stands_in_the_reference() {
    for (table, node) in schema()["properties"].as_object().unwrap() {
        let node = if node["type"] == "array" { &node["items"] } else { node };
        for key in node["properties"].as_object().into_iter().flat_map(|keys| keys.keys()) {
            let named = PAGE.contains(&format!("`{key}`")) || PAGE.contains(&format!(".{key}]"));
            assert!(
                named || PAGE.contains(&format!("] {key}`")),
                "`{key}` of {table} is not in timetable.md"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_fits_the_schema(school in school::timetable()) {
        let text = own::write(&school);
        prop_assert_eq!(faults(&text), Vec::<String>::new(), "{}", text);
    }
}
