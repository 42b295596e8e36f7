//! The HTTP API, `/api/v1/…`, as the control socket serves it.

use std::sync::Arc;

use axum::extract::{ConnectInfo, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use lectern_api::command::{Command, Done, Refusal, Role, is_title};
use lectern_api::identity::Identity;
use lectern_api::lessons::{ArchiveCheck, LessonEntry};
use lectern_api::manifest::{Manifest, Trigger};
use lectern_api::room::SpoolRoom;
use lectern_api::status::Status;
use lectern_api::{DeviceId, LessonId, Name, messages};
use lectern_archive::layout::{self, File};
use lectern_archive::playlist::{self, Listing};
use lectern_archive::signature::PublicKey;
use lectern_archive::store::StoreOptions;
use lectern_archive::{Store, verify};
use lectern_spool::{Spool, SpoolError};
use tokio::sync::{mpsc, oneshot, watch};

use super::peer::Peer;
use super::pictures::{self, Window};
use super::repair::{self, Repairs};
use super::status::StatusView;
use super::{accounts, clock, deletion, faults, metrics, timetable};
use crate::account::Accounts;
use crate::clock::unit::Told;
use crate::health::FaultMemory;
use crate::lesson::actor::{Request, gone};
use crate::off_thread::OffThread as _;
use crate::spooler::Progress;
use crate::timetable::Desk;
use crate::upload::{Extent, compose};

/// What the API is given.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) status: Arc<StatusView>,
    pub(crate) faults: FaultMemory,
    pub(crate) repairs: Repairs,
    /// Where pictures pass, source by source.
    pub(crate) windows: Vec<Window>,
    pub(crate) lesson: mpsc::Sender<Request>,
    pub(crate) time: mpsc::Sender<Told>,
    pub(crate) timetable: Desk,
    pub(crate) spool: Arc<Spool>,
    pub(crate) device: DeviceId,
    pub(crate) public_key: PublicKey,
    pub(crate) time_zone: jiff::tz::TimeZone,
    pub(crate) archives: Vec<(Name, StoreOptions)>,
    pub(crate) accounts: Arc<Accounts>,
    /// Counts up when somebody has taken note of an account.
    pub(crate) noted: watch::Sender<u64>,
    /// Wakes the archives' units when they have something to do.
    pub(crate) progress: watch::Sender<Progress>,
}

pub(super) type Shared = State<Arc<Api>>;

/// The routes.
pub(crate) fn router(api: Arc<Api>) -> Router {
    Router::new()
        .route("/api/v1/status", get(status))
        .route("/metrics", get(metrics::show))
        .route("/api/v1/faults", get(faults::list))
        .route("/api/v1/faults/repairs", get(repair::list))
        .route("/api/v1/faults/{id}/repair", post(repair::note))
        .route("/api/v1/identity", get(identity))
        .route("/api/v1/pictures", get(pictures::take))
        .route("/api/v1/commands", post(command))
        .route("/api/v1/spool", get(room))
        .route("/api/v1/clock", get(clock::show).post(clock::set))
        .route("/api/v1/lessons", get(lessons))
        .route("/api/v1/lessons/acknowledge", post(accounts::acknowledge_all))
        .route("/api/v1/lessons/{id}/acknowledge", post(accounts::acknowledge))
        .route("/api/v1/report", get(accounts::report))
        .route("/api/v1/lessons/{id}/archives", get(check_archives))
        .route("/api/v1/lessons/{id}/files/{*path}", get(file))
        .merge(timetable::routes())
        .with_state(api)
}

/// A request that was not carried out.
pub(super) struct Refused(pub(super) StatusCode, pub(super) Refusal);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

impl From<SpoolError> for Refused {
    fn from(error: SpoolError) -> Self {
        tracing::error!(%error, "the spool could not be read");
        let text = messages::spool_unreadable(&error);
        Self(StatusCode::INTERNAL_SERVER_ERROR, Refusal::new("spool_unreadable", text))
    }
}

impl Peer {
    pub(super) fn at_least(self, role: Role) -> Result<(), Refused> {
        if self.role >= role {
            return Ok(());
        }
        let text = messages::not_allowed();
        Err(Refused(StatusCode::FORBIDDEN, Refusal::new("not_allowed", text)))
    }
}

pub(super) fn no_lesson(id: &str) -> Refused {
    let text = messages::no_such_lesson(id);
    Refused(StatusCode::NOT_FOUND, Refusal::new("no_such_lesson", text))
}

fn no_file(path: &str) -> Refused {
    let text = messages::no_such_file(path);
    Refused(StatusCode::NOT_FOUND, Refusal::new("no_such_file", text))
}

impl Api {
    pub(super) async fn off_thread<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, SpoolError> + Send + 'static,
    ) -> Result<T, SpoolError> {
        let spool = Arc::clone(&self.spool);
        spool.off_thread(move |_| work(&self)).await
    }

    async fn manifest(self: Arc<Self>, id: &str) -> Result<Manifest, Refused> {
        let lesson = LessonId::new(id).map_err(|_| no_lesson(id))?;
        let found =
            self.off_thread(move |api| compose(&api.spool, &api.device, &lesson, &Extent::All)).await?;
        found.ok_or_else(|| no_lesson(id))
    }
}

async fn status(State(api): Shared) -> Result<Json<Status>, Refused> {
    Ok(Json(api.off_thread(|api| api.status.status()).await?))
}

async fn identity(State(api): Shared) -> Json<Identity> {
    Json(Identity { device: api.device.clone(), public_key: api.public_key.to_string() })
}

async fn room(State(api): Shared) -> Result<Json<SpoolRoom>, Refused> {
    Ok(Json(api.off_thread(|api| api.status.room()).await?))
}

