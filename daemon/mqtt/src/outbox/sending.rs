//! What goes out next, in the form in which it goes.

use std::collections::BTreeSet;

use lectern_api::mqtt::Topic;
use serde_json::{Map, Value, json};

use super::entry::Entry;
use super::shelf::Room;
use super::{Class, EntryId, Outbox, OutboxError};

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Which entry.
    pub id: EntryId,
    /// Where it goes.
    pub topic: Topic,
    /// What it says, JSON.
    pub payload: Vec<u8>,
}

impl Outbox {
    /// Up to `count` messages in the order of sending, without those that are
    /// under way and without events that are not durable. Events that were taken
    /// before the place `since` are marked as historical.
    ///
    /// # Errors
    /// The disk's.
    pub fn waiting(
        &mut self,
        under_way: &BTreeSet<EntryId>,
        count: usize,
        since: u64,
    ) -> Result<Vec<Waiting>, OutboxError> {
        let is_durable = |id: &EntryId| !self.changes.contains_key(&(Room::Entries, id.key(0).to_vec()));
        let ready = self
            .index
            .iter()
            .filter(|(id, _)| !under_way.contains(id) && (id.class == Class::Measurement || is_durable(id)));
        let ready: Vec<(EntryId, u8)> = ready.take(count).map(|(id, known)| (*id, known.pieces)).collect();
        let mut waiting = Vec::new();
        for (id, pieces) in ready {
            match self.read(id, pieces, id.place < since) {
                Ok(message) => waiting.push(message),
                Err(OutboxError::Unreadable(error)) => {
                    tracing::error!(error, ?id, "what cannot be read is taken out of the outbox");
                    self.remove(id);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(waiting)
    }

    fn value(&self, id: EntryId, piece: u8) -> Result<Vec<u8>, OutboxError> {
        let key = id.key(piece);
        let fresh = self.changes.get(&(Room::Entries, key.to_vec())).cloned().flatten();
        let value = match fresh {
            Some(value) => Some(value),
            None => self.shelf.get(Room::Entries, &key)?,
        };
        value.ok_or_else(|| OutboxError::Unreadable(format!("piece {piece} of {id:?} is missing")))
    }

    fn read(&self, id: EntryId, pieces: u8, is_historical: bool) -> Result<Waiting, OutboxError> {
        let first = self.value(id, 0)?;
        let (head, body) = Entry::split(&first)?;
        let mut payload = body.to_vec();
        for piece in 1..pieces {
            payload.extend(self.value(id, piece)?);
        }
        let topic = Topic::parse(&head.topic)
            .ok_or_else(|| OutboxError::Unreadable(format!("no topic: {}", head.topic)))?;
        if is_historical && id.class != Class::Measurement {
            payload = historical(&payload)?;
        }
        Ok(Waiting { id, topic, payload })
    }
}

/// The same event, marked as one that happened before.
fn historical(payload: &[u8]) -> Result<Vec<u8>, OutboxError> {
    let unreadable = |error: serde_json::Error| OutboxError::Unreadable(error.to_string());
    let mut object: Map<String, Value> = serde_json::from_slice(payload).map_err(unreadable)?;
    let properties = object.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        properties.insert("historical".to_owned(), true.into());
    }
    serde_json::to_vec(&object).map_err(unreadable)
}
