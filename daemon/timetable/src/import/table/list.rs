//! A lesson in each row, below a row that names the columns.

use lectern_api::messages::{import as words, timetable};

use super::{Reading, Sheet};
use crate::hours::{Hours, Slot, parse_time, period_number, plain};
use crate::import::names;
use crate::mistake::{Mistake, Wrong};
use crate::model::Lesson;
use crate::weeks::Weeks;

/// The header is among the first rows, below a title.
const HEADER_WITHIN: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Subject,
    Weekday,
    Period,
    First,
    Last,
    Begin,
    End,
    Weeks,
    Class,
    Teacher,
    Room,
}

const HEADINGS: [(Column, &[&str]); 11] = [
    (Column::Subject, &["课程", "课程名称", "课程名", "科目", "学科", "subject", "course"]),
    (Column::Weekday, &["星期", "星期几", "周几", "上课星期", "weekday", "day"]),
    (Column::Period, &["节次", "节", "上课节次", "第几节", "节数", "period", "periods"]),
    (
        Column::First,
        &["开始节次", "开始节数", "起始节次", "开始节", "起始节", "首节", "first", "firstperiod"],
    ),
    (Column::Last, &["结束节次", "结束节数", "终止节次", "结束节", "终止节", "末节", "last", "lastperiod"]),
    (Column::Begin, &["开始时间", "上课时间", "begin", "start", "starttime"]),
    (Column::End, &["结束时间", "下课时间", "end", "endtime"]),
    (Column::Weeks, &["周次", "周数", "上课周次", "上课周", "起止周", "weeks", "week"]),
    (Column::Class, &["班级", "教学班", "上课班级", "行政班", "class"]),
    (Column::Teacher, &["教师", "老师", "任课教师", "授课教师", "任课老师", "教师姓名", "教员", "teacher"]),
    (Column::Room, &["教室", "地点", "上课地点", "上课教室", "场地", "room", "place", "location"]),
];

fn column(heading: &str) -> Option<Column> {
    let plain = plain(heading).to_lowercase().replace([' ', '_', '-'], "");
    // `周次(如1-8,10)`: what stands in brackets explains.
    let bare = plain.split('(').next().unwrap_or(&plain);
    HEADINGS.iter().find(|(_, names)| names.contains(&bare)).map(|(column, _)| *column)
}

/// Whether the sheet is a list; then it has been read.
pub(super) fn read(sheet: &Sheet, reading: &mut Reading<'_>) -> bool {
    let columns_of = |cells: &Vec<String>| cells.iter().map(|cell| column(cell)).collect::<Vec<_>>();
    let heads =
        sheet.rows.iter().take(HEADER_WITHIN).enumerate().map(|(at, (_, cells))| (at, columns_of(cells)));
    let known = |columns: &[Option<Column>]| columns.iter().flatten().count();
    let Some((at, columns)) = heads.filter(|(_, columns)| known(columns) >= 3).max_by_key(|(at, columns)| {
        // Of two rows that name as many columns the first is the header.
        (known(columns), std::cmp::Reverse(*at))
    }) else {
        return false;
    };
    let header = sheet.rows[at].0;
    let has = |column| columns.contains(&Some(column));
    let when = has(Column::Period) || has(Column::First) || has(Column::Begin);
    for (missing, name) in [(!has(Column::Subject), "课程"), (!has(Column::Weekday), "星期"), (!when, "节次")]
    {
        if missing {
            let wrong = (words::no_column(name), words::no_column_remedy(name));
            reading.mistakes.push(Mistake::new(sheet.place(header, 0), name, wrong));
        }
    }
    for (number, heading) in sheet.rows[at].1.iter().enumerate() {
        let twice = columns[number].is_some() && columns[..number].contains(&columns[number]);
        if (columns[number].is_none() || twice) && !heading.trim().is_empty() {
            reading.ignore(sheet.place(header, number), words::ignored_column(heading.trim()));
        }
    }
    if has(Column::Subject) && has(Column::Weekday) && when {
        for (row, cells) in &sheet.rows[at + 1..] {
            Row { sheet, row: *row, cells, columns: &columns }.read(reading);
        }
    }
    true
}

struct Row<'s> {
    sheet: &'s Sheet,
    row: usize,
    cells: &'s [String],
    columns: &'s [Option<Column>],
}

