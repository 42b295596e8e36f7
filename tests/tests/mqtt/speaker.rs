//! A box that only speaks: the units, their inputs in a test's hand.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lectern_api::fault::{Fault, Severity};
use lectern_api::mqtt::{Answer, Channel, Root, Topic};
use lectern_api::{Clock as _, DeviceId, Name, SystemClock, Text};
use lectern_archive::store::Proxy;
use lectern_mqtt::client::{self, LinkState, News, Ports, Settings, Standing, Wanted};
use lectern_mqtt::link::Broker;
use lectern_mqtt::outbox::{Limits, Outbox};
use lectern_tests::eventually;
use serde_json::json;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

/// Waiting for a broker on a loaded machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
/// Before every topic.
pub(crate) const PREFIX: &str = "te/device/LB-1";

pub(crate) struct Speaker {
    runtime: Option<Runtime>,
    pub(crate) faults: watch::Sender<Option<Vec<Fault>>>,
    pub(crate) standing: watch::Sender<Standing>,
    pub(crate) news: mpsc::Sender<News>,
    pub(crate) answers: mpsc::Sender<(Topic, Answer)>,
    pub(crate) commands: mpsc::Receiver<Wanted>,
    pub(crate) state: watch::Receiver<LinkState>,
    outbox: Arc<Mutex<Outbox>>,
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// A broker by its URL, without the environment's proxy.
pub(crate) fn broker(url: &str) -> Broker {
    Broker { proxy: Proxy::None, ..Broker::parse(url).unwrap() }
}

pub(crate) fn settings(broker: Broker) -> Settings {
    Settings {
        broker,
        root: Root::default(),
        device: DeviceId::new("LB-1").unwrap(),
        service: name("lecternd"),
        keepalive: Duration::from_secs(5),
        heartbeat: Duration::from_secs(900),
        in_flight: 8,
        pause: Arc::new(|failures| Duration::from_millis(if failures == 0 { 0 } else { 50 })),
        boot_id: "boot".to_owned(),
    }
}

impl Speaker {
    pub(crate) fn start(settings: Settings, folder: &Path) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (outbox, _) = Outbox::open(folder, Limits::default()).unwrap();
        let outbox = Arc::new(Mutex::new(outbox));
        let (faults, faults_rx) = watch::channel(None);
        let (standing, standing_rx) = watch::channel(Standing::new());
        let (news, news_rx) = mpsc::channel(64);
        let (answers, answers_rx) = mpsc::channel(8);
        let (commands_tx, commands) = mpsc::channel(8);
        let (state_tx, state) = watch::channel(LinkState::default());
        let ports = Ports {
            faults: faults_rx,
            standing: standing_rx,
            news: news_rx,
            answers: answers_rx,
            commands: commands_tx,
            state: state_tx,
        };
        let clock = Arc::new(SystemClock::new());
        let (mut caller, mut post) = client::units(settings, ports, Arc::clone(&outbox), clock);
        runtime.spawn(async move { caller.run().await });
        runtime.spawn(async move { post.run().await });
        Self { runtime: Some(runtime), faults, standing, news, answers, commands, state, outbox }
    }

    /// Something happened; returns at once, durable or not.
    pub(crate) fn tell(&self, number: u64) {
        let topic = Topic::device(Channel::Event(name("test")));
        let body = json!({ "text": "x", "text_zh": "某", "number": number });
        self.news.blocking_send(News::Event { topic, time: SystemClock::new().utc(), body }).unwrap();
    }

    /// So many faults, each of another camera, are there now.
    pub(crate) fn wrong(&self, cameras: u64) {
        let fault = |camera| Fault {
            tried: Vec::new(),
            part: None,
            id: 0,
            count: 1,
            until: None,
            code: "camera.lost".to_owned(),
            severity: Severity::Major,
            unit: format!("camera{camera}"),
            since: SystemClock::new().utc(),
            text: Text { en: "lost".to_owned(), zh: "没有画面".to_owned() },
            hint: Text { en: "look".to_owned(), zh: "看".to_owned() },
        };
        self.faults.send_replace(Some((0..cameras).map(fault).collect()));
    }

    pub(crate) fn waiting(&self) -> usize {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The number of the newest event that is taken in.
    pub(crate) fn newest(&self) -> u64 {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner).newest().1
    }

    pub(crate) fn is_up(&self) -> bool {
        self.state.borrow().up
    }

    pub(crate) fn wait_until_up(&self) {
        eventually("the box is connected", LIMIT, || self.is_up().then_some(()));
    }

    pub(crate) fn wait_until_all_is_said(&self) {
        eventually("the outbox is empty", LIMIT, || (self.waiting() == 0).then_some(()));
    }

    /// Ends it at once, as a crash would: nothing is committed any more.
    pub(crate) fn crash(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        self.end();
    }
}
