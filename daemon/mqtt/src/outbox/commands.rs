//! What is known of commands: durable before one is carried out, so that it is
//! not carried out again after a restart.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lectern_api::mqtt::Topic;

use super::shelf::{Room, Shelf};
use super::{Outbox, OutboxError};
use crate::commands::Noted;

/// Before the topic in each key.
const PREFIX: &str = "command/";

pub(super) fn read(shelf: &dyn Shelf) -> Result<BTreeMap<String, Noted>, OutboxError> {
    let mut commands = BTreeMap::new();
    for (key, value) in shelf.all(Room::Facts)? {
        let Some(topic) = std::str::from_utf8(&key).ok().and_then(|key| key.strip_prefix(PREFIX)) else {
            continue;
        };
        match serde_json::from_slice(&value) {
            Ok(noted) => drop(commands.insert(topic.to_owned(), noted)),
            Err(error) => tracing::error!(%error, topic, "what was known of a command cannot be read"),
        }
    }
    Ok(commands)
}

impl Outbox {
    /// What is known of a command.
    #[must_use]
    pub fn noted(&self, topic: &Topic) -> Option<&Noted> {
        self.commands.get(&topic.to_string())
    }

    /// Commands that were begun and never answered: what the daemon's end cut
    /// off. By then the broker keeps the box's own `executing` in place of what
    /// was asked, so nobody asks again.
    #[must_use]
    pub fn unanswered(&self) -> Vec<(Topic, Noted)> {
        let open = self.commands.iter().filter(|(_, noted)| noted.answer.is_none());
        open.filter_map(|(topic, noted)| Some((Topic::parse(topic)?, noted.clone()))).collect()
    }

    /// Notes a command, durably. Those that nobody has wanted since `forget` are
    /// forgotten.
    ///
    /// # Errors
    /// The disk's, or an answer longer than 4 KiB: it is noted for this life of
    /// the daemon only.
    pub fn note_command(
        &mut self,
        topic: &Topic,
        noted: Noted,
        forget: Timestamp,
    ) -> Result<(), OutboxError> {
        let old: Vec<String> = self
            .commands
            .iter()
            .filter(|(_, noted)| noted.valid_until < forget)
            .map(|(topic, _)| topic.clone())
            .collect();
        for topic in old {
            self.commands.remove(&topic);
            self.changes.insert((Room::Facts, format!("{PREFIX}{topic}").into_bytes()), None);
        }
        let json = serde_json::to_vec(&noted).map_err(|error| OutboxError::Unreadable(error.to_string()))?;
        let topic = topic.to_string();
        self.commands.insert(topic.clone(), noted);
        if json.len() > lectern_store::MAX_VALUE_BYTES {
            return Err(OutboxError::TooLarge { topic, bytes: json.len() });
        }
        self.changes.insert((Room::Facts, format!("{PREFIX}{topic}").into_bytes()), Some(json));
        self.commit()
    }
}