impl Row<'_> {
    fn at(&self, column: Column) -> usize {
        self.columns.iter().position(|c| *c == Some(column)).unwrap_or(0)
    }

    fn cell(&self, column: Column) -> Option<&str> {
        let at = self.columns.iter().position(|c| *c == Some(column))?;
        self.cells.get(at).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    }

    fn name(&self, column: Column) -> Option<String> {
        self.cell(column).map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn heading(&self, column: Column) -> &'static str {
        HEADINGS
            .iter()
            .find(|(c, _)| *c == column)
            .and_then(|(_, names)| names.first())
            .copied()
            .unwrap_or("")
    }

    fn mistake(&self, reading: &mut Reading<'_>, column: Column, wrong: Wrong) {
        let place = self.sheet.place(self.row, self.at(column));
        reading.mistakes.push(Mistake::new(place, self.heading(column), wrong));
    }

    fn read(&self, reading: &mut Reading<'_>) {
        if self.cells.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let filled = [Column::Weekday, Column::Period, Column::First, Column::Begin];
        if filled.iter().all(|column| self.cell(*column).is_none()) {
            // A note below the table.
            let text = self.cells.iter().find(|cell| !cell.trim().is_empty()).map_or("", |cell| cell.trim());
            let short: String = text.chars().take(40).collect();
            reading.ignore(self.sheet.place(self.row, 0), words::ignored_row(short));
            return;
        }
        let Some(subject) = self.name(Column::Subject) else {
            let heading = self.heading(Column::Subject);
            self.mistake(reading, Column::Subject, (words::lacks(heading), words::lacks_remedy(heading)));
            return;
        };
        let day = self.cell(Column::Weekday).unwrap_or_default();
        let weekday = names::weekday(day);
        if weekday.is_none() {
            self.mistake(reading, Column::Weekday, (words::bad_weekday(day), words::bad_weekday_remedy()));
        }
        let slot = match self.slot() {
            Ok(slot) => Some(slot),
            Err((column, wrong)) => {
                self.mistake(reading, column, wrong);
                None
            }
        };
        let weeks = match self.cell(Column::Weeks) {
            None => Some(Weeks::Every),
            Some(written) => {
                let weeks = Weeks::parse(written);
                if weeks.is_none() {
                    let wrong = (timetable::bad_weeks(written), timetable::bad_weeks_remedy());
                    self.mistake(reading, Column::Weeks, wrong);
                }
                weeks
            }
        };
        let (Some(weekday), Some(slot), Some(weeks)) = (weekday, slot, weeks) else { return };
        let place = self.sheet.place(self.row, self.at(Column::Subject));
        let class = self.name(Column::Class).or_else(|| reading.options.class.clone());
        let (teacher, room) = (self.name(Column::Teacher), self.name(Column::Room));
        let weeks = within(weeks, reading.found.timetable.term.weeks());
        reading.take(place, Lesson { weekday, slot, weeks, class, subject, teacher, room });
    }

    fn slot(&self) -> Result<Slot, (Column, Wrong)> {
        let bad =
            |found: &str| (timetable::bad_period(found), timetable::bad_period_remedy(crate::MAX_PERIOD));
        if let Some(written) = self.cell(Column::Period) {
            let hours = Hours::parse(written).filter(|_| written.contains([':', '：'])).map(Slot::Hours);
            return hours
                .or_else(|| Slot::parse_periods(written))
                .ok_or_else(|| (Column::Period, bad(written)));
        }
        if let Some(written) = self.cell(Column::First) {
            let number = |text: &str| period_number(&plain(text).replace(['第', '节'], ""));
            let Some(first) = number(written) else { return Err((Column::First, bad(written))) };
            let Some(end) = self.cell(Column::Last) else { return Ok(Slot::period(first)) };
            let last = number(end).filter(|last| first <= *last && *last <= crate::MAX_PERIOD);
            return match last {
                Some(last) => Ok(Slot::Periods { first, last }),
                None => Err((Column::Last, bad(end))),
            };
        }
        let time = |column| {
            let written = self.cell(column).unwrap_or_default();
            parse_time(written).ok_or_else(|| (column, (words::bad_time(written), words::bad_time_remedy())))
        };
        if self.cell(Column::Begin).is_none() {
            let column =
                if self.columns.contains(&Some(Column::Period)) { Column::Period } else { Column::First };
            return Err((column, bad("")));
        }
        let hours = Hours::new(time(Column::Begin)?, time(Column::End)?);
        hours
            .map(Slot::Hours)
            .ok_or_else(|| (Column::End, (timetable::ends_before(), timetable::ends_before_remedy())))
    }
}

/// `1-16` of a term of sixteen weeks is every week.
pub(super) fn within(weeks: Weeks, last: u8) -> Weeks {
    match weeks {
        Weeks::Listed(list) if last > 0 => {
            let inside: std::collections::BTreeSet<u8> =
                list.iter().copied().filter(|w| *w <= last).collect();
            if inside.is_empty() { Weeks::Listed(list) } else { Weeks::of(&inside, last) }
        }
        other => other,
    }
}
