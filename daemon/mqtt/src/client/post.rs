//! The unit that knows what is to be said: takes it to the disk, and sends it
//! while there is a connection, few at a time, retained state first.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lectern_api::Clock;
use lectern_api::fault::Fault;
use lectern_api::mqtt::{Answer, Channel, HealthState, Topic};
use rumqttc::{Packet, QoS, Subscribe, SubscribeFilter};
use serde::Serialize;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::caller::{Connection, publish};
use super::line::Heard;
use super::retained::Retained;
use super::window::{Load, Window};
use super::{News, Settings, Standing, Wanted};
use crate::outbox::{Class, Outbox, OutboxError, Waiting};

/// How often what was acknowledged leaves the disk, and measurements are thinned.
const TIDY: Duration = Duration::from_secs(60);
/// Answers that wait for a connection; commands come at its beginning.
const MOST_ANSWERS: usize = 64;

/// What the unit reads and writes.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) faults: watch::Receiver<Option<Vec<Fault>>>,
    pub(super) standing: watch::Receiver<Standing>,
    pub(super) news: mpsc::Receiver<News>,
    pub(super) answers: mpsc::Receiver<(Topic, Answer)>,
    pub(super) commands: mpsc::Sender<Wanted>,
}

/// Says what is to be said.
#[derive(Debug)]
pub struct Post {
    settings: Settings,
    outbox: Arc<Mutex<Outbox>>,
    clock: Arc<dyn Clock>,
    connected: mpsc::Receiver<Connection>,
    inputs: Inputs,
    connection: Option<Connection>,
    window: Window,
    retained: Retained,
    /// Of the box's own alarms, and `twin/alarms`.
    alarms: BTreeMap<Topic, Vec<u8>>,
    /// Of the connection's own service.
    health: BTreeMap<Topic, Vec<u8>>,
    /// Answers by their number, as long as the broker does not have them.
    answers: VecDeque<(u64, Topic, Vec<u8>)>,
    answered: u64,
    /// Places of the outbox before this were taken before the connection began.
    since: u64,
    /// Something may wait in the outbox.
    may_wait: bool,
    has_looked: bool,
}

/// What woke the unit.
enum Wake {
    Connected(Connection),
    Heard(Option<Heard>),
    Faults,
    Standing,
    News(News),
    Answer(Topic, Answer),
    Heartbeat,
    Tidy,
    Over,
}

impl Post {
    pub(super) fn new(
        settings: Settings,
        outbox: Arc<Mutex<Outbox>>,
        clock: Arc<dyn Clock>,
        connected: mpsc::Receiver<Connection>,
        inputs: Inputs,
    ) -> Self {
        Self {
            window: Window::new(settings.in_flight),
            settings,
            outbox,
            clock,
            connected,
            inputs,
            connection: None,
            retained: Retained::default(),
            alarms: BTreeMap::new(),
            health: BTreeMap::new(),
            answers: VecDeque::new(),
            answered: 0,
            since: 0,
            may_wait: true,
            has_looked: false,
        }
    }

    /// Says what is to be said until nobody listens or speaks any more.
    pub async fn run(&mut self) {
        let mut heartbeat = every(self.settings.heartbeat);
        let mut tidy = every(TIDY);
        self.look_at_alarms().await;
        loop {
            self.fill().await;
            let wake = self.wake(&mut heartbeat, &mut tidy).await;
            match wake {
                Wake::Connected(connection) => self.begin(connection).await,
                Wake::Heard(Some(heard)) => self.hear(heard).await,
                Wake::Heard(None) => self.lose(),
                Wake::Faults => self.compare().await,
                Wake::Standing => self.want(),
                Wake::News(news) => self.take(news).await,
                Wake::Answer(topic, answer) => self.answer(topic, &answer),
                Wake::Heartbeat => self.beat(),
                Wake::Tidy => self.tidy().await,
                Wake::Over => return,
            }
        }
    }

