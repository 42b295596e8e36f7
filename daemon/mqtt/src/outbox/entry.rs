//! One message that waits, as it lies in the database.
//!
//! Key: class (1), place (8, big endian), piece (1). Value of piece 0: a line of
//! JSON (topic, time, number of pieces, epoch and sequence of an event), then the
//! body as far as it fits; further pieces: the rest. A value of the store has at
//! most 4 KiB.

use jiff::Timestamp;
use lectern_api::mqtt::Topic;
use serde::{Deserialize, Serialize};

use super::OutboxError;

/// The largest body.
pub const MAX_BODY_BYTES: usize = 16 << 10;
/// Room for the line of JSON is left in the first piece.
const PIECE_BYTES: usize = 3 << 10;

/// What goes first, and what may be given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Raises and clears. Never given up.
    Alarm,
    /// What else happened. Never given up.
    Event,
    /// Numbers. Thinned with age, and the first to make room.
    Measurement,
}

impl Class {
    const ALL: [Self; 3] = [Self::Alarm, Self::Event, Self::Measurement];

    fn byte(self) -> u8 {
        match self {
            Self::Alarm => 0,
            Self::Event => 1,
            Self::Measurement => 2,
        }
    }
}

/// Which entry: in the order of sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// What kind of message.
    pub class: Class,
    /// Grows from entry to entry.
    pub(crate) place: u64,
}

impl EntryId {
    pub(super) fn key(self, piece: u8) -> [u8; 10] {
        let mut key = [0; 10];
        key[0] = self.class.byte();
        key[1..9].copy_from_slice(&self.place.to_be_bytes());
        key[9] = piece;
        key
    }

    /// The entry and the piece of a key; nothing for a key of another form.
    pub(super) fn of_key(key: &[u8]) -> Option<(Self, u8)> {
        let key: [u8; 10] = key.try_into().ok()?;
        let class = Class::ALL.into_iter().find(|class| class.byte() == key[0])?;
        let mut place = [0; 8];
        place.copy_from_slice(&key[1..9]);
        Some((Self { class, place: u64::from_be_bytes(place) }, key[9]))
    }
}

/// The line of JSON before the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// As [`Topic`] writes itself.
    #[serde(rename = "t")]
    pub(super) topic: String,
    /// Milliseconds of UTC.
    #[serde(rename = "at")]
    pub(super) time_ms: i64,
    #[serde(rename = "n")]
    pub(super) pieces: u8,
    /// Of an event.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub(super) stamp: Option<(String, u64)>,
}

/// A message that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
}

impl Entry {
    pub(super) fn new(
        topic: &Topic,
        time: Timestamp,
        stamp: Option<(String, u64)>,
        body: Vec<u8>,
    ) -> Result<Self, OutboxError> {
        if body.len() > MAX_BODY_BYTES {
            return Err(OutboxError::TooLarge { topic: topic.to_string(), bytes: body.len() });
        }
        let pieces = body.len().div_ceil(PIECE_BYTES).max(1);
        let pieces = u8::try_from(pieces).unwrap_or(u8::MAX);
        let head = Head { topic: topic.to_string(), time_ms: time.as_millisecond(), pieces, stamp };
        Ok(Self { head, body })
    }

    /// The values, by piece.
    pub(super) fn values(&self) -> Result<Vec<Vec<u8>>, OutboxError> {
        let unreadable = |error: serde_json::Error| OutboxError::Unreadable(error.to_string());
        let mut values: Vec<Vec<u8>> = self.body.chunks(PIECE_BYTES).map(<[u8]>::to_vec).collect();
        let mut first = serde_json::to_vec(&self.head).map_err(unreadable)?;
        first.push(b'\n');
        match values.first_mut() {
            Some(value) => {
                first.append(value);
                *value = first;
            }
            None => values.push(first),
        }
        Ok(values)
    }

    /// The head and the part of the body that stand in piece 0.
    pub(super) fn split(first: &[u8]) -> Result<(Head, &[u8]), OutboxError> {
        let end = first.iter().position(|byte| *byte == b'\n').unwrap_or(first.len());
        let head = serde_json::from_slice(&first[..end])
            .map_err(|error| OutboxError::Unreadable(error.to_string()))?;
        Ok((head, first.get(end + 1..).unwrap_or_default()))
    }
}
