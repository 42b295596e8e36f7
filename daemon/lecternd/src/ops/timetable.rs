//! The timetable over HTTP, `/api/v1/timetable…`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection, QueryRejection};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::civil::Date;
use lectern_api::command::{Refusal, Role};
use lectern_api::messages::{self, book as words};
use lectern_api::timetable::{PlanReport, Pushed, SetMakeup, TimetableReport, WhichVersion};
use lectern_timetable::MAX_BYTES;
use serde::Deserialize;

use super::api::{Api, Refused, Shared};
use super::peer::Peer;
use crate::timetable::{InForce, MISTAKEN};

/// So many days are answered at once.
const MOST_DAYS: i32 = 62;

pub(super) fn routes() -> Router<Arc<Api>> {
    // One byte more is refused by what reads it, in words.
    let whole_file = DefaultBodyLimit::max(MAX_BYTES + 1);
    Router::new()
        .route("/api/v1/timetable", get(report).put(push).layer(whole_file))
        .route("/api/v1/timetable/plan", get(plan))
        .route("/api/v1/timetable/confirm", post(confirm))
        .route("/api/v1/timetable/rollback", post(roll_back))
        .route("/api/v1/timetable/makeup", post(makeup))
}

fn bad(text: lectern_api::Text) -> Refused {
    Refused(StatusCode::BAD_REQUEST, Refusal::new("bad_request", text))
}

fn refused(refusal: Refusal) -> Refused {
    let status = match refusal.code.as_str() {
        "stopping" => StatusCode::SERVICE_UNAVAILABLE,
        MISTAKEN => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    };
    Refused(status, refusal)
}

fn body<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Refused> {
    body.map(|Json(body)| body).map_err(|error| bad(messages::bad_request(error.body_text())))
}

impl Api {
    fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.status.timetable.borrow())
    }
}

async fn report(State(api): Shared) -> Json<TimetableReport> {
    Json(api.in_force().report())
}

/// From which day to which, both included; today where nothing is said.
#[derive(Debug, Deserialize)]
struct Days {
    from: Option<Date>,
    to: Option<Date>,
}

async fn plan(
    State(api): Shared,
    days: Result<Query<Days>, QueryRejection>,
) -> Result<Json<PlanReport>, Refused> {
    let Query(days) = days.map_err(|error| bad(messages::bad_request(error.body_text())))?;
    let in_force = api.in_force();
    let conflict = |text| refused(Refusal::new("no_plan", text));
    let Some(plan) = &in_force.plan else {
        let no_room = || words::no_room_known(in_force.status.rooms.join(", "));
        let no_timetable = in_force.status.in_force.is_none();
        return Err(conflict(if no_timetable { words::no_timetable() } else { no_room() }));
    };
    let now = api.status.clock.utc();
    let today = now.to_zoned(plan.school().timetable().time_zone.clone()).date();
    let from = days.from.unwrap_or(today);
    let to = days.to.unwrap_or(from);
    let count = from.until(to).map_or(-1, |span| span.get_days());
    if !(0..MOST_DAYS).contains(&count) {
        return Err(bad(words::bad_span(MOST_DAYS)));
    }
    let dates = std::iter::successors(Some(from), |date| date.tomorrow().ok()).take_while(|date| *date <= to);
    let why = in_force.state_at(now).map_or_else(words::no_timetable, |state| state.why);
    Ok(Json(PlanReport { today, days: dates.map(|date| plan.day(date)).collect(), now: why }))
}

/// Whether the sender looked at it and wants it at once.
#[derive(Debug, Deserialize)]
struct Confirmed {
    #[serde(default)]
    now: bool,
}

async fn push(
    State(api): Shared,
    ConnectInfo(peer): ConnectInfo<Peer>,
    confirmed: Result<Query<Confirmed>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Pushed>, Refused> {
    peer.at_least(Role::Technician)?;
    let Query(Confirmed { now }) =
        confirmed.map_err(|error| bad(messages::bad_request(error.body_text())))?;
    let bytes = body.map_err(|error| {
        let large = error.status() == StatusCode::PAYLOAD_TOO_LARGE;
        bad(if large { words::sent_large(MAX_BYTES) } else { messages::bad_request(error.body_text()) })
    })?;
    api.timetable.push(bytes.to_vec(), peer.who(), now).await.map(Json).map_err(refused)
}

async fn confirm(
    State(api): Shared,
    ConnectInfo(peer): ConnectInfo<Peer>,
    which: Result<Json<WhichVersion>, JsonRejection>,
) -> Result<Json<WhichVersion>, Refused> {
    peer.at_least(Role::Technician)?;
    let WhichVersion { version } = body(which)?;
    let version = api.timetable.confirm(version, peer.who()).await.map_err(refused)?;
    Ok(Json(WhichVersion { version: Some(version) }))
}

async fn roll_back(
    State(api): Shared,
    ConnectInfo(peer): ConnectInfo<Peer>,
    which: Result<Json<WhichVersion>, JsonRejection>,
) -> Result<Json<WhichVersion>, Refused> {
    peer.at_least(Role::Technician)?;
    let version = body(which)?.version.ok_or_else(|| bad(words::which_version()))?;
    let version = api.timetable.roll_back(version, peer.who()).await.map_err(refused)?;
    Ok(Json(WhichVersion { version: Some(version) }))
}

/// A teacher may answer: it is asked in the room, days ahead, and concerns this
/// box and that day only.
async fn makeup(
    State(api): Shared,
    ConnectInfo(peer): ConnectInfo<Peer>,
    makeup: Result<Json<SetMakeup>, JsonRejection>,
) -> Result<Json<SetMakeup>, Refused> {
    peer.at_least(Role::Teacher)?;
    api.timetable.makeup(body(makeup)?, peer.who()).await.map(Json).map_err(refused)
}
