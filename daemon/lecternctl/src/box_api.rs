//! The daemon's HTTP API over its control socket.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use lectern_api::account::{NoteTaken, Report};
use lectern_api::command::{Command, Done, Refusal, SetClock};
use lectern_api::fault::Fault;
use lectern_api::identity::Identity;
use lectern_api::lessons::{ArchiveCheck, LessonEntry};
use lectern_api::manifest::Manifest;
use lectern_api::receipt::{Receipt, Repaired};
use lectern_api::room::SpoolRoom;
use lectern_api::status::{ClockStatus, Status};
use lectern_api::timetable::{PlanReport, Pushed, TimetableReport};
use lectern_api::{LessonId, messages};
use lectern_archive::Store;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Failure;

/// A daemon that does not answer in this time is stuck.
const ANSWER_LIMIT: Duration = Duration::from_secs(15);

/// The box opens its sources and looks at them.
const RECHECK_LIMIT: Duration = Duration::from_secs(30);

/// The largest file is understood in this time on a slow box.
const READING_LIMIT: Duration = Duration::from_secs(60);

/// What a box has that is not told otherwise.
const DEFAULT_ZONE: &str = "Asia/Shanghai";

/// The box, as its control socket shows it.
#[derive(Debug)]
pub(crate) struct BoxApi {
    client: reqwest::Client,
    socket: PathBuf,
}

impl BoxApi {
    pub(crate) fn new(socket: &Path) -> Result<Self, Failure> {
        let client = reqwest::Client::builder().unix_socket(socket.to_owned()).no_proxy().build();
        let client = client.map_err(|e| unreachable(socket, &e))?;
        Ok(Self { client, socket: socket.to_owned() })
    }

    pub(crate) async fn status(&self) -> Result<Status, Failure> {
        self.get("status").await
    }

    /// The open faults, then so many that are over.
    pub(crate) async fn faults(&self, past: usize) -> Result<Vec<Fault>, Failure> {
        self.get(&format!("faults?past={past}")).await
    }

    /// Who repaired what; nothing from a box that keeps no receipts.
    pub(crate) async fn repairs(&self) -> Vec<Receipt> {
        self.get("faults/repairs").await.unwrap_or_default()
    }

    pub(crate) async fn repaired(&self, fault: u64, repaired: &Repaired) -> Result<Receipt, Failure> {
        self.post_within(RECHECK_LIMIT, &format!("faults/{fault}/repair"), repaired).await
    }

    pub(crate) async fn identity(&self) -> Result<Identity, Failure> {
        self.get("identity").await
    }

    /// The time zone that people around the box live in; where the box cannot be
    /// asked, the one that a box has by default.
    pub(crate) async fn time_zone(&self) -> TimeZone {
        let name = self.status().await.ok().and_then(|status| status.device.time_zone);
        TimeZone::get(name.as_deref().unwrap_or(DEFAULT_ZONE)).unwrap_or(TimeZone::UTC)
    }

    pub(crate) async fn lessons(&self) -> Result<Vec<LessonEntry>, Failure> {
        self.get("lessons").await
    }

    pub(crate) async fn room(&self) -> Result<SpoolRoom, Failure> {
        self.get("spool").await
    }

    pub(crate) async fn command(&self, command: &Command) -> Result<Done, Failure> {
        self.post("commands", command).await
    }

    async fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<T, Failure> {
        self.post_within(ANSWER_LIMIT, path, body).await
    }

    async fn post_within<B: Serialize, T: DeserializeOwned>(
        &self,
        limit: Duration,
        path: &str,
        body: &B,
    ) -> Result<T, Failure> {
        let body = serde_json::to_vec(body).map_err(|e| Failure::No(messages::bad_answer(e)))?;
        let request =
            self.client.post(url(path)).header("content-type", "application/json").body(body).timeout(limit);
        self.answer(request).await
    }

    pub(crate) async fn clock(&self) -> Result<ClockStatus, Failure> {
        self.get("clock").await
    }

    pub(crate) async fn set_clock(&self, set: &SetClock) -> Result<ClockStatus, Failure> {
        self.post("clock", set).await
    }

