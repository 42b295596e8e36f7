//! `/api/v1/clock`: what time it is, and a person who knows better.

use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use lectern_api::command::{Refusal, Role, SetClock};
use lectern_api::messages;
use lectern_api::status::ClockStatus;

use super::api::{Api, Refused};
use super::peer::Peer;
use crate::clock::Refused as NotTaken;
use crate::clock::unit::Told;
use crate::lesson::actor::gone;

/// What time it is, and how far that is to be trusted.
pub(super) async fn show(State(api): State<Arc<Api>>) -> Json<ClockStatus> {
    Json(api.status.clock())
}

/// Takes a person's word for the time, unless a better source tells it.
pub(super) async fn set(
    State(api): State<Arc<Api>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    body: Result<Json<SetClock>, axum::extract::rejection::JsonRejection>,
) -> Result<Json<ClockStatus>, Refused> {
    peer.at_least(Role::Technician)?;
    let refused = |status, code: &str, text| Refused(status, Refusal::new(code, text));
    let Json(SetClock { utc }) = body.map_err(|error| {
        refused(StatusCode::BAD_REQUEST, "bad_request", messages::bad_request(error.body_text()))
    })?;
    tracing::info!(by = peer.who(), %utc, "a person tells the time");
    let (told, answered) = Told::by_person(utc, api.status.clock.monotonic());
    let stopping = || Refused(StatusCode::SERVICE_UNAVAILABLE, gone());
    api.time.send(told).await.map_err(|_| stopping())?;
    match answered.await.map_err(|_| stopping())? {
        Ok(()) => Ok(Json(api.status.clock())),
        Err(NotTaken::Impossible(utc)) => {
            Err(refused(StatusCode::CONFLICT, "impossible_time", messages::clock_impossible(utc)))
        }
        Err(NotTaken::KnownBetter { by, off }) => {
            let source = messages::time_source(by);
            let text =
                messages::clock_known_better(&source.en, &source.zh, format!("{:.1}", off.as_secs_f64()));
            Err(refused(StatusCode::CONFLICT, "clock_known", text))
        }
    }
}
