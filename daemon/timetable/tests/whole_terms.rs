//! Properties that hold for every timetable, over the whole term.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod school;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use lectern_timetable::plan::{Change, Window};
use lectern_timetable::*;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// Every window of a room, found by going from one change to the next.
fn step_through(plan: &RoomPlan, margins: Margins) -> Vec<Window> {
    let (first, _) = plan.school().span();
    let zone = &plan.school().timetable().time_zone;
    let mut now = zone.to_ambiguous_timestamp(first.at(0, 0, 0, 0)).compatible().unwrap();
    let mut met: Vec<Window> = Vec::new();
    loop {
        let state = plan.state_at(now, margins);
        if let Some(running) = state.running {
            assert!(running.from <= now && now < running.until);
            if met.last() != Some(&running) {
                met.push(running);
            }
        }
        match state.changes_at {
            Some(at) => {
                assert!(at > now, "time stands still at {now}");
                now = at;
            }
            None => return met,
        }
    }
}

fn every_lesson_is_reached_exactly_once(school: &Timetable, margins: Margins) -> TestCaseResult {
    let plan = Plan::new(school.clone());
    let (first, last) = plan.span();
    let all = plan.occurrences(first, last);
    let ids: BTreeSet<_> = all.iter().map(|o| (&o.id, &o.room)).collect();
    prop_assert_eq!(ids.len(), all.len(), "two lessons of one id");
    let mut reached = 0;
    for room in school.rooms() {
        let room = plan.for_room(room);
        let planned = room.occurrences(first, last);
        let met = step_through(&room, margins);
        let met_lessons: Vec<_> = met.iter().map(|window| window.occurrence.clone()).collect();
        prop_assert_eq!(&met_lessons, &planned);
        reached += met.len();
        windows_are_as_written(&met, margins)?;
    }
    prop_assert_eq!(reached, all.len(), "a lesson is in no room, or in two");
    Ok(())
}

fn windows_are_as_written(windows: &[Window], margins: Margins) -> TestCaseResult {
    for (one, next) in windows.iter().zip(windows.iter().skip(1)) {
        let (end, begin) = (one.occurrence.end, next.occurrence.begin);
        prop_assert!(one.until <= next.from, "two lessons run at once");
        // A margin does not cut into a lesson; the next lesson wins at its begin.
        prop_assert!(one.until >= end.min(begin));
        prop_assert!(next.from <= begin && next.from >= end.min(begin));
        // Where the windows would overlap they touch: no second is lost.
        let (late, early) = (end + margins.after, begin - margins.before);
        if late >= early {
            prop_assert_eq!(one.until, next.from);
        } else {
            prop_assert_eq!((one.until, next.from), (late, early));
        }
    }
    Ok(())
}

fn touched(school: &Timetable) -> BTreeSet<Date> {
    let all = &school.overrides;
    let mut dates: BTreeSet<Date> = BTreeSet::new();
    dates.extend(all.cancels.iter().map(|c| c.pick.date));
    dates.extend(all.moves.iter().flat_map(|m| [Some(m.pick.date), m.to_date]).flatten());
    dates.extend(all.swaps.iter().flat_map(|s| [s.pick.date, s.with.date]));
    dates.extend(all.substitutes.iter().map(|s| s.pick.date));
    dates.extend(all.extras.iter().map(|e| e.date));
    dates.extend(all.exams.iter().map(|e| e.during.from.date()));
    dates.extend(all.suspends.iter().map(|s| s.during.from.date()));
    dates
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_planned_lesson_is_reached_exactly_once(school in school::timetable()) {
        every_lesson_is_reached_exactly_once(&school, Margins::default())?;
    }

    #[test]
    fn margins_lose_no_second_and_take_none_from_a_lesson(
        school in school::timetable(),
        before in 0_u64..=10,
        after in 0_u64..=10,
    ) {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        every_lesson_is_reached_exactly_once(&school, Margins { before: minutes(before), after: minutes(after) })?;
    }

    #[test]
    fn no_dated_change_edits_the_ordinary_week(school in school::timetable()) {
        let mut ordinary = school.clone();
        ordinary.overrides = Overrides::default();
        let (changed, ordinary) = (Plan::new(school.clone()), Plan::new(ordinary));
        let dates = touched(&school);
        for date in school.term.days().filter(|date| !dates.contains(date)) {
            prop_assert_eq!(changed.occurrences(date, date), ordinary.occurrences(date, date), "{}", date);
        }
        let (first, last) = changed.span();
        let written: BTreeSet<_> = ordinary.occurrences(first, last).into_iter().map(|o| o.id).collect();
        for occurrence in changed.occurrences(first, last) {
            let extra = occurrence.change == Some(Change::Extra);
            prop_assert_eq!(written.contains(&occurrence.id), !extra, "{} lost its id", occurrence.title());
        }
    }

    #[test]
    fn the_own_form_reads_back_as_what_was_written(school in school::timetable()) {
        let text = own::write(&school);
        match own::read(text.as_bytes()) {
            Ok(checked) => prop_assert_eq!(checked.timetable, school),
            Err(mistakes) => prop_assert!(false, "{mistakes:#?}\n{text}"),
        }
    }

    #[test]
    fn whatever_is_not_planned_says_why(school in school::timetable(), day in 0_i64..90, period in 1_u8..=8) {
        let date = school.term.monday.saturating_add(jiff::Span::new().days(day));
        let plan = Plan::new(school.clone());
        for room in school.rooms() {
            let room = plan.for_room(room);
            let text = room.why(date, Slot::period(period)).text();
            prop_assert!(!text.en.is_empty() && !text.zh.is_empty());
            prop_assert_eq!(room.why_empty(date).is_none(), !room.occurrences(date, date).is_empty());
        }
    }

    #[test]
    fn any_point_in_time_has_an_answer(school in school::timetable(), second in -62_000_000_000_i64..200_000_000_000) {
        let plan = Plan::new(school.clone());
        for room in school.rooms() {
            let state = plan.for_room(room).state_at(Timestamp::from_second(second).unwrap(), Margins::default());
            prop_assert!(!state.why.zh.is_empty());
        }
    }

    #[test]
    fn garbage_in_the_own_form_is_a_report_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = own::read(&bytes);
    }

    #[test]
    fn a_spoiled_file_is_a_report_and_never_a_panic(
        school in school::timetable(),
        at in any::<proptest::sample::Index>(),
        with in "[\\[\\]=\"0-9a-z\\-:.,一周\n]{0,8}",
    ) {
        let mut text: Vec<char> = own::write(&school).chars().collect();
        let at = at.index(text.len());
        text.splice(at..(at + with.chars().count()).min(text.len()), with.chars());
        let _ = own::read(text.into_iter().collect::<String>().as_bytes());
    }
}