    pub(crate) async fn timetable(&self) -> Result<TimetableReport, Failure> {
        self.get("timetable").await
    }

    /// What is planned from one day to another; today where nothing is said.
    pub(crate) async fn plan(&self, span: Option<(Date, Date)>) -> Result<PlanReport, Failure> {
        let query = span.map_or_else(String::new, |(from, to)| format!("?from={from}&to={to}"));
        self.get(&format!("timetable/plan{query}")).await
    }

    pub(crate) async fn push_timetable(&self, file: Vec<u8>, now: bool) -> Result<Pushed, Failure> {
        let request = self.client.put(url(&format!("timetable?now={now}"))).body(file).timeout(READING_LIMIT);
        self.answer(request).await
    }

    /// Decides about the timetable: `confirm`, `rollback`, `makeup`.
    pub(crate) async fn decide<B: Serialize, T: DeserializeOwned>(
        &self,
        what: &str,
        body: &B,
    ) -> Result<T, Failure> {
        self.post(&format!("timetable/{what}"), body).await
    }

    pub(crate) async fn manifest(&self, id: &str) -> Result<Manifest, Failure> {
        self.get(&format!("lessons/{}/files/manifest.json", legal(id)?)).await
    }

    pub(crate) async fn check_archives(&self, id: &str) -> Result<Vec<ArchiveCheck>, Failure> {
        // Takes as long as the stores take.
        self.answer(self.client.get(url(&format!("lessons/{}/archives", legal(id)?)))).await
    }

    /// The lesson's folder on the box, to be read like an archive's.
    pub(crate) fn lesson_folder(&self, id: &str) -> Result<Store, Failure> {
        let folder = format!("api/v1/lessons/{}/files", legal(id)?);
        Store::on_socket(&self.socket, &folder).map_err(|e| Failure::No(messages::store_failed(e)))
    }

    /// From when to when; the term where nothing is said.
    pub(crate) async fn report(&self, from: Option<Date>, to: Option<Date>) -> Result<Report, Failure> {
        let day = |name: &str, date: Option<Date>| date.map(|date| format!("{name}={date}"));
        let days: Vec<String> = [day("from", from), day("to", to)].into_iter().flatten().collect();
        self.get(&format!("report?{}", days.join("&"))).await
    }

    /// Takes note of what is missing: of one lesson, or of everything.
    pub(crate) async fn acknowledge(&self, lesson: Option<&LessonId>) -> Result<NoteTaken, Failure> {
        let path = lesson.map_or("lessons/acknowledge".to_owned(), |id| format!("lessons/{id}/acknowledge"));
        self.answer(self.client.post(url(&path)).timeout(ANSWER_LIMIT)).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.answer(self.client.get(url(path)).timeout(ANSWER_LIMIT)).await
    }

    async fn answer<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, Failure> {
        let response = request.send().await.map_err(|e| unreachable(&self.socket, &e))?;
        let (fine, wrong) =
            (response.status().is_success(), response.status() == reqwest::StatusCode::BAD_REQUEST);
        let body = response.bytes().await.map_err(|e| unreachable(&self.socket, &e))?;
        let bad = |e: serde_json::Error| Failure::No(messages::bad_answer(e));
        if fine {
            return serde_json::from_slice(&body).map_err(bad);
        }
        let refusal: Refusal = serde_json::from_slice(&body).map_err(bad)?;
        Err(if wrong { Failure::WrongUse(refusal.text) } else { Failure::No(refusal.text) })
    }
}

fn url(path: &str) -> String {
    format!("http://lecternd/api/v1/{path}")
}

/// A lesson's id, and nothing that could be another path.
pub(crate) fn legal(id: &str) -> Result<LessonId, Failure> {
    LessonId::new(id).map_err(|_| Failure::WrongUse(messages::not_a_lesson_id(id)))
}

fn unreachable(socket: &Path, error: &reqwest::Error) -> Failure {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let denied = |error: &std::io::Error| error.kind() == std::io::ErrorKind::PermissionDenied;
    Failure::Unreachable(if cause.downcast_ref::<std::io::Error>().is_some_and(denied) {
        messages::daemon_forbidden(socket.display())
    } else {
        messages::daemon_unreachable(socket.display(), cause)
    })
}
