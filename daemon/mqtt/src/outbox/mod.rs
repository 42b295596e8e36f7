//! What waits for the broker, durable in a database of its own.
//!
//! - **Events** (alarms and others) are durable before they are sent and leave on
//!   their acknowledgement only. Each has a number of its own within an epoch; the
//!   number is durable before it is seen by anybody, so that it never comes twice
//!   for two events. A database that lost something begins a new epoch.
//! - **Measurements** are worth less the older they are: thinned and given up
//!   after a rule (`thinning.rs`). They lie in memory until the next commit.
//! - **Order** is alarms, events, measurements; within each, as they came.
//! - **Room** is bounded. Measurements make way for events; an event that does
//!   not fit beside events alone is refused, and its number is missing for
//!   everybody to see.
//!
//! Every call blocks on the disk: not for an async thread.

mod alarms;
mod commands;
mod entry;
mod sending;
mod shelf;
mod thinning;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use jiff::Timestamp;
use lectern_api::mqtt::{Measurement, Topic};
use lectern_store::{Opened, StoreError};
use serde::Serialize;
use serde_json::{Map, Value, json};

pub use self::alarms::AlarmRecord;
pub use self::entry::{Class, EntryId, MAX_BODY_BYTES};
use self::entry::{Entry, Head};
pub use self::sending::Waiting;
use self::shelf::{Changes, Database, Room, Shelf};
use crate::commands::Noted;

/// What an outbox may take, in bytes of keys and values. On the disk the
/// database takes up to three times that, and at least 16 MiB.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// All together.
    pub total_bytes: usize,
    /// What of it measurements may take.
    pub measurement_bytes: usize,
}

impl Default for Limits {
    /// 8 MiB are some 7000 alarms: a year without a link at twenty a day.
    fn default() -> Self {
        Self { total_bytes: 8 << 20, measurement_bytes: 2 << 20 }
    }
}

/// Why something is not in the outbox.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The database refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Events alone fill the outbox.
    #[error("the outbox is full of events that no broker took ({bytes} bytes); event {sequence} is lost")]
    Full {
        /// What they take.
        bytes: usize,
        /// The number that will be missing.
        sequence: u64,
    },
    /// A message is longer than [`MAX_BODY_BYTES`].
    #[error("a message of {bytes} bytes for {topic} is above the limit of {MAX_BODY_BYTES}; shorten it")]
    TooLarge {
        /// Its topic.
        topic: String,
        /// Its length.
        bytes: usize,
    },
    /// What lies there is no entry, or a message is no JSON object.
    #[error("a message of the outbox cannot be understood: {0}; it is left out")]
    Unreadable(String),
    /// The kernel gave no random bytes.
    #[error("the system gives no random bytes: {0}; without them the outbox cannot tell its numbers apart")]
    Random(getrandom::Error),
}

/// What is known of an entry without reading it.
#[derive(Debug, Clone)]
struct Known {
    bytes: usize,
    pieces: u8,
    /// The topic of a measurement; empty for events.
    series: String,
    time_ms: i64,
}

/// The outbox.
pub struct Outbox {
    shelf: Box<dyn Shelf>,
    limits: Limits,
    /// Every entry, durable or not.
    index: BTreeMap<EntryId, Known>,
    /// What is not durable yet.
    changes: Changes,
    /// A commit failed: some of `changes` may be durable all the same.
    is_doubtful: bool,
    event_bytes: usize,
    measurement_bytes: usize,
    epoch: String,
    /// The number that the next event gets.
    sequence: u64,
    place: u64,
    alarms: BTreeMap<String, AlarmRecord>,
    /// By topic.
    commands: BTreeMap<String, Noted>,
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox")
            .field("entries", &self.index.len())
            .field("epoch", &self.epoch)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

/// The fact that holds epoch and next number.
const COUNTER: &[u8] = b"counter";

impl Outbox {
    /// Opens the outbox in a folder of its own, which is made when missing. What
    /// is damaged is set aside; [`Opened`] says so, and a new epoch begins.
    ///
    /// # Errors
    /// [`OutboxError::Store`]: the files are untouched. [`OutboxError::Random`].
    pub fn open(folder: &Path, limits: Limits) -> Result<(Self, Opened), OutboxError> {
        let (database, opened) = Database::open(folder)?;
        let outbox = Self::on(Box::new(database), limits, opened.lost_something())?;
        Ok((outbox, opened))
    }

