//! Any order of messages, sendings, acknowledgements, crashes and failing
//! disks: what was promised reaches a consumer who dedupes, in order, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use lectern_store::StoreError;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::shelf::{Changes, Pair, Room, Shelf};
use super::{at, event_topic, numbers};
use crate::outbox::{Class, EntryId, Limits, Outbox, OutboxError};

/// How the next commit goes wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Failure {
    /// Nothing of it is durable.
    Before,
    /// All of it is, and nobody says so.
    After,
}

#[derive(Debug, Default)]
struct Disk {
    content: BTreeMap<(Room, Vec<u8>), Vec<u8>>,
    failure: Option<Failure>,
}

/// A disk in memory; it outlives the outbox.
#[derive(Debug, Clone, Default)]
struct SharedDisk(Arc<Mutex<Disk>>);

impl Shelf for SharedDisk {
    fn commit(&mut self, changes: &Changes) -> Result<(), StoreError> {
        let mut disk = self.0.lock().unwrap();
        let failure = disk.failure.take();
        if failure != Some(Failure::Before) {
            for (key, value) in changes {
                match value {
                    Some(value) => drop(disk.content.insert(key.clone(), value.clone())),
                    None => drop(disk.content.remove(key)),
                }
            }
        }
        match failure {
            None => Ok(()),
            Some(_) => Err(StoreError::Unavailable { path: "/memory".into() }),
        }
    }

