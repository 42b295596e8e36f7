//! A YAML document as a tree that knows its lines. References are refused, and
//! depth and size are bounded: a file of a few lines could stand for gigabytes.

use lectern_api::messages::import as words;
use saphyr_parser::{Event, Parser, Span};

use crate::mistake::{Mistake, Mistakes, Place};

/// Lists in tables in lists: CSES has three levels.
const DEEPEST: usize = 16;
const MOST_NODES: usize = 400_000;

/// A value and where it begins.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    /// A text, number, time …: as it is written.
    Scalar(String),
    List(Vec<Node>),
    /// In the order of the file.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The entries of a list; a single value is a list of one.
    pub(super) fn list(&self) -> &[Self] {
        match &self.value {
            Value::List(list) => list,
            _ => std::slice::from_ref(self),
        }
    }

    /// A text that is not empty and not `null`.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text.trim()).filter(|t| !t.is_empty() && *t != "~" && *t != "null"),
            _ => None,
        }
    }
}

/// What is being built: a list or a map, and a key that waits for its value.
enum Open {
    List(Place, Vec<Node>),
    Map(Place, Vec<(String, Node)>, Option<String>),
}

/// The first document of a text.
pub(super) fn parse(text: &str) -> Result<Node, Mistakes> {
    let mut parser = Parser::new_from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut count = 0;
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| {
            let place =
                Place::Line { line: error.marker().line().max(1), column: Some(error.marker().col() + 1) };
            let wrong = (words::bad_yaml(error.info()), words::bad_yaml_remedy());
            Mistakes(vec![Mistake::new(place, "", wrong)])
        })?;
        let place = place_of(span);
        count += 1;
        if count > MOST_NODES || open.len() > DEEPEST {
            let wrong = (words::yaml_large(), words::yaml_large_remedy());
            return Err(Mistakes(vec![Mistake::new(place, "", wrong)]));
        }
        let done = match event {
            Event::Alias(_) => {
                let wrong = (words::yaml_alias(), words::yaml_alias_remedy());
                return Err(Mistakes(vec![Mistake::new(place, "", wrong)]));
            }
            Event::Scalar(text, ..) => Node { place, value: Value::Scalar(text.into_owned()) },
            Event::SequenceStart(..) => {
                open.push(Open::List(place, Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(place, Vec::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(place, list)) => Node { place, value: Value::List(list) },
                Some(Open::Map(place, map, _)) => Node { place, value: Value::Map(map) },
                None => continue,
            },
            _ => continue,
        };
        match open.last_mut() {
            None => return Ok(done),
            Some(Open::List(_, list)) => list.push(done),
            Some(Open::Map(_, map, key)) => match (key.take(), done.value) {
                (Some(key), value) => map.push((key, Node { place: done.place, value })),
                (None, Value::Scalar(name)) => *key = Some(name),
                // A list or a map as a key means nothing to us.
                (None, _) => *key = Some(String::new()),
            },
        }
    }
    Err(Mistakes::of_file((words::yaml_empty(), words::yaml_empty_remedy())))
}

fn place_of(span: Span) -> Place {
    Place::Line { line: span.start.line().max(1), column: Some(span.start.col() + 1) }
}