    fn on(shelf: Box<dyn Shelf>, limits: Limits, lost_something: bool) -> Result<Self, OutboxError> {
        let mut outbox = Self {
            limits,
            index: BTreeMap::new(),
            changes: Changes::new(),
            is_doubtful: false,
            event_bytes: 0,
            measurement_bytes: 0,
            epoch: String::new(),
            sequence: 1,
            place: 0,
            alarms: alarms::read(shelf.as_ref())?,
            commands: commands::read(shelf.as_ref())?,
            shelf,
        };
        for (key, value) in outbox.shelf.all(Room::Entries)? {
            outbox.find(&key, &value);
        }
        outbox.count_bytes();
        outbox.place = outbox.index.keys().map(|id| id.place + 1).max().unwrap_or(0);
        let counter = outbox.shelf.get(Room::Facts, COUNTER)?;
        match counter.and_then(|json| serde_json::from_slice::<(String, u64)>(&json).ok()) {
            Some((epoch, sequence)) if !lost_something => (outbox.epoch, outbox.sequence) = (epoch, sequence),
            _ => outbox.begin_epoch()?,
        }
        Ok(outbox)
    }

    fn begin_epoch(&mut self) -> Result<(), OutboxError> {
        self.epoch = format!("{:016x}", getrandom::u64().map_err(OutboxError::Random)?);
        self.sequence = 1;
        self.note_counter();
        self.commit()
    }

    fn note_counter(&mut self) {
        let counter = json!([self.epoch, self.sequence]).to_string();
        self.changes.insert((Room::Facts, COUNTER.to_vec()), Some(counter.into_bytes()));
    }

    /// Takes an entry that was found on the disk into the index; pieces behind
    /// the first only add to it.
    fn find(&mut self, key: &[u8], value: &[u8]) {
        let bytes = key.len() + value.len();
        let found = EntryId::of_key(key);
        match found.map(|(id, piece)| (id, piece, self.index.get_mut(&id))) {
            Some((_, 1.., Some(known))) => known.bytes += bytes,
            Some((id, 0, _)) if let Some(head) = readable(value) => {
                self.index.insert(id, Known::of(id, &head, bytes));
            }
            _ => {
                tracing::error!(?found, "what is no entry is taken out of the outbox");
                self.changes.insert((Room::Entries, key.to_vec()), None);
            }
        }
    }

    fn count_bytes(&mut self) {
        let of = |is_event: bool| {
            let same = self.index.iter().filter(|(id, _)| (id.class != Class::Measurement) == is_event);
            same.map(|(_, known)| known.bytes).sum()
        };
        (self.event_bytes, self.measurement_bytes) = (of(true), of(false));
    }

    /// Epoch and number of the newest event; 0 before the first one.
    #[must_use]
    pub fn newest(&self) -> (&str, u64) {
        (&self.epoch, self.sequence - 1)
    }

    /// Takes an event in: `body` is its payload without epoch and sequence, which
    /// are added. When this returns it is durable.
    ///
    /// # Errors
    /// [`OutboxError::Full`], [`OutboxError::TooLarge`], [`OutboxError::Unreadable`]:
    /// it is not taken. [`OutboxError::Store`]: it is taken, is tried again with
    /// the next commit, and is sent only when it is durable.
    pub fn push_event(
        &mut self,
        class: Class,
        topic: &Topic,
        time: Timestamp,
        body: &impl Serialize,
    ) -> Result<(), OutboxError> {
        self.take_event(class, topic, time, body)?;
        self.commit()
    }

    /// As [`Self::push_event`], without making it durable.
    fn take_event(
        &mut self,
        class: Class,
        topic: &Topic,
        time: Timestamp,
        body: &impl Serialize,
    ) -> Result<(), OutboxError> {
        let unreadable = |error: serde_json::Error| OutboxError::Unreadable(error.to_string());
        let mut object: Map<String, Value> =
            serde_json::to_value(body).and_then(serde_json::from_value).map_err(unreadable)?;
        object.insert("epoch".to_owned(), self.epoch.clone().into());
        object.insert("sequence".to_owned(), self.sequence.into());
        let body = serde_json::to_vec(&object).map_err(unreadable)?;
        let entry = Entry::new(topic, time, Some((self.epoch.clone(), self.sequence)), body)?;
        let id = EntryId { class, place: self.place };
        let bytes = size(id, &entry)?;
        self.make_room(bytes);
        let sequence = self.sequence;
        self.sequence += 1;
        self.note_counter();
        if self.event_bytes + bytes > self.limits.total_bytes {
            return Err(OutboxError::Full { bytes: self.event_bytes, sequence });
        }
        self.put(id, &entry, bytes)
    }

