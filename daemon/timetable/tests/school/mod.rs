//! Timetables of whole terms, made up at random and free of mistakes.

use std::collections::BTreeSet;

use jiff::civil::{Date, date, time};
use jiff::tz::TimeZone;
use lectern_timetable::*;
use proptest::prelude::*;

/// Terms over the end of a year, over a leap day, and over the change of clocks.
const MONDAYS: [Date; 4] = [date(2026, 8, 31), date(2028, 2, 14), date(2027, 2, 22), date(2023, 12, 18)];
const ZONES: [&str; 5] =
    ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"];

fn bell(first_minute: i8, grades: Vec<u8>, season: Option<Season>) -> Bell {
    let hours = |number: u8| {
        let minute = |m: i32| time(7, 0, 0, 0).saturating_add(jiff::Span::new().minutes(m));
        let begin = i32::from(first_minute) + 50 * i32::from(number);
        (number, Hours::new(minute(begin), minute(begin + 40)).unwrap())
    };
    Bell {
        name: "作息".to_owned(), grades, season, periods: (1..=8).map(hours).collect(), ..Bell::default()
    }
}

fn weeks(last: u8) -> impl Strategy<Value = Weeks> {
    prop_oneof![
        3 => Just(Weeks::Every),
        1 => Just(Weeks::Odd),
        1 => Just(Weeks::Even),
        1 => proptest::collection::btree_set(1..=last.max(1), 1..6).prop_map(Weeks::Listed),
    ]
}

/// What to do with some lesson of the plan.
type Wish = (u8, proptest::sample::Index, proptest::sample::Index, i64, u8);

/// A timetable without mistakes.
pub(crate) fn timetable() -> impl Strategy<Value = Timetable> {
    let frame = (0..MONDAYS.len(), 0..ZONES.len(), 3_u8..12, 1_usize..4);
    frame.prop_flat_map(|(monday, zone, weeks_long, classes)| {
        let lesson = (1_u8..=6, 1_u8..=7, 0_u8..2, 0..classes, weeks(weeks_long));
        let wish = (
            0_u8..7,
            any::<proptest::sample::Index>(),
            any::<proptest::sample::Index>(),
            -3_i64..4,
            1_u8..=8,
        );
        let lessons = proptest::collection::vec(lesson, 1..40);
        let wishes = proptest::collection::vec(wish, 0..12);
        let free = proptest::collection::vec((0_i64..80, 0_i64..5, proptest::option::of(1_u8..=7)), 0..4);
        (lessons, wishes, free).prop_map(move |(lessons, wishes, free)| {
            build(MONDAYS[monday], ZONES[zone], weeks_long, classes, lessons, &wishes, free)
        })
    })
}

fn build(
    monday: Date,
    zone: &str,
    weeks: u8,
    classes: usize,
    lessons: Vec<(u8, u8, u8, usize, Weeks)>,
    wishes: &[Wish],
    free: Vec<(i64, i64, Option<u8>)>,
) -> Timetable {
    let end = plus(monday, i64::from(weeks) * 7 - 1);
    let mut school = Timetable::new(Term { name: String::new(), monday, end });
    school.time_zone = TimeZone::get(zone).unwrap();
    school.school = "“张村”小学\\".to_owned();
    school.bells.push(bell(0, Vec::new(), None));
    school.bells.push(bell(25, vec![1, 3], Season::parse("11-01..03-15")));
    for number in 0..classes {
        let name = format!("{}班", number + 1);
        let room = Some(format!("{}教室", number + 1));
        school.classes.push(Class { name, grade: u8::try_from(number).unwrap() + 1, room });
    }
    let mut taken: BTreeSet<(usize, u8, u8)> = BTreeSet::new();
    for (weekday, first, longer, class, weeks) in lessons {
        let last = first + longer;
        if (first..=last).any(|period| taken.contains(&(class, weekday, period))) {
            continue;
        }
        taken.extend((first..=last).map(|period| (class, weekday, period)));
        school.lessons.push(Lesson {
            weekday,
            slot: Slot::Periods { first, last },
            weeks,
            class: Some(school.classes[class].name.clone()),
            subject: format!("科目{weekday}{first}"),
            teacher: (first != 2).then(|| format!("老师{class}")),
            room: None,
        });
    }
    for (offset, days, follows) in free {
        let from = plus(monday, offset);
        let to = plus(from, days);
        let clear = |date: Date| {
            school.makeups.iter().all(|makeup| makeup.date != date)
                && school.holidays.iter().all(|h| date < h.from || h.to < date)
        };
        if follows.is_some() && school.term.contains(from) && clear(from) {
            let follows = follows.filter(|weekday| *weekday != 3).map(Follows::Weekday);
            school.makeups.push(Makeup { date: from, name: "补班".to_owned(), follows });
        } else if school.makeups.iter().all(|makeup| makeup.date < from || to < makeup.date) {
            school.holidays.push(Holiday { name: "假".to_owned(), from, to });
        }
    }
    let mut used = BTreeSet::new();
    for wish in wishes {
        apply(&mut school, wish, &mut used);
    }
    school
}

fn plus(date: Date, days: i64) -> Date {
    date.saturating_add(jiff::Span::new().days(days))
}

fn apply(school: &mut Timetable, wish: &Wish, used: &mut BTreeSet<(Date, Slot, Option<String>)>) {
    let (kind, one, other, days, period) = wish;
    let mut ordinary = school.clone();
    ordinary.overrides = Overrides::default();
    let all = Plan::new(ordinary).occurrences(school.term.monday, school.term.end);
    if all.is_empty() {
        return;
    }
    let (one, other) = (one.get(&all), other.get(&all));
    let pick = |o: &Occurrence| Pick {
        date: o.date,
        slot: Some(o.slot),
        class: o.class.clone(),
        room: None,
        teacher: None,
    };
    let mut claim = |o: &Occurrence| used.insert((o.date, o.slot, o.class.clone()));
    let to_date = Some(plus(one.date, *days)).filter(|date| school.term.contains(*date));
    let reason = Some("因故".to_owned());
    let overrides = &mut school.overrides;
    match kind {
        0 if claim(one) => overrides.cancels.push(Cancel { pick: pick(one), reason }),
        1 if claim(one) => overrides.moves.push(Move {
            pick: pick(one),
            to_date,
            to_slot: Some(Slot::period(*period)),
            to_room: other.room.clone(),
            reason,
        }),
        2 if one.slot.length() == other.slot.length() && one.id != other.id && claim(one) && claim(other) => {
            overrides.swaps.push(Swap { pick: pick(one), with: pick(other), reason: None });
        }
        3 => overrides.substitutes.push(Substitute {
            pick: pick(one),
            by: "代课".to_owned(),
            subject: None,
            reason,
        }),
        4 => overrides.extras.push(Extra {
            date: to_date.unwrap_or(one.date),
            slot: Slot::period(*period),
            class: other.class.clone(),
            subject: "补课".to_owned(),
            teacher: None,
            room: None,
        }),
        5 => overrides.exams.push(Exam {
            name: "考试".to_owned(),
            during: Stretch::of_days(one.date, one.date),
            grades: one.grade.into_iter().collect(),
            rooms: Vec::new(),
        }),
        6 => overrides.suspends.push(Suspend {
            reason: "停课".to_owned(),
            during: Stretch { from: one.date.at(9, 0, 0, 0), until: one.date.at(11, 30, 0, 0) },
        }),
        _ => {}
    }
}
