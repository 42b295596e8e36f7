//! Identifiers. Every one of them ends up in a path, a URL or a topic, so the
//! alphabet is fixed at construction and never checked again.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is empty or longer than 64 bytes.
    #[error("`{0}` must have 1 to 64 characters")]
    Length(String),
    /// A character outside `A–Z a–z 0–9 . _ -`, or a leading dot.
    #[error("`{0}` may hold only letters, digits, `-`, `_` and `.` (not first)")]
    Alphabet(String),
}

/// 1–64 characters of `A–Z a–z 0–9 . _ -`, not beginning with a dot.
fn checked(text: &str) -> Result<String, IdError> {
    if text.is_empty() || text.len() > 64 {
        return Err(IdError::Length(text.to_owned()));
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.starts_with('.') || !text.chars().all(legal) {
        return Err(IdError::Alphabet(text.to_owned()));
    }
    Ok(text.to_owned())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the alphabet and the length.
            ///
            /// # Errors
            /// [`IdError`] when the text cannot stand in a path, URL or topic.
            pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
                checked(text.as_ref()).map(Self)
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        #[cfg(test)]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$",
                })
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }
    };
}

id! {
    /// The asset number of a box, for life. Never a MAC address, never a place.
    DeviceId
}
id! {
    /// One lesson. Started by hand it is a ULID, so that ids sort by time.
    LessonId
}
id! {
    /// The name of a source, live target, archive or track.
    Name
}

impl LessonId {
    /// A new id for a lesson that a person started: a ULID of the given time.
    #[must_use]
    pub fn by_hand(now: jiff::Timestamp) -> Self {
        let since_epoch = std::time::Duration::from_millis(now.as_millisecond().unsigned_abs());
        let ulid = ulid::Ulid::from_datetime(std::time::UNIX_EPOCH + since_epoch);
        Self(ulid.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_climb_out_of_its_folder_is_refused() {
        for bad in ["", ".", "..", ".hidden", "a/b", "张村", "a b", &"x".repeat(65)] {
            assert!(LessonId::new(bad).is_err(), "{bad:?} was accepted");
        }
        assert_eq!(DeviceId::new("LB-2026-000317").unwrap().as_str(), "LB-2026-000317");
    }

    #[test]
    fn ids_made_by_hand_sort_by_time() {
        let early = LessonId::by_hand("2026-03-02T08:00:00Z".parse().unwrap());
        let late = LessonId::by_hand("2026-03-02T08:00:01Z".parse().unwrap());
        assert!(early < late);
    }

    #[test]
    fn a_bad_id_in_json_is_an_error_not_a_panic() {
        assert!(serde_json::from_str::<DeviceId>("\"../etc\"").is_err());
    }
}
