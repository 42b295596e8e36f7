//! Keeps the book: takes what sources and people bring, makes it durable, and
//! announces what is in force.

mod announcing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use lectern_api::command::Refusal;
use lectern_api::messages::book as words;
use lectern_api::timetable::{MakeupAnswer, Origin, OriginKind, Outcome, Pushed, RefusedFile, SetMakeup};
use lectern_api::{Clock, Text};
use lectern_timetable::Margins;
use lectern_timetable::plan::Window;
use tokio::sync::{mpsc, watch};

use super::book::Book;
use super::desk::{Request, mistaken, refused};
use super::in_force::InForce;
use super::reading::{Understood, sha256, understand};
use super::record::Now;
use super::shelf::{self, Write};
use super::source::{Delivery, Found};
use crate::facts::Facts;
use crate::off_thread::OffThread as _;

/// What of the configuration the keeper needs.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Whether a timetable is configured.
    pub(crate) configured: bool,
    /// The configured room.
    pub(crate) room: Option<String>,
    /// Where the box stands.
    pub(crate) place: String,
    /// Where there is no timetable, days are those of this zone.
    pub(crate) time_zone: TimeZone,
    pub(crate) margins: Margins,
}

/// The one who keeps the book.
#[derive(Debug)]
pub(crate) struct Keeper {
    settings: Settings,
    facts: Arc<Facts>,
    clock: Arc<dyn Clock>,
    requests: mpsc::Receiver<Request>,
    deliveries: mpsc::Receiver<Delivery>,
    announced: watch::Sender<Arc<InForce>>,
    book: Book,
    /// What sources brought in vain, until they bring something else.
    refused: BTreeMap<Origin, RefusedFile>,
    /// Why sources cannot be read.
    trouble: BTreeMap<Origin, Text>,
    /// The disk did not take the book as it is.
    unwritten: Option<Unwritten>,
    /// The day and the state of everything that was announced last.
    told: Option<(Date, u64)>,
    changes: u64,
    /// When, by both clocks, a version was given its day.
    dated: Option<(Timestamp, Duration)>,
}

/// The disk still has a former book.
#[derive(Debug)]
struct Unwritten {
    on_disk: Book,
    why: Text,
    /// When to try again, monotonic.
    again_at: Duration,
}

const TICK: Duration = Duration::from_secs(1);
const WRITE_AGAIN_AFTER: Duration = Duration::from_secs(30);
/// When wall time and monotonic time drift apart by more, the clock was set.
const CLOCK_WAS_SET: SignedDuration = SignedDuration::from_mins(10);

impl Keeper {
    /// Opens the book as it was left and announces it: a timetable is there
    /// before any source is asked. Blocks on the disk.
    pub(crate) fn open(
        settings: Settings,
        facts: Arc<Facts>,
        clock: Arc<dyn Clock>,
        requests: mpsc::Receiver<Request>,
        deliveries: mpsc::Receiver<Delivery>,
        announced: watch::Sender<Arc<InForce>>,
    ) -> Self {
        let book = shelf::load(&facts);
        let (refused, trouble) = (BTreeMap::new(), BTreeMap::new());
        let mut keeper = Self {
            settings,
            facts,
            clock,
            requests,
            deliveries,
            announced,
            book,
            refused,
            trouble,
            unwritten: None,
            told: None,
            changes: 0,
            dated: None,
        };
        let mut book = keeper.book.clone();
        book.turn_day(keeper.now(None));
        // Written with the next change; the day turns again after a restart.
        keeper.book = book;
        keeper.announce();
        keeper
    }

