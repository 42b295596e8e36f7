//! Deleting lessons, keeping them, holding them: who may, and why not.

use std::sync::Arc;

use axum::http::StatusCode;
use jiff::tz::TimeZone;
use lectern_api::command::{Command, Done, Refusal, Role};
use lectern_api::{LessonId, Text, messages};
use lectern_spool::SpoolError;

use super::api::{Api, Refused, no_lesson};
use super::peer::Peer;

fn refused(code: &str, text: Text) -> Refused {
    Refused(StatusCode::CONFLICT, Refusal::new(code, text))
}

/// A moment as people of the box's place write it.
fn local(at: jiff::Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The spool's refusal, in words for a person.
fn in_words(error: SpoolError, zone: &TimeZone) -> Refused {
    match error {
        SpoolError::UnknownLesson(id) => no_lesson(id.as_str()),
        SpoolError::LessonOpen(id) => refused("lesson_running", messages::lesson_not_over(id)),
        SpoolError::Deleted(id) => refused("lesson_deleted", messages::lesson_deleted(id)),
        SpoolError::Held { lesson, hold } => {
            let since = local(hold.since, zone);
            refused("lesson_held", messages::lesson_held(lesson, &hold.by, since, &hold.reason))
        }
        SpoolError::TooEarly { lesson, from } => {
            refused("too_early", messages::deletion_too_early(lesson, local(from, zone)))
        }
        SpoolError::NotRequested(id) => refused("not_requested", messages::deletion_not_requested(id)),
        SpoolError::NotHeld(id) => refused("not_held", messages::lesson_not_held(id)),
        SpoolError::Removed(id) => refused("lesson_gone", messages::lesson_gone(id)),
        SpoolError::DecisionsUnreadable { path } => {
            refused("decisions_unreadable", messages::decisions_unreadable(path.display()))
        }
        SpoolError::Invalid(_) => {
            let text = messages::bad_reason();
            Refused(StatusCode::BAD_REQUEST, Refusal::new("bad_reason", text))
        }
        error => error.into(),
    }
}

/// Carries out a command about a lesson as a whole. Anything else is handed
/// back.
pub(super) async fn decide(
    api: &Arc<Api>,
    peer: Peer,
    command: Command,
) -> Result<Result<Done, Command>, Refused> {
    let by = peer.who();
    let lesson = match &command {
        Command::Delete { lesson, .. }
        | Command::Keep { lesson }
        | Command::Hold { lesson, .. }
        | Command::Release { lesson } => lesson.clone(),
        Command::Start { .. } | Command::Stop | Command::Prolong { .. } | Command::Shutter { .. } => {
            return Ok(Err(command));
        }
    };
    let is_administrator = peer.role >= Role::Administrator;
    match &command {
        Command::Hold { .. } | Command::Release { .. } => peer.at_least(Role::Administrator)?,
        Command::Keep { .. } if !is_administrator => taken_back_by_its_maker(api, &lesson, &by)?,
        _ => {}
    }
    let done = Done { lesson: Some(lesson), until: None };
    let decided = Arc::clone(api).off_thread(move |api| {
        let archives: Vec<_> = api.archives.iter().map(|(name, _)| name.clone()).collect();
        match command {
            Command::Delete { lesson, reason, now } if is_administrator => {
                api.spool.delete(&lesson, &by, &reason, now, &archives)
            }
            Command::Delete { lesson, reason, .. } => api.spool.request_deletion(&lesson, &by, &reason),
            Command::Keep { lesson } => api.spool.keep(&lesson, &by),
            Command::Hold { lesson, reason } => api.spool.hold(&lesson, &by, &reason),
            Command::Release { lesson } => api.spool.end_hold(&lesson, &by),
            Command::Start { .. } | Command::Stop | Command::Prolong { .. } | Command::Shutter { .. } => {
                Ok(())
            }
        }
    });
    decided.await.map_err(|error| in_words(error, &api.time_zone))?;
    // What was deleted here is to go from the archives too.
    api.progress.send_modify(|progress| progress.changes += 1);
    Ok(Ok(done))
}

fn taken_back_by_its_maker(api: &Api, lesson: &LessonId, by: &str) -> Result<(), Refused> {
    let record = api.spool.lesson(lesson);
    match record.and_then(|record| record.deletion_request).filter(|request| request.by != by) {
        Some(request) => Err(Refused(
            StatusCode::FORBIDDEN,
            Refusal::new("not_allowed", messages::deletion_of_another(request.by)),
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use lectern_api::lessons::Hold;

    use super::*;

    fn shanghai() -> TimeZone {
        TimeZone::fixed(jiff::tz::offset(8))
    }

    #[test]
    fn a_refusal_says_who_holds_the_lesson_and_why() {
        let lesson = LessonId::new("lesson").unwrap();
        let since = "2026-09-21T16:30:00Z".parse().unwrap();
        let hold =
            Box::new(Hold { since, by: "administrator (uid 0)".into(), reason: "事故调查".into() });
        let Refused(status, refusal) = in_words(SpoolError::Held { lesson, hold }, &shanghai());
        assert_eq!((status, refusal.code.as_str()), (StatusCode::CONFLICT, "lesson_held"));
        for part in ["administrator (uid 0)", "事故调查", "2026-09-22 00:30"] {
            assert!(refusal.text.zh.contains(part) && refusal.text.en.contains(part), "{refusal:?}");
        }
    }

    #[test]
    fn a_refusal_says_from_when_on_a_lesson_may_be_deleted() {
        let lesson = LessonId::new("lesson").unwrap();
        let from = "2026-09-28T01:00:00Z".parse().unwrap();
        let Refused(_, refusal) = in_words(SpoolError::TooEarly { lesson, from }, &shanghai());
        assert_eq!(refusal.code, "too_early");
        assert!(refusal.text.zh.contains("2026-09-28 09:00"), "{refusal:?}");
    }
}
