//! What became of planned lessons: the report, and taking note of it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::StatusCode;
use jiff::civil::Date;
use lectern_account::report::sums;
use lectern_api::account::{NoteTaken, Report};
use lectern_api::command::{Refusal, Role};
use lectern_api::{LessonId, messages};
use serde::Deserialize;

use super::api::{Api, Refused, Shared, no_lesson};
use super::peer::Peer;
use crate::account::AccountError;
use crate::off_thread::OffThread as _;

/// The longest report, in days.
const LONGEST: i32 = 400;

/// From when to when; the term when nothing is said.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Days {
    from: Option<Date>,
    to: Option<Date>,
}

impl From<AccountError> for Refused {
    fn from(error: AccountError) -> Self {
        tracing::error!(%error, "the accounts cannot be read or written");
        let text = messages::account::accounts_unreadable(&error);
        Self(StatusCode::INTERNAL_SERVER_ERROR, Refusal::new("accounts_unreadable", text))
    }
}

fn bad(code: &str, text: lectern_api::Text) -> Refused {
    Refused(StatusCode::BAD_REQUEST, Refusal::new(code, text))
}

pub(super) async fn report(
    State(api): Shared,
    days: Result<Query<Days>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Report>, Refused> {
    let Query(days) = days.map_err(|error| bad("bad_request", messages::bad_request(error.body_text())))?;
    let made = api.status.clock.utc();
    let accounts = Arc::clone(&api.accounts);
    let read = accounts.off_thread(move |accounts| {
        let term = accounts.term();
        let (from, to) = (days.from.unwrap_or(term.0), days.to.unwrap_or(term.1));
        let length = from.until(to).map_or(-1, |span| span.get_days());
        if !(0..LONGEST).contains(&length) {
            return Ok(Err((from, to)));
        }
        Ok::<_, AccountError>(Ok((from, to, accounts.since()?, accounts.of_days(from, to)?)))
    });
    let read = read.await?;
    let (from, to, since, lessons) =
        read.map_err(|(from, to)| bad("bad_days", messages::account::bad_stretch(from, to)))?;
    Ok(Json(Report {
        device: api.device.clone(),
        place: api.status.device.place.clone(),
        from,
        to,
        made,
        since,
        time_zone: api.status.device.time_zone.clone(),
        sums: sums(&lessons),
        lessons,
    }))
}

/// 已知晓: somebody takes note of one lesson.
pub(super) async fn acknowledge(
    State(api): Shared,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(id): Path<String>,
) -> Result<Json<NoteTaken>, Refused> {
    let lesson = LessonId::new(&id).map_err(|_| no_lesson(&id))?;
    let noted = take_note(&api, peer, Some(lesson)).await?;
    if noted.lessons.is_empty() {
        let text = messages::account::no_account(&id);
        return Err(Refused(StatusCode::NOT_FOUND, Refusal::new("no_account", text)));
    }
    Ok(Json(noted))
}

/// Somebody takes note of everything.
pub(super) async fn acknowledge_all(
    State(api): Shared,
    ConnectInfo(peer): ConnectInfo<Peer>,
) -> Result<Json<NoteTaken>, Refused> {
    Ok(Json(take_note(&api, peer, None).await?))
}

async fn take_note(api: &Api, peer: Peer, lesson: Option<LessonId>) -> Result<NoteTaken, Refused> {
    peer.at_least(Role::Teacher)?;
    let by = peer.who();
    let lessons = api
        .accounts
        .off_thread(move |accounts| {
            let noted = accounts.acknowledge(lesson.as_ref(), &by)?;
            tracing::info!(by, lessons = noted.len(), "taken note of");
            Ok::<_, AccountError>(noted)
        })
        .await?;
    // The faults go with the next status.
    api.noted.send_modify(|count| *count += 1);
    Ok(NoteTaken { lessons })
}
