//! Deleting, keeping and holding lessons, and the room on the disk.

use jiff::tz::TimeZone;
use lectern_api::command::{Command, Done};
use lectern_api::lessons::LessonEntry;
use lectern_api::room::SpoolRoom;
use lectern_api::{Language, Text, messages};

use crate::Failure;
use crate::box_api::{BoxApi, legal};
use crate::screen::Screen;
use crate::show::{Page, clock};

/// A moment as the clock on the wall around the box shows it.
fn local(at: jiff::Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// `lesson delete`: says whether it was deleted or only asked for.
pub(crate) async fn delete(
    api: &BoxApi,
    id: &str,
    reason: String,
    now: bool,
    screen: &Screen,
) -> Result<bool, Failure> {
    let done = api.command(&Command::Delete { lesson: legal(id)?, reason, now }).await?;
    let entry = api.lessons().await?.into_iter().find(|entry| Some(&entry.lesson.id) == done.lesson.as_ref());
    let is_deleted = entry.is_some_and(|entry| entry.deletion.is_some_and(|d| !d.is_by_retention()));
    let text = if is_deleted {
        messages::deletion_done(done.lesson_text())
    } else {
        messages::deletion_requested(done.lesson_text())
    };
    answer(&done, &text, screen);
    Ok(true)
}

/// `lesson keep`, `hold` and `release`.
pub(crate) async fn decide(api: &BoxApi, command: Command, screen: &Screen) -> Result<bool, Failure> {
    let done = api.command(&command).await?;
    let text = match command {
        Command::Hold { .. } => messages::hold_set(done.lesson_text()),
        Command::Release { .. } => messages::hold_ended(done.lesson_text()),
        _ => messages::deletion_taken_back(done.lesson_text()),
    };
    answer(&done, &text, screen);
    Ok(true)
}

fn answer(done: &Done, text: &Text, screen: &Screen) {
    screen.answer(done, |language| text.in_language(language).to_owned());
}

/// What was decided about a lesson, a line each.
pub(crate) fn notes(entry: &LessonEntry, zone: &TimeZone, language: Language) -> String {
    let mut page = Page::new(language);
    let mut note = |text: Text| page.plain(&format!("    {}", text.in_language(language)));
    if let Some(request) = &entry.deletion_request {
        note(messages::entry_requested(&request.by, local(request.at, zone), &request.reason));
    }
    if let Some(hold) = &entry.hold {
        note(messages::entry_held(&hold.by, local(hold.since, zone), &hold.reason));
    }
    match &entry.deletion {
        Some(gone) if gone.is_by_retention() => {
            note(messages::entry_let_go(local(gone.at, zone), &gone.reason))
        }
        Some(gone) => note(messages::entry_deleted(&gone.by, local(gone.at, zone), &gone.reason)),
        None => {}
    }
    page.text
}

/// `lecternctl spool`.
pub(crate) fn room(room: &SpoolRoom, zone: &TimeZone, language: Language) -> String {
    let mut page = Page::new(language);
    page.line(&messages::spool_used(room.used_bytes, room.quota_bytes));
    page.line(&messages::spool_free(room.free_bytes, clock(room.free_s)));
    if room.reclaimable_bytes.0 > 0 {
        page.line(&messages::spool_reclaimable(room.reclaimable_bytes));
    }
    for pending in &room.pending {
        let duration = clock(pending.pending_s);
        page.line(&messages::spool_pending(&pending.archive, duration, pending.pending_bytes));
    }
    for lesson in &room.held {
        page.line(&messages::spool_held(lesson));
    }
    for lost in &room.made_way {
        page.line(&messages::spool_discarded(&lost.lesson, local(lost.at, zone)));
    }
    let ballast = match room.ballast_given_up {
        true => messages::spool_no_ballast(),
        false => messages::spool_ballast(room.ballast_bytes),
    };
    page.line(&ballast);
    if let Some(error) = &room.index_error {
        page.plain(error);
    }
    page.text
}

#[cfg(test)]
mod tests {
    use lectern_api::lessons::{DeletionRequest, Hold};
    use lectern_api::manifest::{Deletion, LessonInfo, Trigger};
    use lectern_api::status::LessonState;
    use lectern_api::{Bytes, LessonId};

    use super::*;

    #[test]
    fn a_list_tells_wishes_holds_and_deletions_apart() {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let lesson = LessonInfo {
            id: LessonId::new("a").unwrap(),
            title: "语文".to_owned(),
            date: jiff::civil::date(2026, 3, 2),
            since: at,
            until: None,
            planned_until: None,
            trigger: Trigger::Hand,
            planned: None,
        };
        let (by, reason) = ("teacher (uid 1000)".to_owned(), "原因".to_owned());
        let mut entry = LessonEntry {
            lesson,
            state: LessonState::Complete,
            recorded_s: 1.0,
            gap_s: 0.0,
            fragments: 1,
            bytes: Bytes(1),
            held: true,
            archived: Vec::new(),
            deletion_request: None,
            hold: None,
            deletion: None,
        };
        assert_eq!(notes(&entry, &TimeZone::UTC, Language::ZhCn), "");
        entry.deletion_request = Some(DeletionRequest { at, by: by.clone(), reason: reason.clone() });
        entry.hold = Some(Hold { since: at, by: by.clone(), reason: reason.clone() });
        let zh = notes(&entry, &TimeZone::UTC, Language::ZhCn);
        assert!(zh.contains("申请删除") && zh.contains("封存") && !zh.contains("按申请删除"), "{zh}");
        entry.deletion = Some(Deletion { at, by, reason: reason.clone() });
        assert!(notes(&entry, &TimeZone::UTC, Language::ZhCn).contains("按申请删除"));
        entry.deletion = Some(Deletion { at, by: Deletion::RETENTION.to_owned(), reason });
        let zh = notes(&entry, &TimeZone::UTC, Language::ZhCn);
        assert!(zh.contains("保留规则") && !zh.contains("按申请删除"), "{zh}");
    }
}
