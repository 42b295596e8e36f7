//! The pre-class check: from five minutes before the bell until it rings, what
//! the lesson needs is looked at again and again, while there is still time to
//! do something. It stores and sends no picture and no sound. 课前自检.

mod judge;
mod reach;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use lectern_api::check::{Checked, PreClassCheck};
use lectern_api::status::Role;
use lectern_api::{Clock, Kbps, LessonId, Name};
use lectern_archive::store::StoreOptions;
use tokio::sync::watch;

use self::judge::{Link, Measured, Source, judge};
use self::reach::Reach;
use crate::capture::gauge::Gauge;
use crate::capture::guard::GuardState;
use crate::config::LiveUrl;
use crate::lesson::agenda::Agenda;
use crate::lesson::machine::State;
use crate::room::Room;
use crate::upload::UploadState;

/// What the check looks at.
#[derive(Debug, Clone)]
pub(crate) struct Precheck {
    pub(crate) lesson: watch::Receiver<State>,
    pub(crate) agenda: watch::Receiver<Option<Agenda>>,
    pub(crate) sources: Vec<Checkable>,
    pub(crate) live: Vec<(Name, LiveUrl)>,
    pub(crate) archives: Vec<(Name, StoreOptions, watch::Receiver<UploadState>)>,
    pub(crate) room: Room,
    pub(crate) clock: Arc<dyn Clock>,
    /// What it has found; nothing while no bell is near.
    pub(crate) found: watch::Sender<Option<PreClassCheck>>,
}

/// One source.
#[derive(Debug, Clone)]
pub(crate) struct Checkable {
    pub(crate) name: Name,
    pub(crate) role: Role,
    pub(crate) guard: watch::Receiver<GuardState>,
    pub(crate) gauge: Arc<Gauge>,
}

/// How often what is here is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often others are asked.
const ASK: Duration = Duration::from_secs(30);

impl Precheck {
    /// Runs for the life of the daemon.
    pub(crate) async fn run(self) {
        let mut lesson = self.lesson.clone();
        loop {
            let prepares = lesson.wait_for(|state| state.preparing().is_some()).await;
            let Ok(coming) = prepares.map(|state| state.preparing().cloned()) else { return };
            let Some(coming) = coming else { continue };
            tracing::info!(lesson = %coming, "pre-class check begins");
            let over = async { lesson.wait_for(|state| state.preparing() != Some(&coming)).await.is_err() };
            let is_end = tokio::select! {
                is_end = over => is_end,
                () = self.check(&coming) => true,
            };
            if let Some(last) = self.found.send_replace(None) {
                let troubles: Vec<&str> = last.troubles().map(|item| item.text.en.as_str()).collect();
                tracing::info!(lesson = %last.lesson, ready = last.ready, ?troubles, "pre-class check ends");
            }
            if is_end {
                return;
            }
        }
    }

    /// Looks and asks until it is dropped.
    async fn check(&self, coming: &LessonId) {
        let begun = self.clock.monotonic();
        let links = Mutex::new(self.links());
        let lock = || links.lock().unwrap_or_else(PoisonError::into_inner);
        let ask = async {
            let mut ask = tokio::time::interval(ASK);
            ask.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                ask.tick().await;
                let asked = self.ask().await;
                *lock() = asked;
            }
        };
        let look = async {
            let mut look = tokio::time::interval(LOOK);
            look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                look.tick().await;
                let free = self.room.free().await;
                let asked = lock().clone();
                if let Some(measured) = self.measure(coming, begun, free, asked) {
                    self.found.send_replace(Some(judge(&measured)));
                }
            }
        };
        tokio::join!(ask, look);
    }

    /// Everybody who can be asked, before anybody was.
    fn links(&self) -> Vec<Link> {
        let link = |name: &Name, what| Link { name: name.clone(), what, reach: Reach::Asking };
        let live = self.live.iter().map(|(name, _)| link(name, Checked::Live));
        live.chain(self.archives.iter().map(|(name, ..)| link(name, Checked::Archive))).collect()
    }

    /// Asks all of them at once.
    async fn ask(&self) -> Vec<Link> {
        let live = join_all(self.live.iter().map(|(_, url)| reach::live(url)));
        let archives = join_all(self.archives.iter().map(|(_, options, _)| reach::archive(options)));
        let (live, archives) = tokio::join!(live, archives);
        let reached = live.into_iter().chain(archives);
        self.links().into_iter().zip(reached).map(|(link, reach)| Link { reach, ..link }).collect()
    }

    /// Nothing while the timetable and the lesson's machine do not agree.
    fn measure(
        &self,
        coming: &LessonId,
        begun: Duration,
        free: Option<Duration>,
        links: Vec<Link>,
    ) -> Option<Measured> {
        let lesson = {
            let agenda = self.agenda.borrow();
            agenda.as_ref()?.next.clone().filter(|due| due.id() == coming)?
        };
        let source = |source: &Checkable| Source {
            name: source.name.clone(),
            role: source.role,
            state: source.guard.borrow().state,
            picture: source.gauge.picture_status(),
            sound: source.gauge.sound_status(),
            heard: source.gauge.heard(),
        };
        let rates = self.archives.iter().map(|(_, _, upload)| upload.borrow().rate);
        Some(Measured {
            lesson,
            at: self.clock.utc(),
            open_for: self.clock.monotonic().saturating_sub(begun),
            is_shut: self.lesson.borrow().shutter.is_some(),
            sources: self.sources.iter().map(source).collect(),
            free,
            links,
            upload_rate: rates.max().filter(|rate| *rate > Kbps(0)),
            clock: self.clock.trust().verdict,
        })
    }
}
