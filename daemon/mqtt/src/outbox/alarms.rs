//! What is known of alarms, durable together with the events that tell of them:
//! neither a raise without its record nor a record without its raise survives a
//! power cut.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use lectern_api::Name;
use lectern_api::fault::Fault;
use lectern_api::mqtt::{
    Alarm, AlarmChange, AlarmEvent, Channel, Event, OpenAlarm, OpenAlarms, Properties, Topic,
};
use serde::{Deserialize, Serialize};

use super::shelf::{Room, Shelf};
use super::{Class, Outbox, OutboxError};

/// Before the key of each record.
const PREFIX: &str = "alarm/";
/// So long after its end an alarm that comes again is counted on.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How often at most the words of an open alarm change: many count minutes, and
/// each change is written and sent. A new step of repair changes them at once.
const REWORDED: SignedDuration = SignedDuration::from_mins(15);

/// What is known of one alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmRecord {
    /// The part of the box that it is about.
    pub unit: Name,
    /// As it was told last.
    pub alarm: Alarm,
    /// When it was over; nothing while it is not.
    pub cleared: Option<Timestamp>,
    /// When this was noted.
    noted: Timestamp,
}

pub(super) fn read(shelf: &dyn Shelf) -> Result<BTreeMap<String, AlarmRecord>, OutboxError> {
    let mut records = BTreeMap::new();
    for (key, value) in shelf.all(Room::Facts)? {
        let Some(key) = std::str::from_utf8(&key).ok().and_then(|key| key.strip_prefix(PREFIX)) else {
            continue;
        };
        match serde_json::from_slice(&value) {
            Ok(record) => drop(records.insert(key.to_owned(), record)),
            Err(error) => tracing::error!(%error, key, "what was known of an alarm cannot be read"),
        }
    }
    Ok(records)
}

impl Outbox {
    /// Compares what is wrong now with what was told (faults that are over are
    /// as good as absent), and takes an event in for
    /// each difference. Returns how many alarms are not as they were. All of it
    /// becomes durable together.
    ///
    /// # Errors
    /// As of [`Outbox::push_event`]. After [`OutboxError::Full`] the alarms are
    /// noted all the same: the retained state stays true.
    pub fn compare(&mut self, faults: &[Fault], now: Timestamp) -> Result<usize, OutboxError> {
        let mut changed = 0;
        let mut refused = Ok(());
        let mut open = BTreeSet::new();
        for fault in faults.iter().filter(|fault| fault.until.is_none()) {
            let (Ok(unit), Ok(code)) = (Name::new(&fault.unit), Name::new(&fault.code)) else {
                tracing::error!(unit = fault.unit, code = fault.code, "a fault that is no alarm: not a name");
                continue;
            };
            let key = format!("{unit}/{code}");
            if !open.insert(key.clone()) {
                continue;
            }
            let former = self.alarms.get(&key).cloned();
            let (change, record) = self.seen(former.as_ref(), unit, code, fault, now);
            let is_due = |former: &AlarmRecord| {
                former.alarm.tried.len() != record.alarm.tried.len()
                    || former.alarm != record.alarm && now.duration_since(former.noted) >= REWORDED
            };
            if change.is_none() && !former.as_ref().is_some_and(is_due) {
                continue;
            }
            self.note(&key, Some(record.clone()))?;
            changed += 1;
            if let Some(change) = change {
                refused = refused.and(self.tell(change, &record, now));
            }
        }
        let over: Vec<String> = self
            .alarms
            .iter()
            .filter(|(key, record)| record.cleared.is_none() && !open.contains(*key))
            .map(|(key, _)| key.clone())
            .collect();
        for key in over {
            let Some(mut record) = self.alarms.get(&key).cloned() else { continue };
            (record.cleared, record.noted) = (Some(now), now);
            self.note(&key, Some(record.clone()))?;
            changed += 1;
            refused = refused.and(self.tell(AlarmChange::Cleared, &record, now));
        }
        self.forget(now)?;
        self.commit()?;
        refused.map(|()| changed)
    }

