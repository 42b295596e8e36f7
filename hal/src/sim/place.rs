//! A place in a machine's state, such as `sensors.thermal.zones.cpu.millidegrees`.

use serde_json::Value;

/// The way to a place: keys of tables, numbers in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Place {
    /// Finds a place by its path; in a list, the element of that name is meant,
    /// whose name may itself have dots. Says what there is where the path ends.
    pub(super) fn find(state: &Value, path: &str) -> Result<Self, String> {
        let (mut here, mut rest, mut steps) = (state, path, Vec::new());
        while !rest.is_empty() {
            let (step, next, length) = match here {
                Value::Object(table) => {
                    let key = rest.split('.').next().unwrap_or(rest);
                    let next = table.get(key).ok_or_else(|| nothing(key, table.keys().cloned()))?;
                    (Step::Key(key.to_owned()), next, key.len())
                }
                Value::Array(list) => {
                    let names = || list.iter().filter_map(|element| element.get("name")?.as_str());
                    let begins = |name: &str| {
                        rest.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                    };
                    let found = list.iter().enumerate().find_map(|(index, element)| {
                        let name = element.get("name")?.as_str().filter(|name| begins(name))?;
                        Some((Step::Index(index), element, name.len()))
                    });
                    found.ok_or_else(|| nothing(rest, names().map(str::to_owned)))?
                }
                _ => return Err(format!("nothing lies below it at {rest}")),
            };
            steps.push(step);
            here = next;
            rest = rest[length..].trim_start_matches('.');
        }
        if steps.is_empty() { Err("it is empty".to_owned()) } else { Ok(Self(steps)) }
    }

    /// What stands there.
    pub(super) fn get<'a>(&self, state: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(state, |here, step| match step {
            Step::Key(key) => here.get(key),
            Step::Index(index) => here.get(index),
        })
    }

    /// Puts something there; nothing happens where its parent is absent.
    pub(super) fn set(&self, state: &mut Value, value: Value) {
        let slot = self.0.iter().try_fold(state, |here, step| match step {
            Step::Key(key) => here.get_mut(key),
            Step::Index(index) => here.get_mut(*index),
        });
        if let Some(slot) = slot {
            *slot = value;
        }
    }
}

fn nothing(wanted: &str, there: impl Iterator<Item = String>) -> String {
    let there: Vec<_> = there.collect();
    format!(
        "there is no {wanted}, only {}",
        if there.is_empty() { "nothing".into() } else { there.join(", ") }
    )
}

/// Takes away what is absent: keys without a value, and gone elements of lists.
pub(super) fn prune(state: &mut Value) {
    match state {
        Value::Object(table) => {
            table.retain(|_, value| !value.is_null());
            table.values_mut().for_each(prune);
        }
        Value::Array(list) => {
            list.retain(|value| !value.is_null());
            list.iter_mut().for_each(prune);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_place_goes_through_lists_by_name_also_when_names_have_dots() {
        let state = json!({ "coolers": [{ "name": "gpu", "state": 1 }, { "name": "devfreq-fde60000.gpu", "state": 2 }] });
        let place = Place::find(&state, "coolers.devfreq-fde60000.gpu.state").unwrap();
        assert_eq!(place.get(&state), Some(&json!(2)));
        let error = Place::find(&state, "coolers.fan.state").unwrap_err();
        assert_eq!(error, "there is no fan.state, only gpu, devfreq-fde60000.gpu");
        assert_eq!(Place::find(&state, "heaters").unwrap_err(), "there is no heaters, only coolers");
        assert!(Place::find(&state, "coolers.gpu.state.more").is_err());
        assert!(Place::find(&state, "").is_err());
    }

    #[test]
    fn what_is_absent_is_taken_away() {
        let mut state = json!({ "zones": [null, { "name": "cpu", "millidegrees": null }], "fan": null });
        prune(&mut state);
        assert_eq!(state, json!({ "zones": [{ "name": "cpu" }] }));
    }
}
