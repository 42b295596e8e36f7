//! What a box may say at a broker: the published AsyncAPI document, held against
//! every message that is heard.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Value, json};

const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference/asyncapi.json");

/// The document.
#[derive(Debug)]
pub(super) struct Contract {
    channels: Vec<Channel>,
}

/// One kind of message.
#[derive(Debug)]
struct Channel {
    key: String,
    /// Segments behind `<root>/device/<id>/`; `{…}` is any one.
    address: Vec<String>,
    /// Whether the box sends it.
    is_sent: bool,
    is_retained: bool,
    payload: Validator,
}

impl Contract {
    /// As it is published.
    ///
    /// # Panics
    /// When the document is not one.
    pub(super) fn published() -> &'static Self {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT.get_or_init(|| {
            let text = std::fs::read_to_string(PUBLISHED).expect("docs/reference/asyncapi.json is there");
            Self::read(&serde_json::from_str(&text).expect("the document is JSON"))
        })
    }

    fn read(document: &Value) -> Self {
        let channels = document["channels"].as_object().expect("channels").iter().map(|(key, channel)| {
            let address = channel["address"].as_str().expect("an address");
            let operation = &document["operations"][key];
            let schema = json!({
                "$schema": "http://json-schema.org/draft-07/schema#",
                "allOf": [document["components"]["messages"][key]["payload"]],
                "components": document["components"],
            });
            Channel {
                key: key.clone(),
                address: address.split('/').skip(3).map(str::to_owned).collect(),
                is_sent: operation["action"] == "send",
                is_retained: operation["bindings"]["mqtt"]["retain"] == true,
                payload: jsonschema::validator_for(&schema).expect("a schema"),
            }
        });
        Self { channels: channels.collect() }
    }

    /// Which message of the document it is. `rest` is the topic behind
    /// `<root>/device/<id>/`. Nothing for a command on its way to the box, which is
    /// not the box's to get right.
    ///
    /// # Errors
    /// How it differs from all of them.
    pub(super) fn check(&self, rest: &str, payload: &[u8], is_kept: bool) -> Result<Option<&str>, String> {
        let segments: Vec<&str> = rest.split('/').collect();
        let fits = self.channels.iter().filter(|channel| channel.is_sent && channel.is_at(&segments));
        // `//e/alarm` is more of an address than `//e/{type}`.
        let Some(channel) = fits.max_by_key(|channel| channel.literal()) else {
            return Err(format!("{rest}: the document has no such topic"));
        };
        if payload.is_empty() {
            let says = || format!("{rest}: empty, and nothing that a broker keeps");
            return channel.is_retained.then_some(Some(&*channel.key)).ok_or_else(says);
        }
        let said: Value = serde_json::from_slice(payload).map_err(|error| format!("{rest}: {error}"))?;
        if channel.key == "answer" && said["status"] == "init" {
            return Ok(None);
        }
        if is_kept && !channel.is_retained {
            return Err(format!("{rest}: kept by the broker, and should not be: {said}"));
        }
        let errors: Vec<String> =
            channel.payload.iter_errors(&said).map(|e| format!("{}: {e}", e.instance_path())).collect();
        match errors.as_slice() {
            [] => Ok(Some(&channel.key)),
            errors => Err(format!("{rest} is no {}: {} in {said}", channel.key, errors.join("; "))),
        }
    }
}

impl Channel {
    fn is_at(&self, segments: &[&str]) -> bool {
        let is_one = |(template, segment): (&String, &&str)| {
            if template.starts_with('{') { !segment.is_empty() } else { template == segment }
        };
        self.address.len() == segments.len() && self.address.iter().zip(segments).all(is_one)
    }

    fn literal(&self) -> usize {
        self.address.iter().filter(|segment| !segment.starts_with('{')).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rest: &str, payload: &str, is_kept: bool) -> Result<Option<&'static str>, String> {
        Contract::published().check(rest, payload.as_bytes(), is_kept)
    }

    #[test]
    fn each_message_is_held_against_the_closest_address() {
        assert_eq!(
            check("//twin/software", r#"{"name":"lectern","version":"1"}"#, true),
            Ok(Some("software"))
        );
        let event = r#"{"text":"a","text_zh":"b","time":"2026-03-02T00:04:10Z","epoch":"e","sequence":1}"#;
        assert_eq!(check("//e/begun", event, false), Ok(Some("event")));
        let error = check("//e/alarm", event, false).unwrap_err();
        assert!(error.contains("no alarm_event"), "{error}");
        assert_eq!(check("service/camera/a/camera.lost", "", true), Ok(Some("alarm")));
    }

    #[test]
    fn what_the_document_does_not_have_is_refused() {
        for (rest, payload, is_kept) in [
            ("//x/y", "{}", false),
            ("//twin/software", r#"{"name":"lectern"}"#, true),
            ("//twin/software", "{", true),
            ("//e/begun", "", false),
            ("//m/hardware", r#"{"time":"2026-03-02T00:04:10Z","a":1.5}"#, true),
            ("//m/hardware", r#"{"time":"2026-03-02T00:04:10Z","a":"hot"}"#, false),
        ] {
            assert!(check(rest, payload, is_kept).is_err(), "{rest} {payload}");
        }
    }

    #[test]
    fn a_command_on_its_way_to_the_box_may_be_as_wrong_as_it_likes() {
        assert_eq!(check("//cmd/fly/1", r#"{"status":"init","wings":0}"#, true), Ok(None));
        assert!(check("//cmd/fly/1", r#"{"status":"failed"}"#, true).is_err());
    }
}
