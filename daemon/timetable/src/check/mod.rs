//! Whether the parts of a timetable fit together.

mod changes;
mod lessons;

use jiff::civil::Date;
use lectern_api::messages::timetable as words;

use crate::MAX_WEEKS;
use crate::mistake::{Mistake, Place, Wrong};
use crate::model::{Bell, Follows, Timetable, weekday_of};

/// A part of a timetable, by its number in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named after the tables of the form")]
pub enum Item {
    File,
    Term,
    Bell(usize),
    Class(usize),
    Lesson(usize),
    Holiday(usize),
    Makeup(usize),
    Cancel(usize),
    Move(usize),
    Swap(usize),
    Substitute(usize),
    Extra(usize),
    Exam(usize),
    Suspend(usize),
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// The timetable cannot be used.
    pub mistakes: Vec<Mistake>,
    /// It can, but somebody should look.
    pub notices: Vec<Mistake>,
}

/// Where a field of a part stands in the file that it was read from.
pub type Locate<'l> = &'l dyn Fn(Item, &str) -> Place;

/// Checks a timetable.
#[must_use]
pub fn check(timetable: &Timetable, locate: Locate<'_>) -> Findings {
    let mut checker = Checker { timetable, locate, found: Findings::default() };
    checker.term();
    if !checker.found.mistakes.is_empty() {
        // Without a term nothing has a date.
        return checker.found;
    }
    checker.bells();
    checker.classes();
    checker.free_days();
    checker.lessons();
    checker.changes();
    let Findings { mut mistakes, mut notices } = checker.found;
    mistakes.sort_by(|a, b| a.place.cmp(&b.place));
    notices.sort_by(|a, b| a.place.cmp(&b.place));
    Findings { mistakes, notices }
}

struct Checker<'t, 'l> {
    timetable: &'t Timetable,
    locate: Locate<'l>,
    found: Findings,
}

impl Checker<'_, '_> {
    fn mistake(&mut self, item: Item, field: &str, wrong: Wrong) {
        let place = (self.locate)(item, field);
        self.found.mistakes.push(Mistake::new(place, field, wrong));
    }

    fn notice(&mut self, item: Item, field: &str, wrong: Wrong) {
        let place = (self.locate)(item, field);
        self.found.notices.push(Mistake::new(place, field, wrong));
    }

    fn term(&mut self) {
        let term = &self.timetable.term;
        if weekday_of(term.monday) != 1 {
            let back = i64::from(weekday_of(term.monday)) - 1;
            let monday = term.monday.saturating_sub(jiff::Span::new().days(back));
            self.mistake(
                Item::Term,
                "monday",
                (words::not_monday(term.monday), words::not_monday_remedy(monday)),
            );
        }
        if term.end < term.monday {
            self.mistake(Item::Term, "end", (words::ends_before(), words::ends_before_remedy()));
        } else if term.weeks() == 0 {
            self.mistake(Item::Term, "end", (words::term_long(MAX_WEEKS), words::term_long_remedy()));
        }
    }

    fn bells(&mut self) {
        let by_hours = |lesson: &crate::Lesson| matches!(lesson.slot, crate::Slot::Hours(_));
        if self.timetable.bells.is_empty() && !self.timetable.lessons.iter().all(by_hours) {
            self.mistake(Item::File, "bell", (words::no_bell(), words::no_bell_remedy()));
        }
        for (number, bell) in self.timetable.bells.iter().enumerate() {
            let item = Item::Bell(number);
            if bell.periods.is_empty() {
                self.mistake(item, "periods", (words::bell_empty(), words::bell_empty_remedy()));
            }
            if let (Some(from), Some(to)) = (bell.from, bell.to)
                && to < from
            {
                self.mistake(item, "to", (words::ends_before(), words::ends_before_remedy()));
            }
            self.periods(item, bell);
            if !self.timetable.term.days().any(|date| rings_for_anybody(bell, date)) {
                self.notice(item, "from", (words::bell_never(), words::bell_never_remedy()));
            }
        }
    }

    /// Periods follow one another.
    fn periods(&mut self, item: Item, bell: &Bell) {
        let pairs: Vec<_> = bell.periods.iter().zip(bell.periods.iter().skip(1)).collect();
        for ((one, before), (other, after)) in pairs {
            if after.begin() < before.end() {
                let cause = words::periods_overlap(other, after, one, before);
                self.mistake(item, "periods", (cause, words::periods_overlap_remedy()));
            }
        }
    }

    fn classes(&mut self) {
        for (number, class) in self.timetable.classes.iter().enumerate() {
            if self.timetable.classes[..number].iter().any(|earlier| earlier.name == class.name) {
                let wrong = (words::class_twice(&class.name), words::class_twice_remedy());
                self.mistake(Item::Class(number), "name", wrong);
            }
        }
    }

    fn free_days(&mut self) {
        let Timetable { holidays, makeups, term, .. } = self.timetable;
        for (number, holiday) in holidays.iter().enumerate() {
            if holiday.to < holiday.from {
                self.mistake(
                    Item::Holiday(number),
                    "to",
                    (words::ends_before(), words::ends_before_remedy()),
                );
            }
        }
        for (number, makeup) in makeups.iter().enumerate() {
            let item = Item::Makeup(number);
            let date = makeup.date;
            if makeups[..number].iter().any(|earlier| earlier.date == date) {
                self.mistake(item, "date", (words::makeup_twice(date), words::makeup_twice_remedy()));
            }
            if let Some(holiday) = holidays.iter().find(|h| h.from <= date && date <= h.to) {
                let cause = words::makeup_in_holiday(date, &holiday.name);
                self.mistake(item, "date", (cause, words::makeup_in_holiday_remedy()));
            }
            match makeup.follows {
                None if term.contains(date) => {
                    self.notice(item, "", (words::makeup_open(date), words::makeup_open_remedy()));
                }
                Some(Follows::Date(other)) if !term.contains(other) => {
                    self.mistake(item, "follows", self.outside(other));
                }
                _ => {}
            }
        }
    }

    /// A date outside the term.
    fn outside(&self, date: Date) -> Wrong {
        let term = &self.timetable.term;
        (words::outside_term(date, term.monday, term.end), words::outside_term_remedy())
    }
}

/// Whether bells ring on a date for any grade.
fn rings_for_anybody(bell: &Bell, date: Date) -> bool {
    bell.rings(date, bell.grades.first().copied())
}
