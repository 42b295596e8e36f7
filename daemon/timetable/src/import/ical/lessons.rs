//! From events to lessons of the week, and to dated changes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use lectern_api::messages::import as words;

use super::event::Event;
use super::{MOST_BEGINNINGS, rules};
use crate::hours::{Hours, Slot};
use crate::import::{Found, Ignored, Options, names, slots};
use crate::mistake::{Mistake, Place};
use crate::model::{Lesson, weekday_of};
use crate::overrides::{Cancel, Extra, Move, Pick, Substitute};
use crate::plan::Plan;
use crate::weeks::Weeks;

/// A lesson on one date.
#[derive(Debug, Clone)]
struct Sitting {
    line: usize,
    date: Date,
    hours: Hours,
}

/// What is the same in all weeks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Who {
    class: Option<String>,
    subject: String,
    teacher: Option<String>,
    room: Option<String>,
}

pub(super) fn collect(events: &[Event], options: &Options, found: &mut Found, mistakes: &mut Vec<Mistake>) {
    let mut all: Vec<(Who, Sitting)> = Vec::new();
    let mut count = 0;
    let end = found.timetable.term.end;
    for event in events.iter().filter(|event| event.replaces.is_none()) {
        if event.cancelled {
            found.ignored.push(Ignored::new(Place::line(event.line), words::ignored_cancelled()));
            continue;
        }
        let Some(who) = who(event, options) else {
            let wrong = (words::lacks("SUMMARY"), words::lacks_remedy("SUMMARY"));
            mistakes.push(Mistake::new(Place::line(event.line), "SUMMARY", wrong));
            continue;
        };
        match rules::dates(event, &found.timetable.time_zone, end) {
            Ok(begins) if count + begins.len() > MOST_BEGINNINGS => {
                let wrong = (words::many_events(MOST_BEGINNINGS), words::many_events_remedy());
                mistakes.push(Mistake::new(Place::line(event.line), "RRULE", wrong));
                return;
            }
            Ok(begins) => {
                count += begins.len();
                sittings(event, &begins, found, |sitting| all.push((who.clone(), sitting)));
            }
            Err(mistake) => mistakes.push(*mistake),
        }
    }
    if !mistakes.is_empty() {
        return;
    }
    if found.timetable.bells.is_empty() {
        let hours: BTreeSet<Hours> = all.iter().map(|(_, sitting)| sitting.hours).collect();
        found.timetable.bells.extend(slots::bell_from(&hours));
    }
    into_weeks(all, found);
    changed_instances(events, options, found);
}

fn who(event: &Event, options: &Options) -> Option<Who> {
    let summary = event.summary.clone()?;
    // `数学 三(2)班`: the class is most often in the title where it has no place
    // of its own.
    let in_title = names::class_in(&summary);
    let class = event.class.clone().or_else(|| in_title.clone()).or_else(|| options.class.clone());
    let subject = match &in_title {
        Some(class) => summary.replacen(class.as_str(), "", 1).trim().to_owned(),
        None => summary.clone(),
    };
    let subject = names::tidy(if subject.is_empty() { &summary } else { &subject });
    // Dated changes are made of these too, not only lessons.
    let tidy = |name: Option<String>| name.map(|name| names::tidy(&name)).filter(|name| !name.is_empty());
    let (teacher, room) = (tidy(event.teacher.clone()), tidy(event.location.clone()));
    (!subject.is_empty()).then(|| Who { class: tidy(class), subject, teacher, room })
}

/// The dates of an event that are lessons of the term.
fn sittings(event: &Event, begins: &[DateTime], found: &mut Found, mut take: impl FnMut(Sitting)) {
    let mut outside = 0;
    for begin in begins {
        let end = begin.checked_add(event.long).unwrap_or(*begin);
        let same_day = end.date() == begin.date();
        let Some(hours) = Hours::new(begin.time(), end.time()).filter(|_| same_day) else {
            found.ignored.push(Ignored::new(Place::line(event.line), words::ignored_midnight()));
            return;
        };
        if found.timetable.term.contains(begin.date()) {
            take(Sitting { line: event.line, date: begin.date(), hours });
        } else {
            outside += 1;
        }
    }
    if outside > 0 {
        found.ignored.push(Ignored::new(Place::line(event.line), words::ignored_outside(outside)));
    }
}

fn grade(found: &Found, class: Option<&str>) -> Option<u8> {
    found.timetable.class(class).map(|class| class.grade).or_else(|| names::grade_of(class?))
}

/// The same lesson in several weeks is one lesson.
fn into_weeks(all: Vec<(Who, Sitting)>, found: &mut Found) {
    let plan = Plan::new(found.timetable.clone());
    let mut groups: BTreeMap<(u8, Slot, Who), (usize, BTreeSet<u8>)> = BTreeMap::new();
    for (who, sitting) in all {
        let slot =
            slots::slot_on(&found.timetable, sitting.date, grade(found, who.class.as_deref()), sitting.hours);
        let makeup = found.timetable.makeups.iter().any(|makeup| makeup.date == sitting.date);
        if makeup || plan.why_free(sitting.date).is_some() {
            // The ordinary week has nothing on such a day; the file has.
            let Who { class, subject, teacher, room } = who;
            let extra = Extra { date: sitting.date, slot, class, subject, teacher, room };
            let extras = &mut found.timetable.overrides.extras;
            if !extras.contains(&extra) {
                extras.push(extra);
            }
            continue;
        }
        let Some(week) = found.timetable.term.week_of(sitting.date) else { continue };
        let group =
            groups.entry((weekday_of(sitting.date), slot, who)).or_insert((sitting.line, BTreeSet::new()));
        group.1.insert(week);
    }
    for ((weekday, slot, who), (line, weeks)) in groups {
        let weeks = named(&plan, weekday, &weeks);
        let Who { class, subject, teacher, room } = who;
        found
            .lessons
            .push((Place::line(line), Lesson { weekday, slot, weeks, class, subject, teacher, room }));
    }
}