    /// What a fault is now, and what there is to tell of it.
    fn seen(
        &self,
        former: Option<&AlarmRecord>,
        unit: Name,
        code: Name,
        fault: &Fault,
        now: Timestamp,
    ) -> (Option<AlarmChange>, AlarmRecord) {
        let running = former.filter(|former| former.cleared.is_none());
        let mut alarm = Alarm {
            text: fault.text.en.clone(),
            text_zh: fault.text.zh.clone(),
            severity: fault.severity,
            time: fault.since,
            alarm_id: format!("{}-{}", self.epoch, self.sequence),
            code,
            first_occurred: former.map_or(fault.since, |former| former.alarm.first_occurred),
            count: former.map_or(0, |former| former.alarm.count).saturating_add(fault.count.max(1)),
            hint: fault.hint.en.clone(),
            hint_zh: fault.hint.zh.clone(),
            tried: fault.tried.clone(),
            part: fault.part,
        };
        let change = match running {
            None => Some(AlarmChange::Raised),
            Some(running) => {
                // A restart of the daemon finds the fault anew; it began before.
                alarm.time = running.alarm.time;
                alarm.alarm_id.clone_from(&running.alarm.alarm_id);
                alarm.count = running.alarm.count.max(fault.count);
                (running.alarm.severity != alarm.severity).then_some(AlarmChange::Changed)
            }
        };
        if running.is_none() && alarm.time > now {
            alarm.time = now;
        }
        (change, AlarmRecord { unit, alarm, cleared: None, noted: now })
    }

    fn note(&mut self, key: &str, record: Option<AlarmRecord>) -> Result<(), OutboxError> {
        let json = record.as_ref().map(serde_json::to_vec).transpose();
        let json = json.map_err(|error| OutboxError::Unreadable(error.to_string()))?;
        self.changes.insert((Room::Facts, format!("{PREFIX}{key}").into_bytes()), json);
        match record {
            Some(record) => drop(self.alarms.insert(key.to_owned(), record)),
            None => drop(self.alarms.remove(key)),
        }
        Ok(())
    }

    fn tell(
        &mut self,
        change: AlarmChange,
        record: &AlarmRecord,
        time: Timestamp,
    ) -> Result<(), OutboxError> {
        let alarm = record.alarm.clone();
        let event = Event {
            text: alarm.text.clone(),
            text_zh: alarm.text_zh.clone(),
            time: if change == AlarmChange::Raised { alarm.time } else { time },
            epoch: String::new(),
            sequence: 0,
            properties: Properties::default(),
        };
        let body = AlarmEvent { event, change, unit: record.unit.clone(), alarm };
        let kind = Name::new("alarm").map_err(|error| OutboxError::Unreadable(error.to_string()))?;
        self.take_event(Class::Alarm, &Topic::device(Channel::Event(kind)), time, &body)
    }

    /// Alarms that ended long ago begin to count anew.
    fn forget(&mut self, now: Timestamp) -> Result<(), OutboxError> {
        let is_old = |record: &AlarmRecord| {
            record.cleared.is_some_and(|cleared| now.duration_since(cleared) > REMEMBERED)
        };
        let old: Vec<String> =
            self.alarms.iter().filter(|(_, record)| is_old(record)).map(|(key, _)| key.clone()).collect();
        old.iter().try_for_each(|key| self.note(key, None))
    }

    /// The open alarms, each with its part of the box.
    pub fn open_alarms(&self) -> impl Iterator<Item = &AlarmRecord> {
        self.alarms.values().filter(|record| record.cleared.is_none())
    }

    /// The payload of `twin/alarms`.
    #[must_use]
    pub fn twin(&self, now: Timestamp) -> OpenAlarms {
        let alarms = self
            .open_alarms()
            .map(|record| OpenAlarm { unit: record.unit.clone(), alarm: record.alarm.clone() })
            .collect();
        OpenAlarms { time: now, epoch: self.epoch.clone(), sequence: self.sequence - 1, alarms }
    }
}