    fn get(&self, room: Room, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.lock().unwrap().content.get(&(room, key.to_vec())).cloned())
    }

    fn all(&self, room: Room) -> Result<Vec<Pair>, StoreError> {
        let disk = self.0.lock().unwrap();
        let of_room = disk.content.iter().filter(|((its, _), _)| *its == room);
        Ok(of_room.map(|((_, key), value)| (key.clone(), value.clone())).collect())
    }

    fn tidy(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[derive(Debug, Clone)]
enum Step {
    Push(Class, usize),
    Measure,
    Send(usize),
    /// One of those under way, by its place among them.
    Acknowledge(usize),
    /// The connection ends, and the broker has forgotten the session.
    Disconnect,
    Commit,
    Fail(Failure),
    Crash {
        lost_something: bool,
    },
    Hours(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (prop_oneof![Just(Class::Alarm), Just(Class::Event)], 0_usize..5000)
            .prop_map(|(class, bytes)| Step::Push(class, bytes)),
        2 => Just(Step::Measure),
        4 => (1_usize..9).prop_map(Step::Send),
        4 => (0_usize..8).prop_map(Step::Acknowledge),
        1 => Just(Step::Disconnect),
        1 => Just(Step::Commit),
        1 => prop_oneof![Just(Failure::Before), Just(Failure::After)].prop_map(Step::Fail),
        1 => prop_oneof![9 => Just(false), 1 => Just(true)]
            .prop_map(|lost_something| Step::Crash { lost_something }),
        1 => (1_i64..48).prop_map(Step::Hours),
    ]
}

/// The box, the broker behind it, and what was promised.
struct World {
    disk: SharedDisk,
    outbox: Outbox,
    under_way: Vec<EntryId>,
    since: u64,
    now: Timestamp,
    /// Taken and durable: (class, number of the push).
    promised: Vec<(Class, u64)>,
    pushed: u64,
    /// What came to the broker, in order, by (epoch, sequence).
    arrived: Vec<((String, u64), Class, u64)>,
}

const LIMITS: Limits = Limits { total_bytes: 24 << 10, measurement_bytes: 4 << 10 };

impl World {
    fn new() -> Self {
        let disk = SharedDisk::default();
        let outbox = Outbox::on(Box::new(disk.clone()), LIMITS, false).unwrap();
        Self {
            disk,
            outbox,
            under_way: Vec::new(),
            since: 0,
            now: at(super::MORNING),
            promised: Vec::new(),
            pushed: 0,
            arrived: Vec::new(),
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Push(class, bytes) => self.push(*class, *bytes),
            Step::Measure => {
                let (topic, measurement) = numbers(self.now);
                self.outbox.push_measurement(&topic, &measurement, self.now).unwrap();
            }
            Step::Send(count) => self.send(*count),
            Step::Acknowledge(which) => {
                if *which < self.under_way.len() {
                    let id = self.under_way.remove(*which);
                    self.outbox.acknowledged(id);
                }
            }
            Step::Disconnect => {
                self.under_way.clear();
                self.since = self.outbox.next_place();
            }
            Step::Commit => drop(self.outbox.tidy(self.now)),
            Step::Fail(failure) => self.disk.0.lock().unwrap().failure = Some(*failure),
            Step::Crash { lost_something } => {
                self.under_way.clear();
                self.disk.0.lock().unwrap().failure = None;
                let disk = Box::new(self.disk.clone());
                self.outbox = Outbox::on(disk, LIMITS, *lost_something).unwrap();
                self.since = self.outbox.next_place();
            }
            Step::Hours(hours) => self.now += SignedDuration::from_hours(*hours),
        }
        let (events, measurements) = (self.outbox.event_bytes, self.outbox.measurement_bytes);
        assert!(events + measurements <= LIMITS.total_bytes && measurements <= LIMITS.measurement_bytes);
        self.outbox.count_bytes();
        assert_eq!((events, measurements), (self.outbox.event_bytes, self.outbox.measurement_bytes));
    }

    fn push(&mut self, class: Class, bytes: usize) {
        self.pushed += 1;
        let body = json!({ "push": self.pushed, "text": "x".repeat(bytes) });
        match self.outbox.push_event(class, &event_topic(), self.now, &body) {
            Ok(()) => self.promised.push((class, self.pushed)),
            Err(OutboxError::Full { bytes: full, .. }) => {
                // Only beside events that really fill it.
                assert!(full + bytes + 400 > LIMITS.total_bytes, "refused at {full} with {bytes}");
                assert_eq!(self.outbox.measurement_bytes, 0);
            }
            Err(OutboxError::Store(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }

    fn send(&mut self, count: usize) {
        let under_way: BTreeSet<EntryId> = self.under_way.iter().copied().collect();
        let room = count.min(8_usize.saturating_sub(under_way.len()));
        for message in self.outbox.waiting(&under_way, room, self.since).unwrap() {
            self.under_way.push(message.id);
            if message.id.class == Class::Measurement {
                continue;
            }
            let payload: Value = serde_json::from_slice(&message.payload).unwrap();
            let stamp =
                (payload["epoch"].as_str().unwrap().to_owned(), payload["sequence"].as_u64().unwrap());
            self.arrived.push((stamp, message.id.class, payload["push"].as_u64().unwrap()));
        }
    }

    /// The disk is well, the link stays: everything goes out.
    fn drain(&mut self) {
        self.disk.0.lock().unwrap().failure = None;
        self.under_way.clear();
        self.outbox.commit().unwrap();
        while !self.outbox.is_empty() {
            self.send(8);
            for id in std::mem::take(&mut self.under_way) {
                self.outbox.acknowledged(id);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn whoever_dedupes_gets_every_event_once_and_in_order(steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
        }
        world.drain();
        // One stamp, one event, however often it came; and no event has two.
        let mut by_stamp = BTreeMap::new();
        let mut by_push = BTreeMap::new();
        let mut once: Vec<(Class, u64)> = Vec::new();
        for (stamp, class, push) in &world.arrived {
            let known = by_stamp.insert(stamp.clone(), *push);
            prop_assert!(known.is_none_or(|known| known == *push), "{stamp:?} is two events");
            let stamped = by_push.insert(*push, stamp.clone());
            prop_assert!(stamped.is_none_or(|known| known == *stamp), "event {push} has two stamps");
            if known.is_none() {
                once.push((*class, *push));
            }
        }
        for class in [Class::Alarm, Class::Event] {
            let of_class = |list: &[(Class, u64)]| -> Vec<u64> {
                list.iter().filter(|(its, _)| *its == class).map(|(_, push)| *push).collect()
            };
            let arrived = of_class(&once);
            prop_assert!(arrived.is_sorted(), "{class:?} {arrived:?}");
            let missing: Vec<u64> =
                of_class(&world.promised).into_iter().filter(|push| !arrived.contains(push)).collect();
            prop_assert!(missing.is_empty(), "{class:?} lost {missing:?}");
        }
        // The disk holds nothing for nobody.
        world.outbox.commit().unwrap();
        prop_assert_eq!(world.disk.all(Room::Entries).unwrap().len(), 0);
    }
}
