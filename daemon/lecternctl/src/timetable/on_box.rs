//! The timetable of the box: shown, sent, confirmed, gone back from.

use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use lectern_api::messages::book as words;
use lectern_api::timetable::{
    DayLessons, Outcome, PendingVersion, Pushed, SetMakeup, TimetableReport, Version, WhichVersion,
};
use lectern_api::{Language, Text};
use lectern_timetable::model::weekday_text;

use super::{days_of_week, load, page, parse_date};
use crate::Failure;
use crate::box_api::BoxApi;
use crate::screen::Screen;
use crate::show::Page;

/// What is planned in the room of the box.
pub(super) async fn show(
    api: &BoxApi,
    date: Option<&str>,
    week: bool,
    screen: &Screen,
) -> Result<bool, Failure> {
    let date = date.map(parse_date).transpose()?;
    let date = match date {
        Some(date) => date,
        None => api.plan(None).await?.today,
    };
    let days = if week { days_of_week(date) } else { vec![date] };
    let span = days.first().copied().zip(days.last().copied());
    let plan = api.plan(span).await?;
    screen.answer(&plan, |language| {
        let table = if week { page::weeks(&plan.days, language) } else { page::days(&plan.days, language) };
        // A day without lessons says why already.
        match plan.days.iter().find(|day| day.date == plan.today) {
            Some(today) if today.empty.as_ref() != Some(&plan.now) => {
                let now = words::show_now(&plan.now.en, &plan.now.zh);
                format!("{table}{}", now.in_language(language))
            }
            _ => table,
        }
    });
    Ok(true)
}

/// What is in force, what is to come, and what is kept.
pub(super) async fn versions(api: &BoxApi, screen: &Screen) -> Result<bool, Failure> {
    let report = api.timetable().await?;
    let zone = api.time_zone().await;
    screen.answer(&report, |language| report_page(&report, &zone, language));
    Ok(true)
}

/// Sends a file of any form. Whether it is, or will be, in force.
pub(super) async fn push(api: &BoxApi, file: &Path, now: bool, screen: &Screen) -> Result<bool, Failure> {
    let pushed = api.push_timetable(load(file)?, now).await?;
    screen.answer(&pushed, |language| pushed_page(&pushed, language));
    Ok(pushed.outcome != Outcome::Waits)
}

pub(super) async fn confirm(api: &BoxApi, version: Option<u32>, screen: &Screen) -> Result<bool, Failure> {
    let done: WhichVersion = api.decide("confirm", &WhichVersion { version }).await?;
    let text = words::pushed_in_force(done.version.unwrap_or_default());
    screen.answer(&done, |language| text.in_language(language).to_owned());
    Ok(true)
}

pub(super) async fn roll_back(api: &BoxApi, version: u32, screen: &Screen) -> Result<bool, Failure> {
    let done: WhichVersion = api.decide("rollback", &WhichVersion { version: Some(version) }).await?;
    screen.answer(&done, |language| words::rolled_back(version).in_language(language).to_owned());
    Ok(true)
}

pub(super) async fn makeup(
    api: &BoxApi,
    date: &str,
    follows: DayLessons,
    screen: &Screen,
) -> Result<bool, Failure> {
    let date: Date = parse_date(date)?;
    let done: SetMakeup = api.decide("makeup", &SetMakeup { date, follows }).await?;
    let follows = follows_text(done.follows);
    let text = words::makeup_set(date, &follows.en, &follows.zh);
    screen.answer(&done, |language| text.in_language(language).to_owned());
    Ok(true)
}

fn follows_text(follows: DayLessons) -> Text {
    match follows {
        DayLessons::Weekday(day) => {
            let day = weekday_text(day);
            words::follows_weekday(&day.en, &day.zh)
        }
        DayLessons::Date(date) => words::follows_date(date),
        DayLessons::Nothing => words::follows_nothing(),
    }
}

fn minute(at: jiff::Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn report_page(report: &TimetableReport, zone: &TimeZone, language: Language) -> String {
    let mut page = Page::new(language);
    let status = &report.status;
    match &status.in_force {
        Some(version) => {
            let since = status.since.map_or_else(String::new, |since| minute(since, zone));
            page.line(&words::report_in_force(version.number, since, &version.origin.place));
        }
        None => page.line(&words::report_none()),
    }
    if let Some(number) = status.dates_of {
        page.line(&words::report_dates(number));
    }
    match &status.room {
        Some(room) => page.line(&words::report_room(room)),
        None if status.in_force.is_some() => {
            page.line(&words::report_no_room(status.rooms.join(", ")));
        }
        None => {}
    }
    for PendingVersion { version, from, doubts } in &status.pending {
        let (number, place) = (version.number, &version.origin.place);
        page.line(&match from {
            Some(from) => words::report_pending_from(number, from, place),
            None => words::report_pending(number, place),
        });
        doubts.iter().for_each(|doubt| page.line(&words::report_doubt(&doubt.en, &doubt.zh)));
    }
    if let Some(refused) = &status.refused {
        let at = minute(refused.at, zone);
        page.line(&words::report_refused(&refused.origin.place, at, refused.mistakes.len()));
        refused.mistakes.iter().for_each(|m| page.line(&words::report_doubt(&m.en, &m.zh)));
    }
    if let Some(trouble) = &status.trouble {
        page.line(&words::report_trouble(&trouble.en, &trouble.zh));
    }
    status.ambiguous.iter().for_each(|day| page.line(&words::report_makeup_open(day.date, &day.name)));
    for answer in &report.makeups {
        let follows = follows_text(answer.follows);
        page.line(&words::report_makeup(answer.date, &follows.en, &follows.zh, &answer.by));
    }
    if !report.versions.is_empty() {
        page.plain("");
    }
    for version in report.versions.iter().rev() {
        let mark = if status.in_force.as_ref().is_some_and(|in_force| in_force.number == version.number) {
            "*"
        } else {
            " "
        };
        page.line(&version_line(mark, version, zone));
    }
    page.text
}

fn version_line(mark: &str, version: &Version, zone: &TimeZone) -> Text {
    let hash: String = version.sha256.chars().take(8).collect();
    let received = minute(version.received, zone);
    let place = match &version.confirmed_by {
        Some(by) => format!("{} ({by})", version.origin.place),
        None => version.origin.place.clone(),
    };
    words::report_version(mark, version.number, received, version.lessons, hash, place)
}

fn pushed_page(pushed: &Pushed, language: Language) -> String {
    let mut page = Page::new(language);
    let number = pushed.version.number;
    page.line(&match (pushed.outcome, pushed.from) {
        (Outcome::Unchanged, _) => words::pushed_unchanged(number),
        (Outcome::FromLaterDay, Some(from)) => words::pushed_from(number, from),
        (Outcome::Waits, _) => words::pushed_waits(number),
        (Outcome::InForce | Outcome::FromLaterDay, _) => words::pushed_in_force(number),
    });
    if pushed.outcome == Outcome::FromLaterDay && pushed.dates_now {
        page.line(&words::pushed_dates());
    }
    for doubt in &pushed.doubts {
        page.line(&words::report_doubt(&doubt.en, &doubt.zh));
    }
    for what in &pushed.ignored {
        page.line(&words::pushed_ignored(&what.en, &what.zh));
    }
    pushed.notices.iter().for_each(|notice| page.line(notice));
    page.text
}
