use jiff::Timestamp;
use lectern_api::manifest::Trigger;

use super::*;

fn at(seconds: u64) -> ClockPoint {
    ClockPoint(gst::ClockTime::from_seconds(seconds))
}

/// A lesson by hand.
pub(crate) fn info(id: &str) -> LessonInfo {
    LessonInfo {
        id: LessonId::new(id).unwrap(),
        title: id.to_owned(),
        date: jiff::civil::date(2026, 3, 2),
        since: Timestamp::UNIX_EPOCH,
        until: None,
        planned_until: None,
        trigger: Trigger::Hand,
        planned: None,
    }
}

fn id(id: &str) -> LessonId {
    LessonId::new(id).unwrap()
}

/// A schedule with `maths` from second 100 on, told at `told`.
fn with_maths(told: u64) -> Schedule {
    let mut schedule = Schedule::default();
    schedule.put_on(info("maths"), at(100), None, GapReason::PipelineRestarted, at(told));
    schedule
}

fn only(schedule: &Schedule) -> &Air {
    schedule.next_in(Lane::A, at(0)).unwrap()
}

#[test]
fn a_lesson_that_goes_on_soon_after_a_reboot_goes_on_behind_what_is_recorded() {
    // Half an hour was recorded, and the kernel has run for 20 s.
    let recorded = Ticks(30 * 60 * Ticks::PER_SECOND);
    let origin = Origin { at: at(20), position: recorded };
    assert_eq!(origin.position_of(at(25)), recorded + Ticks(5 * Ticks::PER_SECOND));
}

#[test]
fn a_record_that_begins_late_owes_the_time_since_the_bell() {
    let schedule = with_maths(100);
    assert_eq!(only(&schedule).settle(at(109)).position_of(at(109)), Ticks(9 * Ticks::PER_SECOND));
}

#[test]
fn the_time_line_of_a_lesson_begun_by_hand_begins_with_the_first_frame() {
    let schedule = with_maths(100);
    let frame = ClockPoint(gst::ClockTime::from_mseconds(100_400));
    assert_eq!(only(&schedule).settle(frame).position_of(frame), Ticks(0));
    // A second run of the same lesson keeps the first one's origin.
    assert_eq!(only(&schedule).settle(at(150)).at, frame);
}

#[test]
fn a_lesson_that_was_told_ahead_owes_what_it_lacks_behind_its_bell() {
    let schedule = with_maths(97);
    let frame = ClockPoint(gst::ClockTime::from_mseconds(100_400));
    assert_eq!(only(&schedule).settle(frame).position_of(frame), Ticks(4 * Ticks::PER_SECOND / 10));
}

#[test]
fn lessons_back_to_back_have_a_lane_each_and_one_broadcast() {
    let mut schedule = with_maths(97);
    schedule.take_off(&id("maths"), at(2800), at(2797));
    schedule.put_on(info("music"), at(2800), None, GapReason::PipelineRestarted, at(2797));
    let now = at(2799);
    let (maths, music) = (schedule.next_in(Lane::A, now).unwrap(), schedule.next_in(Lane::B, now).unwrap());
    assert_eq!((maths.lesson(), music.lesson()), (&id("maths"), &id("music")));
    assert_eq!(maths.broadcast, music.broadcast);
    assert_eq!(schedule.bells(maths.broadcast), [(at(100), Some(at(2800))), (at(2800), None)]);
    assert_eq!(schedule.running(now).unwrap().lesson(), &id("maths"));
    assert_eq!(schedule.running(at(2800)).unwrap().lesson(), &id("music"));
    assert!(schedule.next_in(Lane::A, at(2800)).is_none());
}

#[test]
fn a_break_longer_than_what_is_bridged_ends_the_broadcast() {
    let mut schedule = with_maths(97);
    schedule.take_off(&id("maths"), at(2800), at(2797));
    schedule.put_on(info("music"), at(3400), None, GapReason::PipelineRestarted, at(3397));
    let broadcast = schedule.next_broadcast(at(3397)).unwrap();
    assert_eq!(broadcast.zero, at(3400));
    assert_eq!(schedule.bells(broadcast), [(at(3400), None)]);
}

#[test]
fn an_end_moves_until_it_comes_and_not_afterwards() {
    let mut schedule = with_maths(97);
    let minute = Ticks(60 * Ticks::PER_SECOND);
    assert_eq!(schedule.take_off(&id("maths"), at(160), at(150)), Some(minute));
    assert_eq!(schedule.take_off(&id("maths"), at(220), at(159)), Some(minute + minute));
    assert_eq!(schedule.take_off(&id("maths"), at(400), at(221)), Some(minute + minute));
    assert!(schedule.running(at(221)).is_none());
}

#[test]
fn a_lesson_taken_off_before_it_begins_leaves_nothing() {
    let mut schedule = with_maths(97);
    assert_eq!(schedule.take_off(&id("maths"), at(99), at(98)), None);
    assert!(schedule.next_in(Lane::A, at(98)).is_none());
    assert!(schedule.next_broadcast(at(98)).is_none());
}

#[test]
fn a_lesson_put_on_again_stands_there_once() {
    let mut schedule = with_maths(97);
    schedule.put_on(info("maths"), at(130), None, GapReason::PipelineRestarted, at(98));
    assert_eq!(schedule.next_in(Lane::A, at(98)).unwrap().begin, at(130));
    assert_eq!(schedule.airs.len(), 1);
}
