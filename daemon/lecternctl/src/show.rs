//! Answers in words, for a terminal.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use lectern_api::check::PreClassCheck;
use lectern_api::command::Done;
use lectern_api::identity::Identity;
use lectern_api::lessons::LessonEntry;
use lectern_api::manifest::{Manifest, ManifestState};
use lectern_api::status::{ArchiveState, ArchiveStatus, LessonState, LiveState, Role, SourceState, Status};
use lectern_api::{Language, Text, messages};

use crate::deletion;
use crate::lesson::{Checked, Written};
use crate::spool::Recovered;

/// One line of text after the other.
pub(crate) struct Page {
    language: Language,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn new(language: Language) -> Self {
        Self { language, text: String::new() }
    }

    pub(crate) fn line(&mut self, text: &Text) {
        let _ = writeln!(self.text, "{}", text.in_language(self.language));
    }

    pub(crate) fn plain(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}");
    }

    fn word(&self, zh: &'static str, en: &'static str) -> &'static str {
        match self.language {
            Language::ZhCn => zh,
            Language::En => en,
        }
    }
}

pub(crate) fn started(done: &Done, language: Language) -> String {
    messages::lesson_started(done.lesson_text()).in_language(language).to_owned()
}

pub(crate) fn stopped(done: &Done, language: Language) -> String {
    messages::lesson_stopped(done.lesson_text()).in_language(language).to_owned()
}

pub(crate) fn prolonged(done: &Done, zone: &TimeZone, language: Language) -> String {
    let until = done.until.map(|until| hour(until, zone)).unwrap_or_default();
    messages::lesson_prolonged(until).in_language(language).to_owned()
}

/// What closing or opening the shutter has brought about.
pub(crate) fn shutter(closed: bool, today: bool, language: Language) -> String {
    let text = match (closed, today) {
        (true, true) => messages::shutter_closed_today(),
        (true, false) => messages::shutter_closed(),
        (false, _) => messages::shutter_opened(),
    };
    text.in_language(language).to_owned()
}

