//! One box that tells and does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use lectern_api::SystemClock;
use lectern_fleet::platform::Ear;
use lectern_fleet::{Member, Platform, eventually, member};
use lectern_mqtt::commands::{Action, Carried, Desk, Executor, KINDS, Outcome};
use serde_json::Value;
use tokio::runtime::Runtime;

pub(crate) const LIMIT: Duration = Duration::from_secs(120);
pub(crate) const DEVICE: &str = "LB-1";
pub(crate) const HEALTH: &str = "te/device/LB-1/service/lecternd/status/health";

/// Counts what it was asked to do.
#[derive(Debug, Default)]
pub(crate) struct Counting(AtomicU32);

impl Executor for Counting {
    fn carry_out(&self, _: Action) -> Carried {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(Outcome::default()) })
    }
}

/// A box; it vanishes without a word when dropped.
pub(crate) struct Classroom {
    pub(crate) member: Member,
    pub(crate) done: Arc<Counting>,
    runtime: Option<Runtime>,
}

impl Classroom {
    pub(crate) fn at(port: u16, folder: &std::path::Path) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let soon = Arc::new(|failures| Duration::from_millis(if failures == 0 { 0 } else { 100 }));
        let broker = member::address(&format!("mqtt://127.0.0.1:{port}")).unwrap();
        let settings = member::settings(broker, DEVICE, soon).unwrap();
        let outbox = member::outbox(folder).unwrap();
        let (member, wanted) = Member::start(runtime.handle(), settings, outbox).unwrap();
        let done = Arc::new(Counting::default());
        let mut desk = Desk {
            wanted,
            answers: member.answers.clone(),
            allowed: KINDS.iter().map(ToString::to_string).collect(),
            outbox: Arc::clone(&member.outbox),
            executor: Arc::<Counting>::clone(&done),
            clock: Arc::new(Believed(SystemClock::new())),
        };
        runtime.spawn(async move { desk.run().await });
        Self { member, done, runtime: Some(runtime) }
    }

    pub(crate) fn wait_until_up(&self) {
        eventually("the box is connected", LIMIT, || self.member.is_up().then_some(()));
    }

    pub(crate) fn wait_until_all_is_said(&self) {
        eventually("the outbox is empty", LIMIT, || (self.member.waiting() == 0).then_some(()));
    }

    /// So much happens; returns when it is on the disk.
    pub(crate) fn tell(&self, count: u64) {
        let wanted = self.member.newest().1 + count;
        (0..count).for_each(|_| self.member.tell("x", "某").unwrap());
        eventually("everything is on the disk", LIMIT, || (self.member.newest().1 >= wanted).then_some(()));
    }

    pub(crate) fn done(&self) -> u32 {
        self.done.0.load(Ordering::SeqCst)
    }
}

impl Drop for Classroom {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
    }
}

/// The machine's time, believed.
#[derive(Debug)]
struct Believed(SystemClock);

impl lectern_api::Clock for Believed {
    fn utc(&self) -> jiff::Timestamp {
        self.0.utc()
    }
    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }
    fn trust(&self) -> lectern_api::Trust {
        let (source, verdict) = (lectern_api::TimeSource::Ntp, lectern_api::Verdict::Believed);
        lectern_api::Trust { source, verdict, uncertainty: None }
    }
}

pub(crate) fn ear(port: u16, filter: &str, name: &str) -> Ear {
    let (filter, name) = (filter.to_owned(), name.to_owned());
    Ear { host: "127.0.0.1".to_owned(), port, filter, name, is_kept: false }
}

/// Waits for the newest word on a topic to be this one.
pub(crate) fn hears(platform: &Platform, topic: &str, wanted: impl Fn(&Value) -> bool) {
    eventually(topic, LIMIT, || platform.ledger().state.get(topic).filter(|value| wanted(value)).map(|_| ()));
}

/// Waits until every event of the box is there, and none twice or changed.
pub(crate) fn hears_every_event(platform: &Platform, classroom: &Classroom) {
    classroom.wait_until_all_is_said();
    let (epoch, newest) = classroom.member.newest();
    eventually("every event", LIMIT, || {
        platform.ledger().missing(DEVICE, &epoch, newest).is_empty().then_some(())
    });
    assert_eq!(platform.ledger().contradictions, Vec::<String>::new());
    assert_eq!(platform.ledger().events(), newest);
}