    /// Takes a measurement in. It becomes durable with whatever is committed next.
    ///
    /// # Errors
    /// [`OutboxError::TooLarge`]: it is not taken.
    pub fn push_measurement(
        &mut self,
        topic: &Topic,
        measurement: &Measurement,
        now: Timestamp,
    ) -> Result<(), OutboxError> {
        let body = serde_json::to_vec(measurement).map_err(|e| OutboxError::Unreadable(e.to_string()))?;
        let entry = Entry::new(topic, measurement.time, None, body)?;
        let id = EntryId { class: Class::Measurement, place: self.place };
        let bytes = size(id, &entry)?;
        let limit =
            self.limits.measurement_bytes.min(self.limits.total_bytes.saturating_sub(self.event_bytes));
        if self.measurement_bytes + bytes > limit {
            self.thin(now);
        }
        while self.measurement_bytes + bytes > limit {
            let Some(oldest) = self.oldest_measurement() else { return Ok(()) };
            self.remove(oldest);
        }
        self.put(id, &entry, bytes)
    }

    /// Lets the oldest measurements go until so much fits.
    fn make_room(&mut self, bytes: usize) {
        while self.event_bytes + self.measurement_bytes + bytes > self.limits.total_bytes {
            let Some(oldest) = self.oldest_measurement() else { return };
            self.remove(oldest);
        }
    }

    fn oldest_measurement(&self) -> Option<EntryId> {
        let first = EntryId { class: Class::Measurement, place: 0 };
        self.index.range(first..).next().map(|(id, _)| *id)
    }

    fn put(&mut self, id: EntryId, entry: &Entry, bytes: usize) -> Result<(), OutboxError> {
        for (piece, value) in (0..).zip(entry.values()?) {
            self.changes.insert((Room::Entries, id.key(piece).to_vec()), Some(value));
        }
        self.place = self.place.max(id.place + 1);
        self.index.insert(id, Known::of(id, &entry.head, bytes));
        *self.bytes_of(id.class) += bytes;
        Ok(())
    }

    fn bytes_of(&mut self, class: Class) -> &mut usize {
        if class == Class::Measurement { &mut self.measurement_bytes } else { &mut self.event_bytes }
    }

    fn remove(&mut self, id: EntryId) {
        let Some(known) = self.index.remove(&id) else { return };
        *self.bytes_of(id.class) -= known.bytes;
        for piece in 0..known.pieces {
            let key = (Room::Entries, id.key(piece).to_vec());
            // A healthy box sends its measurements before they see the disk: then
            // nothing is written at all.
            let never_written = !self.is_doubtful && self.changes.remove(&key).is_some();
            if !never_written {
                self.changes.insert(key, None);
            }
        }
    }

    /// The broker has it: it leaves, durably with the next commit. One that is
    /// not there is fine.
    pub fn acknowledged(&mut self, id: EntryId) {
        self.remove(id);
    }

    /// Thins and expires measurements.
    pub fn thin(&mut self, now: Timestamp) {
        let first = EntryId { class: Class::Measurement, place: 0 };
        let measurements = self.index.range(first..);
        let gone = thinning::superfluous(
            measurements.map(|(id, known)| (*id, known.series.as_str(), known.time_ms)),
            now,
        );
        gone.into_iter().for_each(|id| self.remove(id));
    }

    /// Makes everything durable that is not.
    ///
    /// # Errors
    /// The disk's; nothing is lost as long as the process lives, and the next
    /// commit tries again.
    pub fn commit(&mut self) -> Result<(), OutboxError> {
        if self.changes.is_empty() {
            return Ok(());
        }
        self.is_doubtful = true;
        self.shelf.commit(&self.changes)?;
        self.is_doubtful = false;
        self.changes.clear();
        Ok(())
    }

    /// Commits, and gives room back that deleted entries still take.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub fn tidy(&mut self, now: Timestamp) -> Result<(), OutboxError> {
        self.thin(now);
        self.commit()?;
        self.shelf.tidy()?;
        Ok(())
    }

    /// Messages that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The place that the next entry gets.
    #[must_use]
    pub fn next_place(&self) -> u64 {
        self.place
    }
}

impl Known {
    fn of(id: EntryId, head: &Head, bytes: usize) -> Self {
        let is_measurement = id.class == Class::Measurement;
        Self {
            bytes,
            pieces: head.pieces,
            series: if is_measurement { head.topic.clone() } else { String::new() },
            time_ms: head.time_ms,
        }
    }
}

/// The head of an entry that can be sent.
fn readable(value: &[u8]) -> Option<Head> {
    Entry::split(value).ok().map(|(head, _)| head).filter(|head| Topic::parse(&head.topic).is_some())
}

fn size(id: EntryId, entry: &Entry) -> Result<usize, OutboxError> {
    let key = id.key(0).len();
    Ok(entry.values()?.iter().map(|value| value.len() + key).sum())
}

#[cfg(test)]
mod tests;
