//! Lessons: their bells, their weeks, their rooms, and each other.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use lectern_api::messages::timetable as words;

use super::{Checker, Item};
use crate::hours::Hours;
use crate::mistake::Wrong;
use crate::model::{Lesson, weekday_text};

/// After so many clashes the file is understood to be wrong as a whole.
const ENOUGH: usize = 50;

impl Checker<'_, '_> {
    pub(super) fn lessons(&mut self) {
        for (number, lesson) in self.timetable.lessons.iter().enumerate() {
            self.lesson(number, lesson);
        }
        self.clashes();
    }

    fn lesson(&mut self, number: usize, lesson: &Lesson) {
        let item = Item::Lesson(number);
        let dates: Vec<Date> = self.dates(lesson).collect();
        if dates.is_empty() {
            let weeks = self.timetable.term.weeks();
            self.mistake(item, "weeks", (words::lesson_never(weeks), words::lesson_never_remedy()));
        }
        if let Some(wrong) = self.no_room(lesson.room.as_deref(), lesson.class.as_deref()) {
            self.mistake(item, "room", wrong);
        }
        let grade = self.grade(lesson.class.as_deref());
        let (rung, silent): (Vec<Date>, Vec<Date>) =
            dates.iter().partition(|date| self.timetable.hours(**date, grade, lesson.slot).is_some());
        let Some(first) = silent.first() else { return };
        let slot = lesson.slot.text();
        if !rung.is_empty() {
            let cause = words::bell_sometimes(&slot.en, &slot.zh, silent.len(), first);
            self.notice(item, "period", (cause, words::bell_sometimes_remedy()));
            return;
        }
        if self.timetable.bells.is_empty() {
            return; // said once, of the file
        }
        let unknown = lesson.class.as_deref().filter(|_| grade.is_none());
        let wrong = match unknown {
            Some(class) if self.timetable.bells.iter().all(|bell| !bell.grades.is_empty()) => {
                (words::class_unknown(class), words::class_unknown_remedy(class))
            }
            _ => (words::period_unknown(&slot.en, &slot.zh), words::period_unknown_remedy()),
        };
        self.mistake(item, "period", wrong);
    }

    /// Why a lesson has no room, if so.
    pub(super) fn no_room(&self, room: Option<&str>, class: Option<&str>) -> Option<Wrong> {
        let none = self.timetable.room_of(room, class).is_none();
        none.then(|| (words::no_room(), words::no_room_remedy()))
    }

    pub(super) fn grade(&self, class: Option<&str>) -> Option<u8> {
        self.timetable.class(class).map(|class| class.grade)
    }

    /// The dates that its weekday and weeks have in the term, holidays or not.
    fn dates(&self, lesson: &Lesson) -> impl Iterator<Item = Date> + use<> {
        let term = &self.timetable.term;
        let first = term.monday.saturating_add(jiff::Span::new().days(i64::from(lesson.weekday) - 1));
        let end = term.end;
        let weeks: BTreeSet<u8> = (1..=term.weeks()).filter(|week| lesson.weeks.contains(*week)).collect();
        let dates = weeks
            .into_iter()
            .map(move |week| first.saturating_add(jiff::Span::new().days(7 * (i64::from(week) - 1))));
        dates.filter(move |date| *date <= end)
    }

    /// Two lessons at once in one room, or of one teacher.
    fn clashes(&mut self) {
        let mut rooms: HashMap<(u8, &str), Vec<usize>> = HashMap::new();
        let mut teachers: HashMap<(u8, &str), Vec<usize>> = HashMap::new();
        let timetable = self.timetable;
        for (number, lesson) in timetable.lessons.iter().enumerate() {
            if let Some(room) = timetable.room_of(lesson.room.as_deref(), lesson.class.as_deref()) {
                rooms.entry((lesson.weekday, room)).or_default().push(number);
            }
            if let Some(teacher) = lesson.teacher.as_deref() {
                teachers.entry((lesson.weekday, teacher)).or_default().push(number);
            }
        }
        let mut of_rooms: Vec<_> = rooms.into_iter().collect();
        of_rooms.sort();
        for ((_, room), numbers) in of_rooms {
            for (one, other, date, same) in self.meeting(&numbers) {
                let (en, zh) = self.clash(one, date);
                let cause = words::room_clash(room, en, zh);
                if same {
                    self.mistake(Item::Lesson(other), "room", (cause, words::room_clash_remedy()));
                } else {
                    self.notice(Item::Lesson(other), "room", (cause, words::overlap_remedy()));
                }
            }
        }
        let mut of_teachers: Vec<_> = teachers.into_iter().collect();
        of_teachers.sort();
        for ((_, teacher), numbers) in of_teachers {
            for (one, other, date, _) in self.meeting(&numbers) {
                let (en, zh) = self.clash(one, date);
                let cause = words::teacher_clash(teacher, en, zh);
                self.notice(Item::Lesson(other), "teacher", (cause, words::teacher_clash_remedy()));
            }
        }
    }

    /// The other lesson of a clash, in both languages.
    fn clash(&self, number: usize, date: Date) -> (String, String) {
        let lesson = &self.timetable.lessons[number];
        let place = (self.locate)(Item::Lesson(number), "").to_string();
        let (day, slot) = (weekday_text(lesson.weekday), lesson.slot.text());
        let who = lesson.class.as_deref().unwrap_or_default();
        let subject = &lesson.subject;
        let en = format!("{subject} {who} ({}, {}, first on {date}; {place})", day.en, slot.en);
        let zh = format!("{subject} {who}（{}{}，最早 {date}；{place}）", day.zh, slot.zh);
        (en, zh)
    }

    /// Pairs that overlap on some date: the first such date, and whether they
    /// begin together.
    fn meeting(&self, numbers: &[usize]) -> Vec<(usize, usize, Date, bool)> {
        let mut out = Vec::new();
        for (i, &other) in numbers.iter().enumerate() {
            for &one in &numbers[..i] {
                if out.len() >= ENOUGH {
                    return out;
                }
                if let Some((date, same)) = self.meet(one, other) {
                    out.push((one, other, date, same));
                }
            }
        }
        out
    }

    fn meet(&self, one: usize, other: usize) -> Option<(Date, bool)> {
        let (one, other) = (&self.timetable.lessons[one], &self.timetable.lessons[other]);
        let hours = |lesson: &Lesson, date| -> Option<Hours> {
            self.timetable.hours(date, self.grade(lesson.class.as_deref()), lesson.slot)
        };
        let week_of = |date| self.timetable.term.week_of(date);
        self.dates(one).filter(|date| week_of(*date).is_some_and(|week| other.weeks.contains(week))).find_map(
            |date| {
                let (a, b) = (hours(one, date)?, hours(other, date)?);
                a.overlaps(&b).then(|| (date, a.begin() == b.begin()))
            },
        )
    }
}