    /// Runs until the daemon ends.
    pub(crate) async fn run(&mut self) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                request = self.requests.recv() => match request {
                    Some(request) => self.serve(request).await,
                    None => return,
                },
                Some(delivery) = self.deliveries.recv() => self.take(delivery).await,
                _ = tick.tick() => self.look_at_the_clock().await,
            }
            self.announce();
        }
    }

    fn zone(&self) -> TimeZone {
        let announced = self.announced.borrow();
        announced.timetable.as_ref().map_or(&self.settings.time_zone, |t| &t.time_zone).clone()
    }

    fn today(&self) -> Date {
        self.clock.utc().to_zoned(self.zone()).date()
    }

    fn now<'r>(&self, room: Option<&'r str>) -> Now<'r> {
        Now { utc: self.clock.utc(), today: self.today(), room }
    }

    fn room(&self) -> Option<String> {
        self.announced.borrow().status.room.clone()
    }

    async fn look_at_the_clock(&mut self) {
        let mut book = self.book.clone();
        if let Some((utc, monotonic)) = self.dated {
            let passed = SignedDuration::try_from(self.clock.monotonic().saturating_sub(monotonic));
            let drift = self.clock.utc().duration_since(utc) - passed.unwrap_or_default();
            if drift.abs() > CLOCK_WAS_SET {
                tracing::warn!(
                    drift_s = drift.as_secs(),
                    "the clock was set: what comes tomorrow is dated anew"
                );
                book.come_tomorrow(self.today());
                self.dated = Some((self.clock.utc(), self.clock.monotonic()));
            }
        }
        book.turn_day(self.now(None));
        let due =
            self.unwritten.as_ref().is_some_and(|unwritten| unwritten.again_at <= self.clock.monotonic());
        if book.record() != self.book.record() || due {
            self.keep(book).await;
        }
    }

    /// Something of a source.
    async fn take(&mut self, Delivery { origin, found }: Delivery) {
        self.changes += 1;
        let bytes = match found {
            Found::Bytes(bytes) => bytes,
            Found::Same => return drop(self.trouble.remove(&origin)),
            Found::Failed(text) => {
                tracing::warn!(source = origin.place, %text, "no timetable");
                return drop(self.trouble.insert(origin, text));
            }
            Found::Gone => {
                self.trouble.remove(&origin);
                return drop(self.refused.remove(&origin));
            }
        };
        self.trouble.remove(&origin);
        if self.book.knows(&origin, &sha256(&bytes)) {
            self.refused.remove(&origin);
            return;
        }
        match self.read(bytes, origin.clone()).await {
            Ok(Understood { candidate, .. }) => {
                self.refused.remove(&origin);
                let mut book = self.book.clone();
                let room = self.room();
                let verdict = book.offer(&candidate, self.now(room.as_deref()));
                tracing::info!(source = origin.place, ?verdict, "a timetable was found");
                self.dated = Some((self.clock.utc(), self.clock.monotonic()));
                self.keep(book).await;
            }
            Err(mistakes) => {
                tracing::error!(source = origin.place, first = %mistakes[0], "the timetable is not used");
                let refused = RefusedFile { origin: origin.clone(), at: self.clock.utc(), mistakes };
                self.refused.insert(origin, refused);
            }
        }
    }

    async fn read(&self, bytes: Vec<u8>, origin: Origin) -> Result<Understood, Vec<Text>> {
        let base = self.book.base();
        let reading = tokio::task::spawn_blocking(move || understand(&bytes, origin, base));
        match reading.await {
            Ok(read) => read,
            // A parser of somebody else that fails is a file that cannot be read,
            // not a timetable that nobody keeps any more.
            Err(failed) => Err(vec![words::reader_failed(failed)]),
        }
    }

    async fn serve(&mut self, request: Request) {
        // Whoever asked may be gone by now; what was asked is done.
        match request {
            Request::Push { bytes, by, confirmed, answer } => {
                drop(answer.send(self.push(bytes, &by, confirmed).await));
            }
            Request::Confirm { version, by, answer } => {
                let mut book = self.book.clone();
                let confirmed = book.confirm(version, &by, self.clock.utc());
                drop(answer.send(self.decided(book, confirmed).await));
            }
            Request::RollBack { version, by, answer } => {
                let mut book = self.book.clone();
                let back = book.roll_back(version, &by, self.clock.utc());
                drop(answer.send(self.decided(book, back.map(|()| version)).await));
            }
            Request::Makeup { makeup, by, answer } => {
                drop(answer.send(self.makeup(makeup, by).await));
            }
        }
    }

    async fn push(&mut self, bytes: Vec<u8>, by: &str, confirmed: bool) -> Result<Pushed, Refusal> {
        let origin = Origin { kind: OriginKind::Push, place: by.to_owned() };
        let Understood { candidate, ignored, notices } =
            self.read(bytes, origin).await.map_err(|mistakes| {
                let list = |of: fn(&Text) -> &str| mistakes.iter().map(of).collect::<Vec<_>>().join("\n");
                mistaken(words::pushed_mistaken(mistakes.len(), list(|t| &t.en), list(|t| &t.zh)))
            })?;
        let mut book = self.book.clone();
        let room = self.room();
        let mut verdict = book.offer(&candidate, self.now(room.as_deref()));
        let is_to_come = matches!(verdict.outcome, Outcome::FromLaterDay | Outcome::Waits);
        if confirmed && is_to_come && book.confirm(Some(verdict.number), by, self.clock.utc()).is_ok() {
            book.let_run_on(self.running());
            verdict.outcome = Outcome::InForce;
            verdict.dates_now = true;
        }
        let record = book.record();
        let coming = record.coming.as_ref().filter(|coming| coming.number == verdict.number);
        let waiting = record.waiting.iter().find(|waiting| waiting.number == verdict.number);
        let pushed = Pushed {
            outcome: verdict.outcome,
            version: book.version(verdict.number).cloned().ok_or_else(|| refused(words::no_timetable()))?,
            from: coming.map(|coming| coming.from),
            dates_now: verdict.dates_now,
            doubts: waiting.map_or_else(Vec::new, |waiting| waiting.doubts.clone()),
            ignored,
            notices,
        };
        self.dated = Some((self.clock.utc(), self.clock.monotonic()));
        self.keep(book).await;
        self.announce();
        Ok(pushed)
    }

    async fn decided(&mut self, mut book: Book, decided: Result<u32, Text>) -> Result<u32, Refusal> {
        let version = decided.map_err(refused)?;
        book.let_run_on(self.running());
        self.keep(book).await;
        self.announce();
        tracing::info!(version, "a person put a timetable in force");
        Ok(version)
    }

    async fn makeup(&mut self, makeup: SetMakeup, by: String) -> Result<SetMakeup, Refusal> {
        let mut book = self.book.clone();
        let SetMakeup { date, follows } = makeup;
        book.answer(MakeupAnswer { date, follows, by, at: self.clock.utc() }).map_err(refused)?;
        self.keep(book).await;
        self.announce();
        Ok(makeup)
    }

    /// What runs now, by what is announced.
    fn running(&self) -> Option<Window> {
        self.announced.borrow().state_at(self.clock.utc())?.running
    }

    /// Uses a book and makes it durable. One that the disk does not take is
    /// used all the same, and tried again.
    async fn keep(&mut self, book: Book) {
        self.changes += 1;
        let on_disk = self.unwritten.take().map_or_else(|| self.book.clone(), |unwritten| unwritten.on_disk);
        let writes = shelf::writes(&on_disk, &book);
        self.book = book;
        let written = self.facts.off_thread(move |facts| {
            writes.iter().try_for_each(|write: &Write| shelf::carry_out(facts, write))
        });
        if let Err(error) = written.await {
            tracing::error!(%error, "the timetable is in use and not on the disk");
            let again_at = self.clock.monotonic() + WRITE_AGAIN_AFTER;
            self.unwritten = Some(Unwritten { on_disk, why: words::not_kept(error), again_at });
        }
    }
}