/// A time of today.
fn hour(moment: jiff::Timestamp, zone: &TimeZone) -> String {
    moment.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

pub(crate) fn identity(identity: &Identity, language: Language) -> String {
    let mut page = Page::new(language);
    page.line(&messages::identity_device(&identity.device));
    page.line(&messages::identity_key(&identity.public_key));
    page.text
}

pub(crate) fn status(status: &Status, language: Language) -> String {
    let mut page = Page::new(language);
    let device = &status.device;
    page.line(&messages::status_box(&device.id, &device.place, &device.version));
    match &status.lesson {
        None => page.line(&messages::status_idle()),
        Some(lesson) => {
            let gap = gap(lesson.gap_s, language);
            let state = lesson_state(&page, lesson.state);
            page.line(&messages::status_lesson(&lesson.title, state, clock(lesson.recorded_s), gap));
        }
    }
    let zone = status.device.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    let zone = zone.unwrap_or(TimeZone::UTC);
    if let Some(shutter) = &status.shutter {
        page.line(&match shutter.until {
            Some(until) => messages::status_shutter_until(hour(until, &zone)),
            None => messages::status_shutter(),
        });
    }
    if let Some(next) = &status.next {
        let day = next.since.to_zoned(zone.clone()).strftime("%m-%d %H:%M").to_string();
        page.line(&messages::status_next(day, hour(next.until, &zone), &next.title));
    }
    if let Some(check) = &status.check {
        pre_class(&mut page, check, &zone);
    }
    for source in &status.sources {
        let role = match source.role {
            Role::Board => page.word("大屏", "board"),
            Role::Camera => page.word("摄像机", "camera"),
            Role::Mic => page.word("话筒", "microphone"),
            Role::Line => page.word("大屏声音", "line"),
        };
        let delivering = crate::source::state(source, language);
        let state = match source.state {
            SourceState::Idle => page.word("待用", "idle"),
            SourceState::Connecting => page.word("正在打开", "opening"),
            SourceState::Running => &delivering,
            SourceState::Lost => page.word("没有信号", "NO SIGNAL"),
        };
        page.line(&messages::status_source(&source.name, role, state));
    }
    for live in &status.live {
        let state = match live.state {
            LiveState::Idle => page.word("待用", "idle"),
            LiveState::Connecting => page.word("正在连接", "connecting"),
            LiveState::Sending => page.word("正在直播", "sending"),
            LiveState::Stalled => page.word("对方不收数据", "STALLED"),
            LiveState::Waiting => page.word("等待重连", "WAITING to reconnect"),
        };
        page.line(&messages::status_live(&live.name, state, live.bitrate_kbps.0));
    }
    for archive in &status.archive {
        let state = match archive.state {
            ArchiveState::Idle => page.word("已全部上传", "up to date"),
            ArchiveState::Uploading => page.word("正在上传", "uploading"),
            ArchiveState::Retrying => page.word("暂时传不上去", "NOT REACHED, trying again"),
        };
        page.line(&messages::status_archive(&archive.name, state, to_go(archive).in_language(language)));
        if let Some(error) = &archive.last_error {
            page.plain(&format!("         {}", error.in_language(language)));
        }
    }
    page.line(&messages::status_spool(clock(status.spool.free_s)));
    let zone = status.device.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    if let Some(line) = crate::clock::line(&status.clock, &zone.unwrap_or(TimeZone::UTC), language) {
        page.line(&line);
    }
    if status.faults.is_empty() {
        page.line(&messages::status_no_faults());
    }
    for fault in &status.faults {
        let text = fault.text.in_language(language);
        let hint = fault.hint.in_language(language);
        page.line(&messages::status_fault(text, hint, &fault.code));
    }
    page.text
}

/// One line when all is there, one for each thing that is not. What is a fault
/// has its hint below.
fn pre_class(page: &mut Page, check: &PreClassCheck, zone: &TimeZone) {
    if check.ready {
        page.line(&messages::status_check_ready(hour(check.bell, zone), &check.title));
    }
    for item in check.troubles() {
        page.line(&messages::status_check_trouble(item.text.in_language(page.language)));
        if let Some(hint) = item.hint.as_ref().filter(|_| item.code.is_none()) {
            page.line(&messages::status_check_hint(hint.in_language(page.language)));
        }
    }
}

pub(crate) fn lessons(lessons: &[LessonEntry], zone: &TimeZone, language: Language) -> String {
    let mut page = Page::new(language);
    if lessons.is_empty() {
        page.line(&messages::no_lessons());
    }
    for entry in lessons {
        if entry.deletion.as_ref().is_some_and(|gone| !gone.is_by_retention()) {
            // Nothing is known of it any more but that it was, and who ended it.
            page.plain(&format!("{}  {}", entry.lesson.id, entry.lesson.date));
            page.text.push_str(&deletion::notes(entry, zone, language));
            continue;
        }
        let state = lesson_state(&page, entry.state);
        let archived: Vec<&str> = entry.archived.iter().map(lectern_api::Name::as_str).collect();
        let archived = if archived.is_empty() {
            page.word("仅在本机", "on this box only").to_owned()
        } else {
            format!("{} {}", page.word("已存到", "archived in"), archived.join(", "))
        };
        let gap = gap(entry.gap_s, language);
        let (id, date, title) = (&entry.lesson.id, entry.lesson.date, &entry.lesson.title);
        page.plain(&format!(
            "{id}  {date}  {title}  {state}  {}{gap}  {}  {archived}",
            clock(entry.recorded_s),
            entry.bytes
        ));
        page.text.push_str(&deletion::notes(entry, zone, language));
    }
    page.text
}

/// Times are those of the clock on the wall around the box.
pub(crate) fn manifest(manifest: &Manifest, zone: &TimeZone, language: Language) -> String {
    let mut page = Page::new(language);
    let lesson = &manifest.lesson;
    let state = match manifest.state {
        ManifestState::Open => page.word("未结束", "open"),
        ManifestState::Closed => page.word("已结束", "closed"),
        ManifestState::Deleted => page.word("按申请删除", "deleted on request"),
    };
    page.plain(&format!(
        "{}  {}  {state}  {}",
        lesson.id,
        lesson.title,
        lesson.trigger.text().in_language(language)
    ));
    for run in &manifest.runs {
        let begin = run.anchors.first();
        let local =
            |utc: jiff::Timestamp| utc.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let at = begin
            .map_or_else(String::new, |a| format!("{}  {}", clock(a.pts_90k.as_secs_f64()), local(a.utc)));
        page.plain(&format!("  {} {}  {at}  {}", page.word("段", "run"), run.run, run.codecs));
    }
    for track in &manifest.tracks {
        let seconds: f64 = track.fragments.iter().map(|f| f.duration_90k.as_secs_f64()).sum();
        let bytes = lectern_api::Bytes(track.fragments.iter().map(|f| f.bytes).sum());
        let count = track.fragments.len();
        page.plain(&format!(
            "  {}  {count} {}  {}  {bytes}",
            track.name,
            page.word("个片段", "fragments"),
            clock(seconds)
        ));
    }
    for gap in &manifest.gaps {
        let (from, to) = (clock(gap.from_90k.as_secs_f64()), clock(gap.to_90k.as_secs_f64()));
        let reason = gap.reason.text();
        page.plain(&format!("  {} {from}–{to}  {}", page.word("缺录", "gap"), reason.in_language(language)));
    }
    page.text
}

pub(crate) fn checks(checks: &[Checked], language: Language) -> String {
    let mut page = Page::new(language);
    for check in checks {
        let place = if check.place == "spool" { page.word("本机", "this box") } else { &check.place };
        if check.problems.is_empty() && check.fragments == 0 {
            page.line(&messages::check_empty(place));
        } else if check.problems.is_empty() {
            let gap = gap(check.gap_s, language);
            page.line(&messages::check_fine(place, check.fragments, clock(check.recorded_s), gap));
        } else {
            page.line(&messages::check_bad(place, check.problems.len()));
        }
        for problem in &check.problems {
            page.plain(&format!("  {}", problem.in_language(language)));
        }
        if let Some(key) = &check.signed_by {
            let text =
                if check.key_compared { messages::signed_as_expected(key) } else { messages::signed_by(key) };
            page.plain(&format!("  {}", text.in_language(language)));
        }
    }
    page.text
}

pub(crate) fn written(written: &Written, language: Language) -> String {
    let mut page = Page::new(language);
    for file in &written.files {
        page.line(&messages::wrote(file));
    }
    for flaw in &written.flaws {
        page.line(&messages::flaw(flaw.in_language(language)));
    }
    page.text
}

pub(crate) fn recovered(recovered: &Recovered, language: Language) -> String {
    let mut page = Page::new(language);
    for lesson in &recovered.lessons {
        page.line(&messages::lesson_recovered(&lesson.title, &lesson.id, lesson.fragments, &lesson.folder));
        for loss in &lesson.losses {
            page.line(&messages::not_recovered(loss));
        }
    }
    for loss in &recovered.losses {
        page.line(&messages::not_recovered(loss));
    }
    if recovered.lessons.is_empty() {
        page.line(&messages::nothing_to_recover());
    }
    page.text
}

/// What an archive lacks, and how long that takes.
fn to_go(archive: &ArchiveStatus) -> Text {
    if archive.pending_bytes == lectern_api::Bytes(0) {
        return messages::pending_nothing();
    }
    // Rounded up: nothing that is missing is ever shown as nothing.
    let [pending_en, pending_zh] = roughly(archive.pending_s);
    let pending = messages::pending(&pending_en, &pending_zh, archive.pending_bytes);
    let Some(through) = archive.through_in_s else { return pending };
    let [through_en, through_zh] = roughly(through);
    messages::pending_through(&pending.en, &pending.zh, &through_en, &through_zh)
}

/// A length of time as people say it, in English and in Chinese.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a backlog")]
fn roughly(seconds: f64) -> [String; 2] {
    let seconds = seconds.max(1.0).ceil() as u64;
    match seconds {
        0..60 => [format!("{seconds} s"), format!("{seconds} 秒")],
        60..5_400 => [format!("{} min", seconds.div_ceil(60)), format!("{} 分钟", seconds.div_ceil(60))],
        _ => {
            let tenths = seconds.div_ceil(360);
            let hours = format!("{}.{}", tenths / 10, tenths % 10);
            [format!("{hours} h"), format!("{hours} 小时")]
        }
    }
}

fn lesson_state(page: &Page, state: LessonState) -> &'static str {
    match state {
        LessonState::Planned => page.word("还没上", "to come"),
        LessonState::Missed => page.word("缺录", "missed"),
        LessonState::Preparing => page.word("准备中", "preparing"),
        LessonState::OnAir => page.word("正在录制", "on air"),
        LessonState::Draining => page.word("正在收尾", "draining"),
        LessonState::Complete => page.word("已完成", "complete"),
    }
}

