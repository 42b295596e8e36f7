//! A school: 6 to 12 lessons a day for twenty weeks, and what changes in it.

use jiff::civil::{Date, Time, date};
use jiff::{SignedDuration, Timestamp};
use lectern_account::due::lessons;
use lectern_account::{Due, Span};
use lectern_timetable::{
    Bell, Cancel, Class, Exam, Extra, Holiday, Hours, Lesson, Pick, Plan, RoomPlan, Slot, Stretch, Suspend,
    Term, Timetable, Weeks,
};

pub(crate) const MONDAY: Date = date(2026, 8, 31);
const DAYS: i64 = 20 * 7;
pub(crate) const ROOM: &str = "301";

pub(crate) fn day(number: i64) -> Date {
    MONDAY.saturating_add(jiff::Span::new().days(number))
}

pub(crate) fn at(number: i64, time: Time) -> Timestamp {
    day(number).to_datetime(time).to_zoned(zone()).unwrap().timestamp()
}

pub(crate) fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()
}

/// The term's beginning and end.
pub(crate) fn term() -> Span {
    Span { from: at(0, Time::midnight()), until: at(DAYS, Time::midnight()) }
}

/// The timetables of a term, each from when it is in force.
pub(crate) fn versions(random: &mut fastrand::Rng) -> Vec<(Timestamp, RoomPlan)> {
    let mut school = first(random);
    let in_force = |school: &Timetable| Plan::new(school.clone()).for_room(ROOM);
    let mut versions = vec![(term().from, in_force(&school))];
    for number in 1..DAYS - 1 {
        if random.u8(..100) < 12 {
            let from = at(number, jiff::civil::time(12, 30, 0, 0));
            for _ in 0..random.u8(1..4) {
                change(&mut school, number, random);
            }
            versions.push((from, in_force(&school)));
        }
    }
    versions
}

fn first(random: &mut fastrand::Rng) -> Timetable {
    let mut school = Timetable::new(Term { name: String::new(), monday: MONDAY, end: day(DAYS - 1) });
    let hours = |number: u8| {
        let minute = |m: i64| jiff::civil::time(7, 0, 0, 0).saturating_add(SignedDuration::from_mins(m));
        let begin = i64::from(number - 1) * 55;
        (number, Hours::new(minute(begin), minute(begin + 45)).unwrap())
    };
    school.bells.push(Bell { periods: (1..=12).map(hours).collect(), ..Bell::default() });
    school.classes.push(Class { name: "三(2)班".to_owned(), grade: 3, room: Some(ROOM.to_owned()) });
    for weekday in 1..=5 {
        for number in 1..=random.u8(6..=12) {
            school.lessons.push(Lesson {
                weekday,
                slot: Slot::period(number),
                weeks: match random.u8(..8) {
                    0 => Weeks::Odd,
                    1 => Weeks::Even,
                    _ => Weeks::Every,
                },
                class: Some("三(2)班".to_owned()),
                subject: format!("科目{}", random.u8(..9)),
                teacher: None,
                room: None,
            });
        }
    }
    school.holidays.push(Holiday { name: "国庆节".to_owned(), from: day(31), to: day(37) });
    school
}

/// Something of a later day than today.
fn change(school: &mut Timetable, today: i64, random: &mut fastrand::Rng) {
    let date = day(random.i64(today + 1..today + 12).min(DAYS - 1));
    let slot = Slot::period(random.u8(1..=12));
    let class = Some("三(2)班".to_owned());
    let overrides = &mut school.overrides;
    match random.u8(..6) {
        0 | 1 => overrides.cancels.push(Cancel {
            pick: Pick { date, slot: Some(slot), class, room: None, teacher: None },
            reason: Some("运动会".to_owned()),
        }),
        2 => overrides.extras.push(Extra {
            date,
            slot,
            class,
            subject: "补课".to_owned(),
            teacher: None,
            room: None,
        }),
        3 => overrides.suspends.push(Suspend {
            reason: "停电检修".to_owned(),
            during: Stretch { from: date.at(13, 0, 0, 0), until: date.at(23, 0, 0, 0) },
        }),
        4 => overrides.exams.push(Exam {
            name: "期中考试".to_owned(),
            during: Stretch::of_days(date, date),
            grades: Vec::new(),
            rooms: Vec::new(),
        }),
        // The week itself is corrected: ids stay.
        _ => {
            let number = random.usize(..school.lessons.len());
            school.lessons[number].subject = "更正".to_owned();
        }
    }
}

/// Every lesson of the term, as the timetable had it that was in force at its
/// end.
pub(crate) fn lessons_of(versions: &[(Timestamp, RoomPlan)]) -> Vec<Due> {
    let mut out = Vec::new();
    for (number, (from, plan)) in versions.iter().enumerate() {
        let until = versions.get(number + 1).map_or(term().until, |(from, _)| *from);
        let mut of_version = lessons(plan, day(0), day(DAYS - 1));
        of_version.retain(|due| *from < due.lesson.end && due.lesson.end <= until);
        out.extend(of_version);
    }
    out
}