    async fn wake(&mut self, heartbeat: &mut Interval, tidy: &mut Interval) -> Wake {
        let inputs = &mut self.inputs;
        let heard = async {
            match &mut self.connection {
                Some(connection) => connection.heard.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            heard = heard => Wake::Heard(heard),
            connection = self.connected.recv() => connection.map_or(Wake::Over, Wake::Connected),
            Ok(()) = inputs.faults.changed() => Wake::Faults,
            Ok(()) = inputs.standing.changed() => Wake::Standing,
            Some(news) = inputs.news.recv() => Wake::News(news),
            Some((topic, answer)) = inputs.answers.recv() => Wake::Answer(topic, answer),
            _ = heartbeat.tick() => Wake::Heartbeat,
            _ = tidy.tick() => Wake::Tidy,
        }
    }

    /// Asks the outbox, on a thread that may wait for the disk.
    async fn ask<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&mut Outbox, jiff::Timestamp) -> Result<T, OutboxError> + Send + 'static,
    ) -> Option<T> {
        let (outbox, now) = (Arc::clone(&self.outbox), self.clock.utc());
        let work = move || work(&mut outbox.lock().unwrap_or_else(PoisonError::into_inner), now);
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(done)) => Some(done),
            Ok(Err(error)) => {
                tracing::error!(%error, doing, "the outbox");
                None
            }
            Err(error) => {
                tracing::error!(%error, doing, "the outbox broke down");
                None
            }
        }
    }

    async fn begin(&mut self, connection: Connection) {
        self.lose();
        self.since = self.ask("reading", |outbox, _| Ok(outbox.next_place())).await.unwrap_or(u64::MAX);
        let topics = self.settings.topics();
        // Without a session QoS 1 protects nothing, and a cluster of RabbitMQ binds
        // it to a node: when that died the box could not listen at another.
        let filter = |path| SubscribeFilter { path, qos: QoS::AtMostOnce };
        let mut subscribe = Subscribe::new_many([filter(topics.commands()), filter(topics.alarms())]);
        subscribe.pkid = self.window.free();
        self.connection = Some(connection);
        self.send(Packet::Subscribe(subscribe));
        self.beat();
        self.retained.tell_all(&self.settings.health_topic());
        self.may_wait = true;
    }

    /// The connection is gone; what was under way is sent again by the next one.
    fn lose(&mut self) {
        self.connection = None;
        drop(self.window.clear());
    }

    async fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Acknowledged(pkid) => match self.window.acknowledged(pkid) {
                Some(Load::Entry(id)) => {
                    let done = move |outbox: &mut Outbox, _| {
                        outbox.acknowledged(id);
                        Ok(())
                    };
                    self.ask("noting an acknowledgement", done).await;
                }
                Some(Load::Answer(number)) => self.answers.retain(|(waiting, ..)| *waiting != number),
                Some(Load::Retained(topic)) => self.retained.acknowledged(&topic),
                None => {}
            },
            Heard::Message(message) => {
                let Some(topic) = self.settings.topics().read(&message.topic) else { return };
                if !matches!(topic.channel, Channel::Command { .. }) {
                    self.retained.found(topic, &message.payload);
                } else if !message.payload.is_empty() {
                    let wanted = Wanted { topic, payload: message.payload.to_vec() };
                    if let Err(error) = self.inputs.commands.try_send(wanted) {
                        tracing::warn!(%error, "a command is left at the broker until the next connection");
                    }
                }
            }
        }
    }

    /// The retained state as it is wanted now.
    fn want(&mut self) {
        let mut wanted = self.inputs.standing.borrow_and_update().clone();
        wanted.extend(self.alarms.clone());
        wanted.extend(self.health.clone());
        self.retained.want(wanted);
    }

    /// Says that the box is there. The time has changed since, so that it is told.
    fn beat(&mut self) {
        let Some(connection) = &self.connection else { return };
        let health = self.settings.health(HealthState::Up, &connection.session, self.clock.utc());
        self.health.clear();
        insert(&mut self.health, self.settings.health_topic(), &health);
        self.want();
    }

    /// What is wrong is compared with what was told.
    async fn compare(&mut self) {
        let faults = self.inputs.faults.borrow_and_update().clone();
        let Some(faults) = faults else { return };
        let changed = self.ask("noting alarms", move |outbox, now| outbox.compare(&faults, now)).await;
        if changed != Some(0) || !self.has_looked {
            self.has_looked = true;
            self.may_wait = true;
            self.look_at_alarms().await;
            self.want();
        }
    }

    async fn look_at_alarms(&mut self) {
        let look = |outbox: &mut Outbox, now| {
            let open: Vec<_> = outbox.open_alarms().cloned().collect();
            Ok((open, outbox.twin(now)))
        };
        let Some((open, twin)) = self.ask("reading alarms", look).await else { return };
        let mut alarms = BTreeMap::new();
        for record in open {
            let topic = Topic::service(record.unit, Channel::Alarm(record.alarm.code.clone()));
            insert(&mut alarms, topic, &record.alarm);
        }
        if let Ok(name) = lectern_api::Name::new("alarms") {
            insert(&mut alarms, Topic::device(Channel::Twin(name)), &twin);
        }
        self.alarms = alarms;
    }

    async fn take(&mut self, news: News) {
        self.may_wait = true;
        match news {
            News::Event { topic, time, body } => {
                let push = move |outbox: &mut Outbox, _| outbox.push_event(Class::Event, &topic, time, &body);
                self.ask("taking an event", push).await;
            }
            News::Measurement { topic, measurement } => {
                let push = move |outbox: &mut Outbox, now| outbox.push_measurement(&topic, &measurement, now);
                self.ask("taking a measurement", push).await;
            }
        }
    }

    fn answer(&mut self, topic: Topic, answer: &Answer) {
        match serde_json::to_vec(answer) {
            Ok(payload) => {
                // The newest word about a command is the only one that counts.
                self.answers.retain(|(_, other, _)| *other != topic);
                if self.answers.len() >= MOST_ANSWERS {
                    self.answers.pop_front();
                }
                self.answered += 1;
                self.answers.push_back((self.answered, topic, payload));
            }
            Err(error) => tracing::error!(%error, "an answer cannot be written"),
        }
    }

    async fn tidy(&mut self) {
        self.ask("tidying", |outbox, now| outbox.tidy(now)).await;
        self.may_wait = true;
    }

    /// Sends what may go now: retained state, answers, the outbox.
    async fn fill(&mut self) {
        let topics = self.settings.topics();
        while self.connection.is_some() && self.window.room() > 0 {
            if let Some((topic, payload)) = self.retained.next() {
                let path = topics.write(&topic);
                let pkid = self.window.send(Load::Retained(topic));
                self.send(publish(path, payload, true, pkid));
                continue;
            }
            let under_way = |number| self.window.carries(&Load::Answer(number));
            if let Some((number, topic, payload)) =
                self.answers.iter().find(|(number, ..)| !under_way(*number)).cloned()
            {
                let pkid = self.window.send(Load::Answer(number));
                self.send(publish(topics.write(&topic), payload, true, pkid));
                continue;
            }
            if !self.may_wait {
                return;
            }
            let (under_way, room, since) = (self.window.entries(), self.window.room(), self.since);
            let waiting = move |outbox: &mut Outbox, _| outbox.waiting(&under_way, room, since);
            let waiting = self.ask("reading", waiting).await.unwrap_or_default();
            // Fewer than asked for: nothing else is there until something comes.
            self.may_wait = waiting.len() == room;
            for Waiting { id, topic, payload } in waiting {
                let pkid = self.window.send(Load::Entry(id));
                self.send(publish(topics.write(&topic), payload, false, pkid));
            }
        }
    }

    /// Hands a packet over. The channel holds more than may be under way: one
    /// that is full belongs to a connection that is over.
    fn send(&mut self, packet: Packet) {
        let Some(connection) = &self.connection else { return };
        if connection.outgoing.try_send(packet).is_err() {
            self.lose();
        }
    }
}

fn insert(into: &mut BTreeMap<Topic, Vec<u8>>, topic: Topic, payload: &impl Serialize) {
    match serde_json::to_vec(payload) {
        Ok(payload) => drop(into.insert(topic, payload)),
        Err(error) => tracing::error!(%error, %topic, "a payload cannot be written"),
    }
}

fn every(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
