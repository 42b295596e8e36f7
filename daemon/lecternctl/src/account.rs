//! Planned lessons and what became of them, beside what is recorded.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use lectern_api::account::{Account, NoteTaken, Outcome, Report};
use lectern_api::lessons::LessonEntry;
use lectern_api::messages::account as words;
use lectern_api::{Clock as _, Language, SystemClock, Text};
use lectern_timetable::model::{weekday_of, weekday_text};
use serde::Serialize;
use unicode_width::UnicodeWidthChar as _;

use crate::box_api::{BoxApi, legal};
use crate::screen::Screen;
use crate::timetable::page::{aligned, week_of};
use crate::timetable::{days_of_week, parse_date};
use crate::{Failure, show};

/// Which lessons.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Choice {
    /// What was planned on this day, such as 2026-09-07.
    #[arg(long, value_name = "D")]
    date: Option<String>,
    /// The week of that day, or of today.
    #[arg(long)]
    week: bool,
    /// The whole term.
    #[arg(long, conflicts_with_all = ["date", "week"])]
    term: bool,
    /// Only lessons without a recording; of the term, where no days are named.
    #[arg(long)]
    missed: bool,
}

/// The first and the last day; the term's, where it is nothing.
type Days = (Option<Date>, Option<Date>);

/// What there is of some days.
#[derive(Debug, Serialize)]
struct Lessons {
    planned: Vec<Account>,
    /// Recordings of these days that lie beside the timetable.
    recorded: Vec<LessonEntry>,
}

/// The widest line.
const COLUMNS: usize = 80;

/// `lessons`: what is recorded, as always; with days named, what became of
/// planned lessons first.
pub(crate) async fn lessons(api: &BoxApi, choice: &Choice, screen: &Screen) -> Result<bool, Failure> {
    let recorded = api.lessons().await?;
    let zone = api.time_zone().await;
    let today = SystemClock::new().utc().to_zoned(zone.clone()).date();
    let Some((from, to)) = choice.days(today)? else {
        // Whatever is wrong with the accounts, recordings are listed.
        let report = api.report(Some(today), Some(today)).await.ok();
        let report = report.filter(|report| !report.lessons.is_empty());
        screen.answer(&recorded, |language| {
            let planned = report.as_ref().map_or_else(String::new, |report| planned(report, language));
            planned + &show::lessons(&recorded, &zone, language)
        });
        return Ok(true);
    };
    let mut report = api.report(from, to).await?;
    if choice.missed {
        report.lessons.retain(|account| account.outcome == Outcome::Missed);
    }
    let beside = if choice.missed { Vec::new() } else { beside(&report, recorded) };
    let lessons = Lessons { planned: report.lessons.clone(), recorded: beside };
    screen.answer(&lessons, |language| {
        let mut page = planned(&report, language);
        if !lessons.recorded.is_empty() {
            let _ = writeln!(page, "{}", words::beside_the_timetable().in_language(language));
            page += &show::lessons(&lessons.recorded, &zone, language);
        }
        page
    });
    Ok(true)
}

impl Choice {
    /// Nothing when no days are named.
    fn days(&self, today: Date) -> Result<Option<Days>, Failure> {
        let date = self.date.as_deref().map(parse_date).transpose()?;
        Ok(match date {
            None if self.term || (self.missed && !self.week) => Some((None, None)),
            None if !self.week => None,
            date => {
                let date = date.unwrap_or(today);
                let days = if self.week { days_of_week(date) } else { vec![date] };
                Some((days.first().copied(), days.last().copied()))
            }
        })
    }
}

/// Recordings of the report's days that no planned lesson lies in.
fn beside(report: &Report, recorded: Vec<LessonEntry>) -> Vec<LessonEntry> {
    let is_planned =
        |entry: &LessonEntry| report.lessons.iter().any(|a| a.recordings.contains(&entry.lesson.id));
    let of_days = |entry: &LessonEntry| (report.from..=report.to).contains(&entry.lesson.date);
    recorded.into_iter().filter(|entry| of_days(entry) && !is_planned(entry)).collect()
}

