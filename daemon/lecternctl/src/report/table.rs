//! Rows of a report, for whatever writes them.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lectern_api::Language;
use lectern_api::account::{Account, Report, Sum};
use lectern_api::messages::account as words;

use super::By;
use crate::account::{cut, outcome, zone_of};
use crate::timetable::page::aligned;

/// Columns of a terminal that a name may take.
const NAME: usize = 13;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Text(String),
    Number(f64),
}

/// A heading and rows below it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) heading: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// Lessons, or sums of something.
pub(super) fn sheet(report: &Report, by: Option<By>, language: Language) -> Sheet {
    by.map_or_else(|| lessons(report, language), |by| sums(report, by, language))
}

/// All of it.
pub(super) fn sheets(report: &Report, language: Language) -> Vec<Sheet> {
    let sums = By::ALL.into_iter().map(|by| sums(report, by, language));
    std::iter::once(lessons(report, language)).chain(sums).collect()
}

/// Sums in words, for a terminal.
pub(super) fn page(report: &Report, by: Option<By>, language: Language) -> String {
    let mut page = format!("{}  {}  {} – {}\n", report.device, report.place, report.from, report.to);
    let sum = &report.sums.total;
    let text = words::summed_up(sum.lessons, sum.complete, sum.missed, sum.to_come, sum.not_owed);
    let _ = writeln!(page, "{}", text.in_language(language));
    if let Some(since) = report.since {
        let since = since.to_zoned(zone_of(report)).strftime("%Y-%m-%d %H:%M").to_string();
        let _ = writeln!(page, "{}", words::accounts_since(since).in_language(language));
    }
    for by in by.map_or(By::ALL.to_vec(), |by| vec![by]) {
        let sheet = sums(report, by, language);
        let heading = sheet.heading.iter().map(|cell| (*cell).to_owned()).collect();
        let text = |cell: &Cell| cut(&cell.text(), NAME);
        let rows = sheet.rows.iter().map(|row| row.iter().map(text).collect());
        let rows: Vec<Vec<String>> = std::iter::once(heading).chain(rows).collect();
        page.push('\n');
        page += &aligned(&rows, "");
    }
    page
}

impl Cell {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

fn lessons(report: &Report, language: Language) -> Sheet {
    let zone = zone_of(report);
    let (name, heading) = match language {
        Language::ZhCn => (
            "课",
            vec![
                "日期",
                "周次",
                "节次",
                "上课",
                "下课",
                "班级",
                "科目",
                "教师",
                "结果",
                "计划（分）",
                "已录（分）",
                "直播（分）",
                "缺录（分）",
                "迟录（分）",
                "原因",
                "说明",
                "录像编号",
                "已知晓",
                "课编号",
            ],
        ),
        Language::En => (
            "Lessons",
            vec![
                "Date",
                "Week",
                "Period",
                "Begin",
                "End",
                "Class",
                "Subject",
                "Teacher",
                "Outcome",
                "Planned (min)",
                "Recorded (min)",
                "Live (min)",
                "Missing (min)",
                "Late (min)",
                "Causes",
                "Account",
                "Recordings",
                "Noted by",
                "Lesson",
            ],
        ),
    };
    let rows = report.lessons.iter().map(|account| lesson(account, &zone, language)).collect();
    Sheet { name: name.to_owned(), heading, rows }
}

fn lesson(account: &Account, zone: &TimeZone, language: Language) -> Vec<Cell> {
    let lesson = &account.lesson;
    let text = |text: &str| Cell::Text(text.to_owned());
    let maybe = |name: &Option<String>| Cell::Text(name.clone().unwrap_or_default());
    let clock = |at: Timestamp| Cell::Text(at.to_zoned(zone.clone()).strftime("%H:%M").to_string());
    let mut causes: Vec<_> = account.missing.iter().map(|missing| missing.cause).collect();
    causes.sort_unstable();
    causes.dedup();
    let causes: Vec<String> =
        causes.into_iter().map(|cause| cause.text().in_language(language).to_owned()).collect();
    let recordings: Vec<&str> = account.recordings.iter().map(lectern_api::LessonId::as_str).collect();
    vec![
        Cell::Text(lesson.date.to_string()),
        lesson.week.map_or_else(|| text(""), |week| Cell::Number(week.into())),
        text(lesson.slot.in_language(language)),
        clock(lesson.begin),
        clock(lesson.end),
        maybe(&lesson.class),
        text(&lesson.subject),
        maybe(&lesson.teacher),
        text(outcome(account.outcome, language)),
        minutes(account.planned_s()),
        minutes(account.recorded_s),
        minutes(account.live_s),
        minutes(account.missing_s()),
        account.late_s.map_or_else(|| text(""), minutes),
        Cell::Text(causes.join("; ")),
        text(account.reason.in_language(language)),
        Cell::Text(recordings.join(" ")),
        text(account.acknowledged.as_ref().map_or("", |noted| &noted.by)),
        text(lesson.id.as_str()),
    ]
}

fn sums(report: &Report, by: By, language: Language) -> Sheet {
    let what = by.heading(language);
    let mut heading = vec![what];
    heading.extend(match language {
        Language::ZhCn => ["节数", "已录", "缺录", "未上", "不用录", "计划分", "已录分", "直播分", "缺录分"],
        Language::En => ["Due", "Rec", "Missed", "Ahead", "Off", "Min", "Min rec", "Min live", "Min gap"],
    });
    let rows = by.sums(report).iter().map(|one| sum(one, by)).collect();
    Sheet { name: what.to_owned(), heading, rows }
}

fn sum(sum: &Sum, by: By) -> Vec<Cell> {
    let counts = [sum.lessons, sum.complete, sum.missed, sum.to_come, sum.not_owed];
    let lengths = [sum.planned_s, sum.recorded_s, sum.live_s, sum.missing_s];
    // A class may be called 007.
    let week = sum.name.parse::<u8>().ok().filter(|_| by == By::Week);
    let name = week.map_or_else(|| Cell::Text(sum.name.clone()), |week| Cell::Number(week.into()));
    let counts = counts.into_iter().map(|count| Cell::Number(count.into()));
    std::iter::once(name).chain(counts).chain(lengths.into_iter().map(minutes)).collect()
}

/// To a tenth.
fn minutes(seconds: f64) -> Cell {
    Cell::Number((seconds / 6.0).round() / 10.0)
}
