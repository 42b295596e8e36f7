//! Days and weeks as tables. Chinese characters are two columns wide, and are
//! counted as such.

use std::fmt::Write as _;

use jiff::civil::Date;
use lectern_api::Language;
use lectern_api::timetable::{NotHeld, PlanChange, PlanDay, PlanEntry};
use lectern_timetable::Plan;
use lectern_timetable::model::{weekday_of, weekday_text};
use unicode_width::UnicodeWidthStr as _;

pub(super) fn views(plan: &Plan, rooms: &[String], dates: &[Date]) -> Vec<PlanDay> {
    let view = |room: &String, date: Date| plan.for_room(room.as_str()).day(date);
    rooms.iter().flat_map(|room| dates.iter().map(move |date| view(room, *date))).collect()
}

/// A day after the other.
pub(super) fn days(views: &[PlanDay], language: Language) -> String {
    let mut page = String::new();
    for view in views {
        let weekday = weekday_text(weekday_of(view.date));
        let _ = writeln!(
            page,
            "{}  {} {}{}",
            view.room,
            view.date,
            weekday.in_language(language),
            week_of(view.week, language)
        );
        let rows: Vec<Vec<String>> = view.lessons.iter().map(|lesson| row(lesson, language)).collect();
        page += &aligned(&rows, "  ");
        page += &remarks(view, language);
        page.push('\n');
    }
    page
}

/// A grid of weekdays and hours for each room, and below it what is not as in
/// the ordinary week.
pub(super) fn weeks(views: &[PlanDay], language: Language) -> String {
    let mut page = String::new();
    let rooms = views.chunk_by(|one, next| one.room == next.room);
    for week in rooms {
        let shown: Vec<&PlanDay> = week
            .iter()
            .filter(|view| {
                weekday_of(view.date) <= 5 || !view.lessons.is_empty() || !view.not_held.is_empty()
            })
            .collect();
        let Some(first) = shown.first() else { continue };
        let _ = writeln!(page, "{}  {}{}", first.room, first.date, week_of(first.week, language));
        let mut hours: Vec<&str> =
            shown.iter().flat_map(|view| view.lessons.iter().map(|lesson| lesson.hours.as_str())).collect();
        hours.sort_unstable();
        hours.dedup();
        let heading = |view: &&PlanDay| {
            let day = weekday_text(weekday_of(view.date));
            format!("{} {}", day.in_language(language), view.date.strftime("%m-%d"))
        };
        let mut rows =
            vec![std::iter::once(String::new()).chain(shown.iter().map(heading)).collect::<Vec<_>>()];
        for hours in hours {
            let cell = |view: &&PlanDay| {
                let lesson = view.lessons.iter().find(|lesson| lesson.hours == hours);
                lesson.map_or(String::new(), |lesson| cell(lesson, language))
            };
            rows.push(std::iter::once(hours.to_string()).chain(shown.iter().map(cell)).collect());
        }
        page += &aligned(&rows, "  ");
        for view in shown {
            let remarks = remarks(view, language);
            let day = weekday_text(weekday_of(view.date));
            let day = day.in_language(language);
            for remark in remarks.lines().map(str::trim_start) {
                // A reason may name the weekday itself.
                let _ = if remark.contains(day) {
                    writeln!(page, "  {remark}")
                } else {
                    writeln!(page, "  {day}: {remark}")
                };
            }
        }
        page.push('\n');
    }
    page
}

pub(crate) fn week_of(week: Option<u8>, language: Language) -> String {
    match (week, language) {
        (None, _) => String::new(),
        (Some(week), Language::ZhCn) => format!("  第{week}周"),
        (Some(week), Language::En) => format!("  week {week}"),
    }
}

fn row(lesson: &PlanEntry, language: Language) -> Vec<String> {
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    vec![
        lesson.slot.in_language(language).to_owned(),
        lesson.hours.to_string(),
        lesson.subject.clone(),
        name(&lesson.class),
        name(&lesson.teacher),
        marks(lesson, language),
    ]
}

fn cell(lesson: &PlanEntry, language: Language) -> String {
    let teacher = lesson.teacher.as_ref().map_or(String::new(), |teacher| format!(" {teacher}"));
    let marks = marks(lesson, language);
    let space = if marks.is_empty() { "" } else { " " };
    format!("{}{teacher}{space}{marks}", lesson.subject)
}

/// How a lesson is not as in the ordinary week.
fn marks(lesson: &PlanEntry, language: Language) -> String {
    let word = |zh, en| if language == Language::ZhCn { zh } else { en };
    let change = match &lesson.change {
        None => "",
        Some(PlanChange::Moved(_)) => word("[调课]", "[moved]"),
        Some(PlanChange::Swapped(_)) => word("[对调]", "[swapped]"),
        Some(PlanChange::Extra) => word("[补课]", "[extra]"),
    };
    let stands_in = if lesson.instead_of.is_some() { word("[代课]", "[substitute]") } else { "" };
    format!("{change}{stands_in}")
}

/// Why a day is empty, or what of it is not held.
fn remarks(view: &PlanDay, language: Language) -> String {
    let mut page = String::new();
    if view.not_held.is_empty()
        && let Some(why) = &view.empty
    {
        let _ = writeln!(page, "  {}", why.in_language(language));
    }
    for NotHeld { slot, subject, why } in &view.not_held {
        let _ = writeln!(page, "  {} {subject}: {}", slot.in_language(language), why.in_language(language));
    }
    page
}

/// Columns as wide as their widest cell.
pub(crate) fn aligned(rows: &[Vec<String>], indent: &str) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|c| c.width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut page = String::new();
    for row in rows {
        let mut line = indent.to_owned();
        for (cell, width) in row.iter().zip(&widths) {
            let space = if *width == 0 { 0 } else { width - cell.width() + 2 };
            line += cell;
            line += &" ".repeat(space);
        }
        let _ = writeln!(page, "{}", line.trim_end());
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_and_latin_columns_stand_below_each_other() {
        let rows = [vec!["语文", "a"], vec!["PE", "b"], vec!["道德与法治", "c"]];
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|c| (*c).to_owned()).collect()).collect();
        let page = aligned(&rows, "");
        let at = |line: &str| line.trim_end_matches(|c: char| c.is_ascii_lowercase()).width();
        let columns: Vec<usize> = page.lines().map(at).collect();
        assert_eq!(columns, [12, 12, 12], "{page}");
    }
}