/// As [`Weeks::of`]; a week in which the day is free may be named or not.
fn named(plan: &Plan, weekday: u8, weeks: &BTreeSet<u8>) -> Weeks {
    let term = &plan.timetable().term;
    let date = |week: u8| {
        let days = (i64::from(week) - 1) * 7 + i64::from(weekday) - 1;
        term.monday.saturating_add(jiff::Span::new().days(days))
    };
    let taught: Vec<u8> = (1..=term.weeks())
        .filter(|week| term.contains(date(*week)) && plan.why_free(date(*week)).is_none())
        .collect();
    let same = |named: &Weeks| taught.iter().all(|week| named.contains(*week) == weeks.contains(week));
    let choices = [Weeks::Every, Weeks::Odd, Weeks::Even];
    let found = choices.into_iter().find(same).filter(|_| taught.len() > 2);
    found.unwrap_or_else(|| Weeks::of(weeks, term.weeks()))
}

/// An instance that was changed by itself is a dated change of its lesson.
fn changed_instances(events: &[Event], options: &Options, found: &mut Found) {
    let zone = found.timetable.time_zone.clone();
    let end = found.timetable.term.end;
    for event in events {
        let Some(replaces) = event.replaces else { continue };
        let master = events.iter().find(|other| other.replaces.is_none() && other.uid == event.uid);
        let was = master.and_then(|master| {
            let begins = rules::beginnings(master, end).ok()?;
            let local = begins.into_iter().find(|at| replaces.is(*at))?;
            let begin = rules::in_zone(local, &master.zone, &zone)?;
            Some((master, begin, who(master, options)?))
        });
        let Some((master, begin, before)) = was else {
            found.ignored.push(Ignored::new(Place::line(event.line), words::ignored_no_master()));
            continue;
        };
        let end = begin.checked_add(master.long).unwrap_or(begin);
        let Some(hours) = Hours::new(begin.time(), end.time()) else { continue };
        let grade = grade(found, before.class.as_deref());
        let slot = slots::slot_on(&found.timetable, begin.date(), grade, hours);
        let pick = Pick {
            date: begin.date(),
            slot: Some(slot),
            class: before.class.clone(),
            room: before.room.clone(),
            teacher: None,
        };
        change(event, &before, pick, (begin, slot, grade), options, found);
    }
}

fn change(
    event: &Event,
    before: &Who,
    pick: Pick,
    (begin, slot, grade): (DateTime, Slot, Option<u8>),
    options: &Options,
    found: &mut Found,
) {
    if event.cancelled {
        let cancel = Cancel { pick, reason: None };
        if !found.timetable.overrides.cancels.contains(&cancel) {
            give_way(found, &cancel.pick);
            found.timetable.overrides.cancels.push(cancel);
        }
        return;
    }
    let after = who(event, options).unwrap_or_else(|| before.clone());
    let changed = |is: &Option<String>, was: &Option<String>| is.clone().filter(|_| is != was);
    if after.teacher != before.teacher || after.subject != before.subject {
        let by = after.teacher.clone().or_else(|| before.teacher.clone()).unwrap_or_else(|| "—".to_owned());
        let subject = Some(after.subject.clone()).filter(|subject| *subject != before.subject);
        let substitute = Substitute { pick: pick.clone(), by, subject, reason: None };
        if !found.timetable.overrides.substitutes.contains(&substitute) {
            found.timetable.overrides.substitutes.push(substitute);
        }
    }
    let to = rules::in_zone(event.begin, &event.zone, &found.timetable.time_zone).unwrap_or(begin);
    let end = to.checked_add(event.long).unwrap_or(to);
    let Some(hours) = Hours::new(to.time(), end.time()) else {
        found.ignored.push(Ignored::new(Place::line(event.line), words::ignored_midnight()));
        return;
    };
    let to_slot = slots::slot_on(&found.timetable, to.date(), grade, hours);
    let moved = Move {
        to_date: Some(to.date()).filter(|date| *date != begin.date()),
        to_slot: Some(to_slot).filter(|to| *to != slot),
        to_room: changed(&after.room, &before.room),
        pick,
        reason: None,
    };
    let nowhere = moved.to_date.is_none() && moved.to_slot.is_none() && moved.to_room.is_none();
    if !nowhere && !found.timetable.overrides.moves.contains(&moved) {
        give_way(found, &moved.pick);
        found.timetable.overrides.moves.push(moved);
    }
}

/// What the base says of the same lesson of the same date is no longer so.
fn give_way(found: &mut Found, pick: &Pick) {
    let same = |other: &Pick| {
        let slots = other.slot.is_none_or(|other| pick.slot.is_none_or(|slot| slot.meets(&other)));
        other.date == pick.date && slots && (other.class.is_none() || other.class == pick.class)
    };
    let all = &mut found.timetable.overrides;
    let before = all.cancels.len() + all.moves.len() + all.swaps.len();
    all.cancels.retain(|cancel| !same(&cancel.pick));
    all.moves.retain(|moved| !same(&moved.pick));
    all.swaps.retain(|swap| !same(&swap.pick) && !same(&swap.with));
    if all.cancels.len() + all.moves.len() + all.swaps.len() < before {
        found.ignored.push(Ignored::new(Place::File, words::ignored_change(pick.date)));
    }
}