async fn command(
    State(api): Shared,
    ConnectInfo(peer): ConnectInfo<Peer>,
    body: Result<Json<Command>, axum::extract::rejection::JsonRejection>,
) -> Result<Json<Done>, Refused> {
    peer.at_least(Role::Teacher)?;
    let bad = |text| Refused(StatusCode::BAD_REQUEST, Refusal::new("bad_request", text));
    let Json(command) = body.map_err(|error| bad(messages::bad_request(error.body_text())))?;
    if let Command::Start { minutes: Some(minutes), .. } = command
        && !(1..=720).contains(&minutes)
    {
        return Err(bad(messages::bad_minutes(minutes)));
    }
    if let Command::Prolong { minutes } = command
        && !(1..=60).contains(&minutes)
    {
        return Err(bad(messages::bad_prolong(minutes)));
    }
    if let Command::Start { title: Some(title), .. } = &command
        && !is_title(title)
    {
        return Err(bad(messages::bad_title()));
    }
    let command = match deletion::decide(&api, peer, command).await? {
        Ok(done) => return Ok(Json(done)),
        Err(command) => command,
    };
    let (answer, answered) = oneshot::channel();
    let stopping = || Refused(StatusCode::SERVICE_UNAVAILABLE, gone());
    api.lesson
        .send(Request::Command { command, trigger: Trigger::Hand, answer })
        .await
        .map_err(|_| stopping())?;
    match answered.await {
        Ok(Ok(done)) => Ok(Json(done)),
        Ok(Err(refusal)) => Err(Refused(StatusCode::CONFLICT, refusal)),
        Err(_) => Err(stopping()),
    }
}

async fn lessons(State(api): Shared) -> Result<Json<Vec<LessonEntry>>, Refused> {
    let on_air = api.status.lesson.borrow().clone();
    let entries = api
        .off_thread(move |api| {
            let mut entries = Vec::new();
            for record in api.spool.lessons() {
                let mut archived = Vec::new();
                for (name, _) in &api.archives {
                    if api.spool.is_archived(name, &record.info.id) {
                        archived.push(name.clone());
                    }
                }
                entries.push(LessonEntry {
                    state: on_air.state_of(&record.info),
                    recorded_s: record.recorded_90k.as_secs_f64(),
                    gap_s: record.gap_90k.as_secs_f64(),
                    fragments: record.fragments,
                    bytes: record.bytes,
                    held: !record.removed,
                    archived,
                    deletion_request: record.deletion_request,
                    hold: record.hold,
                    deletion: record.deletion,
                    lesson: record.info,
                });
            }
            Ok(entries)
        })
        .await?;
    Ok(Json(entries))
}

/// A lesson's folder as an archive would hold it, made from the spool.
async fn file(
    State(api): Shared,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path((id, path)): Path<(String, String)>,
) -> Result<Response, Refused> {
    peer.at_least(Role::Teacher)?;
    let file = File::parse(&path).ok_or_else(|| no_file(&path))?;
    let lesson = LessonId::new(&id).map_err(|_| no_lesson(&id))?;
    let (kind, read) = match file {
        File::Manifest => return Ok(Json(api.manifest(&id).await?).into_response()),
        File::Playlist => {
            let manifest = api.manifest(&id).await?;
            let listing = Listing::of(&manifest).ok_or_else(|| no_file(&path))?;
            ("application/vnd.apple.mpegurl", Ok(playlist::render(&listing).into_bytes()))
        }
        File::Init { run, .. } => {
            ("video/mp4", api.spool.off_thread(move |spool| spool.read_init(&lesson, run)).await)
        }
        File::Fragment { track, seq } => {
            ("video/iso.segment", api.spool.off_thread(move |spool| spool.read(&lesson, &track, seq)).await)
        }
    };
    match read {
        Ok(body) => Ok(([(header::CONTENT_TYPE, kind)], body).into_response()),
        Err(SpoolError::UnknownLesson(_)) => Err(no_lesson(&id)),
        Err(SpoolError::Removed(_) | SpoolError::UnknownRun { .. } | SpoolError::UnknownFragment { .. }) => {
            Err(no_file(&path))
        }
        Err(error) => Err(error.into()),
    }
}

/// Checks every store's copy of a lesson.
async fn check_archives(
    State(api): Shared,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(id): Path<String>,
) -> Result<Json<Vec<ArchiveCheck>>, Refused> {
    peer.at_least(Role::Teacher)?;
    let manifest = Arc::clone(&api).manifest(&id).await?;
    let folder = layout::lesson_folder(&manifest.device, manifest.lesson.date, &manifest.lesson.id);
    let (mut checks, zone) = (Vec::new(), &api.time_zone);
    for (name, store) in &api.archives {
        let mut check = ArchiveCheck {
            archive: name.clone(),
            fragments: 0,
            recorded_s: 0.0,
            gap_s: 0.0,
            problems: Vec::new(),
            signed_by: None,
        };
        match checked(store, &folder, api.public_key).await {
            Ok(report) => {
                check.fragments = report.fragments;
                check.recorded_s = report.recorded.as_secs_f64();
                check.gap_s = report.gaps.as_secs_f64();
                check.problems = report.problems.iter().map(|problem| problem.text_in(zone)).collect();
                check.signed_by = report.signed_by.map(|key| key.to_string());
            }
            Err(error) => check.problems.push(error.text()),
        }
        checks.push(check);
    }
    Ok(Json(checks))
}

async fn checked(
    store: &StoreOptions,
    folder: &str,
    key: PublicKey,
) -> Result<verify::Report, verify::VerifyError> {
    let lesson = Store::open_with(store)?.within(folder)?;
    let found = verify::read_lesson(&lesson).await?;
    verify::verify_found(&lesson, &found, Some(key), |_| ()).await
}
