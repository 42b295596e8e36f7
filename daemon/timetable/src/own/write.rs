//! Writes the own form. What is written reads back as the same timetable.

use std::fmt::{Display, Write as _};

use jiff::civil::{DateTime, Time};

use crate::hours::Slot;
use crate::model::{Follows, Holiday, Makeup, Timetable};
use crate::overrides::{Overrides, Pick, Stretch};
use crate::weeks::Weeks;

/// The timetable as TOML.
#[must_use]
pub fn write(timetable: &Timetable) -> String {
    let mut page = Page::default();
    page.text("school", Some(&timetable.school).filter(|school| !school.is_empty()));
    page.text("time_zone", timetable.time_zone.iana_name());
    page.text("room", timetable.room.as_ref());
    page.heading("[term]");
    page.text("name", Some(&timetable.term.name).filter(|name| !name.is_empty()));
    page.bare("monday", timetable.term.monday);
    page.bare("end", timetable.term.end);
    for bell in &timetable.bells {
        page.heading("[[bell]]");
        page.text("name", Some(&bell.name).filter(|name| !name.is_empty()));
        page.numbers("grades", &bell.grades);
        bell.from.iter().for_each(|from| page.bare("from", from));
        bell.to.iter().for_each(|to| page.bare("to", to));
        page.text("season", bell.season.map(|season| season.to_string()));
        page.line("[bell.periods]");
        for (number, hours) in &bell.periods {
            page.text(&number.to_string(), Some(hours.to_string()));
        }
    }
    for class in &timetable.classes {
        page.heading("[[class]]");
        page.text("name", Some(&class.name));
        page.bare("grade", class.grade);
        page.text("room", class.room.as_ref());
    }
    for lesson in &timetable.lessons {
        page.heading("[[lesson]]");
        page.bare("weekday", lesson.weekday);
        page.slot(["period", "time"], Some(lesson.slot));
        page.text("weeks", (lesson.weeks != Weeks::Every).then(|| lesson.weeks.to_string()));
        page.text("class", lesson.class.as_ref());
        page.text("subject", Some(&lesson.subject));
        page.text("teacher", lesson.teacher.as_ref());
        page.text("room", lesson.room.as_ref());
    }
    page.days(&timetable.holidays, &timetable.makeups);
    page.overrides(&timetable.overrides);
    page.0
}

/// Only the free days and make-up days, to be put into a timetable.
#[must_use]
pub fn write_days(holidays: &[Holiday], makeups: &[Makeup]) -> String {
    let mut page = Page::default();
    page.days(holidays, makeups);
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, line: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{line}");
    }

    fn heading(&mut self, heading: &str) {
        let gap = if self.0.is_empty() { "" } else { "\n" };
        let _ = writeln!(self.0, "{gap}{heading}");
    }

    fn bare(&mut self, key: &str, value: impl Display) {
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn text(&mut self, key: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value {
            let quoted = toml::Value::String(value.as_ref().to_owned());
            let _ = writeln!(self.0, "{key} = {quoted}");
        }
    }

    fn numbers(&mut self, key: &str, numbers: &[u8]) {
        if !numbers.is_empty() {
            let _ = writeln!(self.0, "{key} = {numbers:?}");
        }
    }

    fn slot(&mut self, [period, time]: [&str; 2], slot: Option<Slot>) {
        match slot {
            Some(Slot::Periods { first, last }) if first == last => self.bare(period, first),
            Some(Slot::Periods { first, last }) => self.text(period, Some(format!("{first}-{last}"))),
            Some(Slot::Hours(hours)) => self.text(time, Some(hours.to_string())),
            None => {}
        }
    }

    fn days(&mut self, holidays: &[Holiday], makeups: &[Makeup]) {
        for holiday in holidays {
            self.heading("[[holiday]]");
            self.text("name", Some(&holiday.name).filter(|name| !name.is_empty()));
            self.bare("from", holiday.from);
            if holiday.to != holiday.from {
                self.bare("to", holiday.to);
            }
        }
        for makeup in makeups {
            self.heading("[[makeup]]");
            self.bare("date", makeup.date);
            self.text("name", Some(&makeup.name).filter(|name| !name.is_empty()));
            match makeup.follows {
                None => {}
                Some(Follows::Weekday(weekday)) => self.bare("follows", weekday),
                Some(Follows::Date(date)) => self.bare("follows", date),
                Some(Follows::Nothing) => self.text("follows", Some("none")),
            }
        }
    }

    fn pick(&mut self, pick: &Pick) {
        self.bare("date", pick.date);
        self.slot(["period", "time"], pick.slot);
        self.text("class", pick.class.as_ref());
        self.text("room", pick.room.as_ref());
        self.text("teacher", pick.teacher.as_ref());
    }

    fn overrides(&mut self, overrides: &Overrides) {
        for cancel in &overrides.cancels {
            self.heading("[[cancel]]");
            self.pick(&cancel.pick);
            self.text("reason", cancel.reason.as_ref());
        }
        for moved in &overrides.moves {
            self.heading("[[move]]");
            self.pick(&moved.pick);
            moved.to_date.iter().for_each(|date| self.bare("to_date", date));
            self.slot(["to_period", "to_time"], moved.to_slot);
            self.text("to_room", moved.to_room.as_ref());
            self.text("reason", moved.reason.as_ref());
        }
        for swap in &overrides.swaps {
            self.heading("[[swap]]");
            self.pick(&swap.pick);
            self.bare("with_date", swap.with.date);
            self.slot(["with_period", "with_time"], swap.with.slot);
            self.text("with_class", swap.with.class.as_ref());
            self.text("with_room", swap.with.room.as_ref());
            self.text("with_teacher", swap.with.teacher.as_ref());
            self.text("reason", swap.reason.as_ref());
        }
        for substitute in &overrides.substitutes {
            self.heading("[[substitute]]");
            self.pick(&substitute.pick);
            self.text("by", Some(&substitute.by));
            self.text("subject", substitute.subject.as_ref());
            self.text("reason", substitute.reason.as_ref());
        }
        for extra in &overrides.extras {
            self.heading("[[extra]]");
            self.bare("date", extra.date);
            self.slot(["period", "time"], Some(extra.slot));
            self.text("class", extra.class.as_ref());
            self.text("subject", Some(&extra.subject));
            self.text("teacher", extra.teacher.as_ref());
            self.text("room", extra.room.as_ref());
        }
        for exam in &overrides.exams {
            self.heading("[[exam]]");
            self.text("name", Some(&exam.name).filter(|name| !name.is_empty()));
            self.stretch(exam.during);
            self.numbers("grades", &exam.grades);
            if !exam.rooms.is_empty() {
                let rooms: Vec<toml::Value> = exam.rooms.iter().cloned().map(toml::Value::String).collect();
                self.bare("rooms", toml::Value::Array(rooms));
            }
        }
        for suspend in &overrides.suspends {
            self.heading("[[suspend]]");
            self.text("reason", Some(&suspend.reason).filter(|reason| !reason.is_empty()));
            self.stretch(suspend.during);
        }
    }

    /// Whole days as days, which is how a person would write them.
    fn stretch(&mut self, stretch: Stretch) {
        let midnight = |moment: DateTime| moment.time() == Time::midnight();
        let last_day = stretch.until.date().yesterday();
        match last_day {
            Ok(last_day) if midnight(stretch.from) && midnight(stretch.until) => {
                self.bare("from", stretch.from.date());
                self.bare("to", last_day);
            }
            _ => {
                self.bare("from", stretch.from);
                self.bare("to", stretch.until);
            }
        }
    }
}
