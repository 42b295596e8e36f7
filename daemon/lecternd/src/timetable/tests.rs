//! The keeper on a real database: what it announces, before and after restarts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use lectern_api::Clock;
use lectern_api::command::Refusal;
use lectern_api::timetable::{DayLessons, Origin, OriginKind, Outcome, Pushed, SetMakeup};
use lectern_timetable::Margins;
use tokio::sync::{mpsc, watch};

use super::source::{Delivery, Found};
use super::{Desk, InForce, Keeper, Settings};
use crate::facts::Facts;

const VILLAGE: &str = include_str!("../../../timetable/tests/data/village.toml");
const THURSDAY: Date = date(2026, 10, 8);

/// A clock that is set by hand.
#[derive(Debug)]
struct HandClock(Mutex<(Timestamp, Duration)>);

impl Clock for HandClock {
    fn utc(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }

    fn monotonic(&self) -> Duration {
        self.0.lock().unwrap().1
    }
}

/// When the village's clocks show this.
fn at(date: Date, hour: i8, minute: i8) -> Timestamp {
    date.at(hour, minute, 0, 0).in_tz("Asia/Shanghai").unwrap().timestamp()
}

struct Room {
    clock: Arc<HandClock>,
    desk: Desk,
    deliveries: mpsc::Sender<Delivery>,
    announced: watch::Receiver<Arc<InForce>>,
    task: tokio::task::JoinHandle<()>,
}

impl Room {
    /// A box in room 三年级二班 whose facts lie in this folder.
    #[expect(clippy::disallowed_methods, reason = "a unit of a test")]
    fn start(folder: &std::path::Path, now: Timestamp) -> Self {
        let clock = Arc::new(HandClock(Mutex::new((now, Duration::from_secs(60)))));
        let (facts, _) = Facts::open(folder).unwrap();
        let (asked, requests) = mpsc::channel(4);
        let (deliveries, delivered) = mpsc::channel(1);
        let (announce, announced) = watch::channel(Arc::new(InForce::default()));
        let settings = Settings {
            configured: true,
            room: None,
            place: "张村小学 三年级二班".to_owned(),
            time_zone: TimeZone::get("Asia/Shanghai").unwrap(),
            margins: Margins::default(),
        };
        let told: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let mut keeper = Keeper::open(settings, Arc::new(facts), told, requests, delivered, announce);
        let task = tokio::spawn(async move { keeper.run().await });
        Self { clock, desk: Desk(asked), deliveries, announced, task }
    }

    async fn stop(self) {
        drop(self.desk);
        self.task.await.unwrap();
    }

    fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.announced.borrow())
    }

    async fn deliver(&self, text: &str) {
        self.tell(Found::Bytes(text.as_bytes().to_vec())).await;
    }

    async fn tell(&self, found: Found) {
        let origin = Origin { kind: OriginKind::File, place: "/t.toml".to_owned() };
        self.deliveries.send(Delivery { origin, found }).await.unwrap();
    }

    /// Waits until what is announced is so.
    async fn until(&mut self, is: impl Fn(&InForce) -> bool) {
        self.announced.wait_for(|in_force| is(in_force)).await.unwrap();
    }

    fn set_clock(&self, to: Timestamp) {
        let mut clock = self.clock.0.lock().unwrap();
        let passed = to.duration_since(clock.0);
        *clock = (to, clock.1 + Duration::try_from(passed).unwrap());
    }

    async fn push(&self, text: &str, now: bool) -> Result<Pushed, Refusal> {
        self.desk.push(text.as_bytes().to_vec(), "王芳".to_owned(), now).await
    }
}

/// With a lesson more on Thursdays.
fn longer() -> String {
    format!("{VILLAGE}\n[[lesson]]\nweekday = 4\nperiod = 3\nclass = \"三(2)班\"\nsubject = \"体育\"\n")
}