/// A day after the other; a sentence below the lesson where there is something
/// to say.
fn planned(report: &Report, language: Language) -> String {
    let mut page = String::new();
    let zone = zone_of(report);
    let days = report.lessons.chunk_by(|one, next| one.lesson.date == next.lesson.date);
    for day in days {
        let Some(first) = day.first() else { continue };
        let date = first.lesson.date;
        let weekday = weekday_text(weekday_of(date));
        let _ = writeln!(
            page,
            "{date} {}{}",
            weekday.in_language(language),
            week_of(first.lesson.week, language)
        );
        let rows: Vec<Vec<String>> = day.iter().map(|account| row(account, &zone, language)).collect();
        for (account, line) in day.iter().zip(aligned(&rows, "  ").lines()) {
            let _ = writeln!(page, "{line}");
            page += &remark(account, language);
        }
    }
    if report.lessons.is_empty() {
        let _ = writeln!(page, "{}", words::nothing_planned().in_language(language));
    } else {
        let sum = lectern_account::report::sums(&report.lessons).total;
        let text = words::summed_up(sum.lessons, sum.complete, sum.missed, sum.to_come, sum.not_owed);
        let _ = writeln!(page, "{}", text.in_language(language));
    }
    if let Some(since) = report.since.filter(|since| since.to_zoned(zone.clone()).date() > report.from) {
        let since = since.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string();
        let _ = writeln!(page, "{}", words::accounts_since(since).in_language(language));
    }
    page
}

fn row(account: &Account, zone: &TimeZone, language: Language) -> Vec<String> {
    let lesson = &account.lesson;
    let clock = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%H:%M").to_string();
    let minutes = if account.recorded_s > 0.0 { show::clock(account.recorded_s) } else { String::new() };
    vec![
        cut(lesson.slot.in_language(language), 17),
        format!("{}-{}", clock(lesson.begin), clock(lesson.end)),
        cut(&lesson.title(), 26),
        outcome(account.outcome, language).to_owned(),
        minutes,
    ]
}

/// What more there is to say, and by which id it is taken note of.
fn remark(account: &Account, language: Language) -> String {
    let says_nothing = account.outcome == Outcome::Planned
        || (account.outcome == Outcome::Complete && account.missing.is_empty());
    if says_nothing {
        return String::new();
    }
    let indent = "      ";
    let mut page = String::new();
    for line in wrapped(account.reason.in_language(language), COLUMNS - indent.len()) {
        let _ = writeln!(page, "{indent}{line}");
    }
    if account.is_fault() {
        let noted = account.acknowledged.as_ref().map(|noted| match language {
            Language::ZhCn => format!("（{} 已知晓）", noted.by),
            Language::En => format!(" (noted by {})", noted.by),
        });
        let _ = writeln!(page, "{indent}{}{}", account.lesson.id, noted.unwrap_or_default());
    }
    page
}

pub(crate) fn outcome(outcome: Outcome, language: Language) -> &'static str {
    let (zh, en) = match outcome {
        Outcome::Planned => ("未上", "to come"),
        Outcome::Running => ("正在上", "running"),
        Outcome::Complete => ("已录", "recorded"),
        Outcome::Missed => ("缺录", "MISSED"),
        Outcome::NotOwed => ("不用录", "not owed"),
    };
    if language == Language::ZhCn { zh } else { en }
}

pub(crate) fn zone_of(report: &Report) -> TimeZone {
    let name = report.time_zone.as_deref().unwrap_or("Asia/Shanghai");
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// No wider than so many columns; an ellipsis where something is cut off.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    match wrapped(text, columns).as_slice() {
        [] => String::new(),
        [whole] => whole.clone(),
        _ => {
            let mut kept = String::new();
            let mut width = 1;
            for c in text.chars() {
                width += c.width().unwrap_or(0);
                if width > columns {
                    break;
                }
                kept.push(c);
            }
            kept.trim_end().to_owned() + "…"
        }
    }
}

/// Lines of at most so many columns. Chinese breaks anywhere, other words at
/// spaces.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let (mut lines, mut line, mut width) = (Vec::new(), String::new(), 0);
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if width + wide > columns {
            let at = line.rfind(' ').filter(|_| !c.is_whitespace() && wide < 2).filter(|at| *at > 0);
            let rest = at.map_or_else(String::new, |at| line.split_off(at));
            lines.push(line.trim_end().to_owned());
            line = rest.trim_start().to_owned();
            width = line.chars().filter_map(unicode_width::UnicodeWidthChar::width).sum();
        }
        if line.is_empty() && c.is_whitespace() {
            continue;
        }
        line.push(c);
        width += wide;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// `lesson acknowledge`.
pub(crate) async fn acknowledge(
    api: &BoxApi,
    ids: &[String],
    all: bool,
    screen: &Screen,
) -> Result<bool, Failure> {
    let mut noted = NoteTaken { lessons: Vec::new() };
    if all {
        noted = api.acknowledge(None).await?;
    }
    for id in ids {
        noted.lessons.extend(api.acknowledge(Some(&legal(id)?)).await?.lessons);
    }
    let text: Text = words::acknowledged(noted.lessons.len());
    screen.answer(&noted, |language| text.in_language(language).to_owned());
    Ok(true)
}

#[cfg(test)]
pub(crate) mod tests;
