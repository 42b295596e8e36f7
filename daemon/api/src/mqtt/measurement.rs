//! `m/<type>` and `m/<type>/meta`: numbers and their units.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One number, or a group of numbers. There is no third level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Value {
    /// A number.
    Number(f64),
    /// Numbers that belong together.
    Group(BTreeMap<String, f64>),
}

/// The payload of `m/<type>`: `{"time": …, "cpu": 48.5, "disk": {"0": 40.0}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Measurement {
    /// When it was measured, UTC.
    pub time: jiff::Timestamp,
    /// What was measured; the units stand in `m/<type>/meta`.
    #[serde(flatten)]
    values: BTreeMap<String, Value>,
}

/// A number that JSON cannot carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the measurement `{0}` is not a finite number; leave it out")]
pub struct NotFinite(String);

impl Measurement {
    /// Numbers that were measured together.
    ///
    /// # Errors
    /// [`NotFinite`]: JSON would carry it as null.
    pub fn new(
        time: jiff::Timestamp,
        values: impl IntoIterator<Item = (String, Value)>,
    ) -> Result<Self, NotFinite> {
        let values: BTreeMap<String, Value> = values.into_iter().filter(|(name, _)| name != "time").collect();
        for (name, value) in &values {
            let is_finite = match value {
                Value::Number(number) => number.is_finite(),
                Value::Group(group) => group.values().all(|number| number.is_finite()),
            };
            if !is_finite {
                return Err(NotFinite(name.clone()));
            }
        }
        Ok(Self { time, values })
    }

    /// What was measured.
    #[must_use]
    pub fn values(&self) -> &BTreeMap<String, Value> {
        &self.values
    }
}

/// The payload of `m/<type>/meta`. Retained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Units {
    /// The unit of each number, by its name, or `group.name` within a group;
    /// such as `°C`, `%`, `kbit/s`, `s`.
    pub units: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_json_cannot_carry_is_refused() {
        let time = jiff::Timestamp::UNIX_EPOCH;
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let group = Value::Group([("0".to_owned(), bad)].into());
            assert!(Measurement::new(time, [("a".to_owned(), Value::Number(bad))]).is_err());
            assert!(Measurement::new(time, [("a".to_owned(), group)]).is_err());
        }
    }

    #[test]
    fn a_measurement_is_read_as_it_was_written() {
        let group = Value::Group([("0".to_owned(), 40.5)].into());
        let values = [("cpu".to_owned(), Value::Number(48.0)), ("disk".to_owned(), group)];
        let written = Measurement::new("2026-03-02T08:00:00Z".parse().unwrap(), values).unwrap();
        let json = serde_json::to_string(&written).unwrap();
        assert_eq!(json, r#"{"time":"2026-03-02T08:00:00Z","cpu":48.0,"disk":{"0":40.5}}"#);
        assert_eq!(serde_json::from_str::<Measurement>(&json).unwrap(), written);
    }
}