#[tokio::test(start_paused = true)]
async fn a_timetable_is_in_force_after_a_restart_before_any_source_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut room = Room::start(folder.path(), at(THURSDAY, 8, 0));
    assert!(room.in_force().plan.is_none());
    room.deliver(VILLAGE).await;
    room.until(|in_force| in_force.plan.is_some()).await;
    room.stop().await;

    let mut room = Room::start(folder.path(), at(THURSDAY, 9, 20));
    let in_force = room.in_force();
    assert_eq!(in_force.status.in_force.as_ref().unwrap().number, 1);
    assert_eq!(in_force.status.room.as_deref(), Some("三年级二班"));
    let running = in_force.state_at(at(THURSDAY, 9, 20)).unwrap().running.unwrap();
    assert_eq!(running.occurrence.subject, "数学");
    // The network is down, and it stays so.
    room.tell(Found::Failed(lectern_api::messages::book::web_portal("school.example"))).await;
    room.until(|in_force| in_force.status.trouble.is_some()).await;
    assert!(room.in_force().plan.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_new_week_comes_when_the_day_turns() {
    let folder = tempfile::tempdir().unwrap();
    let mut room = Room::start(folder.path(), at(THURSDAY, 8, 0));
    room.deliver(VILLAGE).await;
    room.deliver(&longer()).await;
    room.until(|in_force| !in_force.status.pending.is_empty()).await;
    let in_force = room.in_force();
    assert_eq!(in_force.status.pending[0].from, Some(date(2026, 10, 9)));
    assert!(in_force.state_at(at(THURSDAY, 10, 30)).unwrap().running.is_none());
    room.set_clock(at(date(2026, 10, 9), 0, 0));
    room.until(|in_force| in_force.status.in_force.as_ref().is_some_and(|v| v.number == 2)).await;
    assert!(room.in_force().status.pending.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_file_with_mistakes_is_told_and_leaves_everything_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut room = Room::start(folder.path(), at(THURSDAY, 8, 0));
    room.deliver(VILLAGE).await;
    let spoiled = VILLAGE.replacen("weekday = 1", "weekday = 9", 1);
    room.deliver(&spoiled).await;
    room.until(|in_force| in_force.status.refused.is_some()).await;
    let status = room.in_force().status.clone();
    assert!(status.refused.unwrap().mistakes[0].zh.starts_with("第44行 weekday: "));
    assert_eq!(status.in_force.unwrap().number, 1);
    let refusal = room.push(&spoiled, true).await.unwrap_err();
    assert_eq!(refusal.code, super::MISTAKEN);
    assert!(refusal.text.zh.contains("第44行"), "{}", refusal.text);
    // The one of before again: nothing to tell any more.
    room.deliver(VILLAGE).await;
    room.until(|in_force| in_force.status.refused.is_none()).await;
    assert_eq!(room.in_force().versions.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lesson_that_is_on_goes_on_when_somebody_confirms_a_timetable_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut room = Room::start(folder.path(), at(THURSDAY, 9, 20));
    room.deliver(VILLAGE).await;
    room.until(|in_force| in_force.plan.is_some()).await;
    let mathematics = "subject = \"数学\"\nteacher = \"李梅\"\n\n[[lesson]]";
    let other = VILLAGE.replacen(mathematics, &mathematics.replace("数学", "体育"), 1);
    let without = other.replacen("weekday = 4\nperiod = 2", "weekday = 4\nperiod = 3", 1);
    let dates = without.find("[[cancel]]").unwrap();
    let pushed = room.push(&without[..dates], true).await.unwrap();
    assert_eq!((pushed.outcome, pushed.version.number), (Outcome::InForce, 2));
    let in_force = room.in_force();
    let now = in_force.state_at(at(THURSDAY, 9, 20)).unwrap();
    assert_eq!(now.running.as_ref().unwrap().occurrence.subject, "数学");
    assert_eq!(now.running.as_ref().unwrap().until, at(THURSDAY, 9, 50));
    assert_eq!(now.changes_at, Some(at(THURSDAY, 9, 50)));
    assert_eq!(now.next.as_ref().unwrap().from, at(THURSDAY, 10, 20));
    assert!(in_force.state_at(at(THURSDAY, 9, 50)).unwrap().running.is_none());
    // The same over a restart in the middle of it.
    room.stop().await;
    let room = Room::start(folder.path(), at(THURSDAY, 9, 25));
    let in_force = room.in_force();
    assert_eq!(in_force.status.in_force.as_ref().unwrap().number, 2);
    assert_eq!(in_force.state_at(at(THURSDAY, 9, 25)), Some(now));
    assert!(in_force.state_at(at(THURSDAY, 9, 50)).unwrap().running.is_none());
    // Back to the former one, in the same lesson.
    assert_eq!(room.desk.roll_back(1, "王芳".to_owned()).await, Ok(1));
    assert_eq!(room.in_force().status.in_force.as_ref().unwrap().number, 1);
}

#[tokio::test(start_paused = true)]
async fn a_suspension_ends_a_kept_lesson_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut room = Room::start(folder.path(), at(THURSDAY, 9, 20));
    room.deliver(VILLAGE).await;
    room.until(|in_force| in_force.plan.is_some()).await;
    let storm = "\n[[suspend]]\nreason = \"台风\"\nfrom = 2026-10-08\nto = 2026-10-08\n";
    let pushed = room.push(&(longer() + storm), true).await.unwrap();
    assert_eq!(pushed.outcome, Outcome::InForce);
    let in_force = room.in_force();
    assert!(in_force.state_at(at(THURSDAY, 9, 20)).unwrap().running.is_none());
    assert!(in_force.suspended_at(at(THURSDAY, 9, 20)).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_makeup_day_is_asked_about_three_days_ahead_until_somebody_answers() {
    let folder = tempfile::tempdir().unwrap();
    let mut room = Room::start(folder.path(), at(date(2026, 10, 6), 8, 0));
    room.deliver(VILLAGE).await;
    room.until(|in_force| in_force.plan.is_some()).await;
    assert!(room.in_force().status.ambiguous.is_empty());
    room.set_clock(at(date(2026, 10, 7), 0, 0));
    room.until(|in_force| !in_force.status.ambiguous.is_empty()).await;
    assert_eq!(room.in_force().status.ambiguous[0].in_days, 3);
    let saturday = date(2026, 10, 10);
    let makeup = SetMakeup { date: saturday, follows: DayLessons::Weekday(4) };
    assert_eq!(room.desk.makeup(makeup, "王芳".to_owned()).await, Ok(makeup));
    assert!(room.in_force().status.ambiguous.is_empty());
    room.stop().await;
    let room = Room::start(folder.path(), at(saturday, 9, 20));
    assert!(room.in_force().state_at(at(saturday, 9, 20)).unwrap().running.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_leaps_brings_no_week_of_tomorrow_today() {
    let folder = tempfile::tempdir().unwrap();
    let mut room = Room::start(folder.path(), at(date(2026, 10, 7), 23, 0));
    room.deliver(VILLAGE).await;
    room.deliver(&longer()).await;
    room.until(|in_force| !in_force.status.pending.is_empty()).await;
    room.clock.0.lock().unwrap().0 = at(THURSDAY, 8, 0);
    room.until(|in_force| in_force.status.pending[0].from == Some(date(2026, 10, 9))).await;
    assert_eq!(room.in_force().status.in_force.as_ref().unwrap().number, 1);
}
