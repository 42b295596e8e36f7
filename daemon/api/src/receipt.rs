//! Repair receipts: who put a fault right, with which part, and how long it was
//! there. A box writes one only when it sees for itself that the fault is over.

use serde::{Deserialize, Serialize};

/// Somebody says that a fault is repaired: the body of
/// `POST /api/v1/faults/{id}/repair`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repaired {
    /// Who did it; 1 to 64 characters.
    pub by: String,
    /// What was changed for another one, up to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Anything else, up to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Repaired {
    /// Whether it can be kept and shown.
    #[must_use]
    pub fn is_legible(&self) -> bool {
        let fits = |text: &str, least: usize, most: usize| {
            (least..=most).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control)
        };
        let more = [&self.part, &self.note];
        fits(&self.by, 1, 64) && more.into_iter().flatten().all(|text| fits(text, 0, 200))
    }
}

/// What is kept of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The fault's number.
    pub fault: u64,
    /// Its code.
    pub code: String,
    /// What it was about.
    pub unit: String,
    /// Since when it was there.
    pub since: jiff::Timestamp,
    /// Since when it is over, by evidence.
    pub until: jiff::Timestamp,
    /// From the one to the other, seconds.
    pub took_s: u64,
    /// When this was noted.
    pub noted: jiff::Timestamp,
    /// Who, which part, what else.
    #[serde(flatten)]
    pub repaired: Repaired,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_needed_and_nothing_may_break_a_list() {
        let said = |by: &str, note: Option<&str>| {
            Repaired { by: by.to_owned(), part: None, note: note.map(str::to_owned) }.is_legible()
        };
        assert!(said("李师傅", Some("")) && said("Li", Some(&"长".repeat(200))));
        assert!(!said(" ", None) && !said(&"x".repeat(65), None));
        assert!(!said("Li", Some("a\nb")) && !said("Li", Some(&"长".repeat(201))));
    }
}
