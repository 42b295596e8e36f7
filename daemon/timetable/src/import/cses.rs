//! CSES version 1: subjects, and for each weekday a list of subjects and hours.
//!
//! Read leniently: unknown keys are nothing to us, times may be bare (which
//! some writers turn into seconds), days may be lists or names.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Time;
use lectern_api::messages::import as words;

use super::yaml::{self, Node};
use super::{Found, Ignored, Options, frame, names, slots};
use crate::hours::{Hours, Slot, parse_time};
use crate::mistake::{Mistake, Mistakes, Place, Wrong};
use crate::model::Lesson;
use crate::weeks::Weeks;

struct Subject {
    teacher: Option<String>,
    room: Option<String>,
}

pub(super) fn read(text: &str, options: &Options) -> Result<Found, Mistakes> {
    let root = yaml::parse(text)?;
    let mut found = Found { timetable: frame(options)?, lessons: Vec::new(), ignored: Vec::new() };
    let mut mistakes = Vec::new();
    if let Some(version) = root.get("version").filter(|version| version.text() != Some("1")) {
        let wrong = (words::cses_version(version.text().unwrap_or_default()), words::cses_version_remedy());
        mistakes.push(Mistake::new(version.place.clone(), "version", wrong));
    }
    let mut subjects: BTreeMap<&str, Subject> = BTreeMap::new();
    for subject in root.get("subjects").map_or(&[][..], Node::list) {
        let field = |key| subject.get(key).and_then(Node::text);
        match field("name") {
            Some(name) => {
                let known = Subject {
                    teacher: field("teacher").map(str::to_owned),
                    room: field("room").map(str::to_owned),
                };
                subjects.insert(name, known);
            }
            None => mistakes.push(Mistake::new(subject.place.clone(), "name", lacks("name"))),
        }
    }
    let Some(schedules) = root.get("schedules") else {
        mistakes.push(Mistake::new(root.place.clone(), "schedules", lacks("schedules")));
        return Err(Mistakes::sorted(mistakes));
    };
    for schedule in schedules.list() {
        let days = days(schedule, &mut mistakes);
        let weeks = weeks(schedule, &mut mistakes);
        let Some(classes) = schedule.get("classes") else {
            mistakes.push(Mistake::new(schedule.place.clone(), "classes", lacks("classes")));
            continue;
        };
        for class in
            classes.list().iter().filter(|class| class.text().is_some() || class.get("subject").is_some())
        {
            let Some((subject, hours)) = lesson(class, &mut mistakes) else { continue };
            let known = subjects.get(subject.as_str());
            if known.is_none() {
                found.ignored.push(Ignored::new(class.place.clone(), words::cses_subject(&subject)));
            }
            for day in &days {
                let lesson = Lesson {
                    weekday: *day,
                    slot: Slot::Hours(hours),
                    weeks: weeks.clone(),
                    class: options.class.clone(),
                    subject: subject.clone(),
                    teacher: known.and_then(|known| known.teacher.clone()),
                    room: known.and_then(|known| known.room.clone()),
                };
                found.lessons.push((class.place.clone(), lesson));
            }
        }
    }
    if !mistakes.is_empty() {
        return Err(Mistakes::sorted(mistakes));
    }
    number_periods(&mut found);
    Ok(found)
}

/// Hours become periods, by the base's bells, else by bells made of the hours.
fn number_periods(found: &mut Found) {
    if found.timetable.bells.is_empty() {
        let hours: BTreeSet<Hours> =
            found.lessons.iter().filter_map(|(_, lesson)| hours_of(lesson)).collect();
        found.timetable.bells.extend(slots::bell_from(&hours));
    }
    for (_, lesson) in &mut found.lessons {
        if let Some(hours) = hours_of(lesson) {
            let class = lesson.class.as_deref();
            let known = found.timetable.class(class).map(|class| class.grade);
            let grade = known.or_else(|| names::grade_of(class?));
            lesson.slot = slots::slot_of(&found.timetable, grade, hours);
        }
    }
}

fn hours_of(lesson: &Lesson) -> Option<Hours> {
    match lesson.slot {
        Slot::Hours(hours) => Some(hours),
        Slot::Periods { .. } => None,
    }
}

fn lacks(key: &str) -> Wrong {
    (words::lacks(key), words::lacks_remedy(key))
}

fn days(schedule: &Node, mistakes: &mut Vec<Mistake>) -> Vec<u8> {
    let Some(days) = schedule.get("enable_day") else {
        mistakes.push(Mistake::new(schedule.place.clone(), "enable_day", lacks("enable_day")));
        return Vec::new();
    };
    let mut out = Vec::new();
    for day in days.list() {
        match day.text().and_then(names::weekday) {
            Some(day) => out.push(day),
            None => {
                let wrong = (words::bad_weekday(day.text().unwrap_or_default()), words::bad_weekday_remedy());
                mistakes.push(Mistake::new(day.place.clone(), "enable_day", wrong));
            }
        }
    }
    out
}

fn weeks(schedule: &Node, mistakes: &mut Vec<Mistake>) -> Weeks {
    let Some(weeks) = schedule.get("weeks") else { return Weeks::Every };
    let written: Vec<&str> = weeks.list().iter().filter_map(Node::text).collect();
    Weeks::parse(&written.join(",")).unwrap_or_else(|| {
        use lectern_api::messages::timetable as words;
        let wrong = (words::bad_weeks(written.join(",")), words::bad_weeks_remedy());
        mistakes.push(Mistake::new(weeks.place.clone(), "weeks", wrong));
        Weeks::Every
    })
}

fn lesson(class: &Node, mistakes: &mut Vec<Mistake>) -> Option<(String, Hours)> {
    let mut time = |key: &'static str| {
        let node = class.get(key);
        let read = node.and_then(Node::text).and_then(time_of);
        if read.is_none() {
            let place = node.map_or(&class.place, |node| &node.place).clone();
            let found = node.and_then(Node::text).unwrap_or_default();
            mistakes.push(Mistake::new(place, key, (words::bad_time(found), words::bad_time_remedy())));
        }
        read
    };
    let (begin, end) = (time("start_time"), time("end_time"));
    let subject = class.get("subject").and_then(Node::text);
    if subject.is_none() {
        mistakes.push(Mistake::new(class.place.clone(), "subject", lacks("subject")));
    }
    let (begin, end, subject) = (begin?, end?, subject?);
    let hours = Hours::new(begin, end);
    if hours.is_none() {
        let place: Place = class.get("end_time").map_or(&class.place, |node| &node.place).clone();
        use lectern_api::messages::timetable as words;
        mistakes.push(Mistake::new(place, "end_time", (words::ends_before(), words::ends_before_remedy())));
    }
    Some((subject.to_owned(), hours?))
}

/// `08:00:00`, or the seconds since midnight that YAML 1.1 writers make of it.
fn time_of(text: &str) -> Option<Time> {
    let of_seconds = |seconds: i32| {
        let whole = (0..86_400).contains(&seconds).then_some(seconds)?;
        Some(Time::midnight().wrapping_add(jiff::Span::new().seconds(whole)))
    };
    parse_time(text).or_else(|| of_seconds(text.parse().ok()?))
}
