//! What the bench says: results as lines of JSON, progress for people.

use std::io::Write as _;

use serde_json::Value;

/// Prints a result. A closed pipe is no fault.
pub fn result(name: &str, boxes: usize, mut details: Value) {
    if let Some(object) = details.as_object_mut() {
        object.insert("name".to_owned(), name.into());
        object.insert("boxes".to_owned(), boxes.into());
    }
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{details}").and_then(|()| out.flush());
}

/// A line for whoever waits.
pub fn progress(what: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "fleet: {what}");
}

/// To three digits behind the point: the rest is noise.
#[must_use]
pub fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