fn gap(seconds: f64, language: Language) -> String {
    // A gap shorter than this is shown too: it is never hidden, only rounded up.
    if seconds <= 0.0 {
        return String::new();
    }
    messages::status_gap(clock(seconds.max(1.0))).in_language(language).to_owned()
}

/// `h:mm:ss`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a lesson")]
pub(crate) fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use lectern_api::{Bytes, Kbps, Name};

    use super::*;

    fn archive(pending_s: f64, bytes: u64, through_in_s: Option<f64>) -> ArchiveStatus {
        ArchiveStatus {
            name: Name::new("district").unwrap(),
            state: ArchiveState::Uploading,
            pending_s,
            pending_bytes: Bytes(bytes),
            rate_kbps: Kbps(4_000),
            through_in_s,
            last_error: None,
        }
    }

    #[test]
    fn what_an_archive_lacks_is_said_in_minutes_and_megabytes() {
        let text = to_go(&archive(720.0, 180 << 20, Some(360.0)));
        assert_eq!(text.zh, "还差 12 分钟（180.0 MiB），约 6 分钟传完");
        assert_eq!(text.en, "12 min (180.0 MiB) to go, through in about 6 min");
        let never = to_go(&archive(7_200.0, 1 << 30, None));
        assert_eq!(never.zh, "还差 2.0 小时（1.0 GiB）");
    }

    #[test]
    fn what_is_missing_is_never_rounded_to_nothing() {
        assert_eq!(to_go(&archive(0.2, 100, None)).zh, "还差 1 秒（100 B）");
        assert_eq!(to_go(&archive(0.0, 0, Some(0.0))).zh, "没有待传");
    }

    #[test]
    fn the_check_before_the_bell_is_one_line_when_fine_and_one_for_each_trouble() {
        let (fine, still) = (messages::check_clock_fine(), messages::check_camera_absent("cam"));
        let item = |result: &str, text: &Text| {
            let hint = (result == "trouble").then(messages::camera_lost_hint);
            serde_json::json!({"what": "camera", "unit": "cam", "result": result, "text": text, "hint": hint})
        };
        let check = |ready: bool, items: Vec<serde_json::Value>| -> PreClassCheck {
            let bell = "2026-09-07T00:20:00Z";
            let check = serde_json::json!({
                "lesson": "a", "title": "语文", "bell": bell, "at": bell, "ready": ready, "items": items,
            });
            serde_json::from_value(check).unwrap()
        };
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let mut page = Page::new(Language::ZhCn);
        pre_class(&mut page, &check(true, vec![item("fine", &fine), item("not_checked", &fine)]), &zone);
        assert_eq!(page.text, "自检　　正常，08:20 上《语文》\n");
        let mut page = Page::new(Language::ZhCn);
        pre_class(&mut page, &check(false, vec![item("fine", &fine), item("trouble", &still)]), &zone);
        let hint = messages::camera_lost_hint().zh;
        assert_eq!(page.text, format!("自检　　{}\n　　　　→ {hint}\n", still.zh));
    }
}
