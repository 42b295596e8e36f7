//! The record at the bell and behind the shutter.

use lectern_api::Ticks;
use lectern_api::manifest::GapReason;
use lectern_tests::Readings;
use lectern_tests::numbers::assert_none_missing;

use super::single;
use super::tape::{Run, Tape};
use super::{FPS, Studio, ahead, behind, until};
use crate::capture::encoder::SINGLE_SESSION;

fn frames(seconds: f64) -> usize {
    (seconds * f64::from(FPS)).round() as usize
}

fn only_run(tape: &Tape) -> &Run {
    assert_eq!(tape.runs.len(), 1, "{}", tape.lesson);
    &tape.runs[0]
}

/// Every fragment of 2 s from the run's own begin on, but the last.
#[track_caller]
fn assert_regular(run: &Run) {
    let (_, regular) = run.fragments.split_last().unwrap();
    for (pts, duration) in regular {
        assert!((duration.as_secs_f64() - 2.0).abs() < 0.05, "{:?}", run.fragments);
        let off = (*pts - run.head.at).as_secs_f64() % 2.0;
        assert!(off.min(2.0 - off) < 0.05, "{:?}", run.fragments);
    }
}

#[track_caller]
fn assert_whole(readings: &Readings, seconds: f64) {
    assert_none_missing(&readings.board());
    readings.assert_sounds_throughout();
    let (is, expected) = (readings.pictures.len(), frames(seconds));
    assert!(is.abs_diff(expected) <= 1, "{is} frames instead of {expected}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real time on both cores: `.ci/test` runs these alone, one at a time, in the long form"]
async fn two_lessons_back_to_back_share_no_frame_and_lose_none() {
    let mut studio = Studio::open(&[]).await;
    let first = ahead(2500);
    let bell = behind(first, 7000);
    studio.put_on("maths", first);
    until(behind(bell, 0).earlier_by(std::time::Duration::from_millis(2500))).await;
    studio.put_on("music", bell);
    studio.take_off("maths", bell);
    let end = behind(bell, 5000);
    studio.take_off("music", end);
    let tapes = studio.tapes(2).await;
    assert_eq!(tapes.len(), 2);
    let [maths, music] = ["maths", "music"].map(|id| tapes.iter().find(|tape| tape.lesson == id).unwrap());
    let readings = [(maths, 7.0), (music, 5.0)].map(|(tape, seconds)| {
        let run = only_run(tape);
        assert_eq!((run.head.at, tape.missing.len()), (Ticks(0), 0));
        assert_regular(run);
        let readings = run.read(studio.folder.path());
        assert_whole(&readings, seconds);
        readings
    });
    let (last, next) = (readings[0].board().last().copied(), readings[1].board().first().copied());
    // A busy machine repeats a picture; it never loses one.
    assert!(last.zip(next).is_some_and(|(last, next)| next == last + 1 || next == last), "{last:?} {next:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real time on both cores: `.ci/test` runs these alone, one at a time, in the long form"]
async fn a_lesson_taken_off_before_its_bell_leaves_nothing() {
    let mut studio = Studio::open(&[]).await;
    let bell = ahead(2500);
    studio.put_on("maths", bell);
    until(ahead(1500)).await;
    assert_eq!(studio.take_off("maths", ahead(0)), None);
    // The next one in the same lane shows that nothing came before it.
    let next = ahead(2500);
    studio.put_on("music", next);
    studio.take_off("music", behind(next, 3000));
    let tapes = studio.tapes(1).await;
    assert_eq!(tapes.iter().map(|tape| tape.lesson.as_str()).collect::<Vec<_>>(), ["music"]);
    assert_whole(&only_run(&tapes[0]).read(studio.folder.path()), 3.0);
}

/// Whether a position is so many seconds behind the bell, to a frame: a time
/// line begins with the first frame.
fn is_at(position: Ticks, seconds: u64) -> bool {
    position.abs_diff(Ticks(seconds * Ticks::PER_SECOND)) <= Ticks(Ticks::PER_SECOND / u64::from(super::FPS))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real time on both cores: `.ci/test` runs these alone, one at a time, in the long form"]
async fn an_end_that_was_told_moves_while_it_lies_ahead() {
    let mut studio = Studio::open(&[]).await;
    let bell = ahead(2500);
    studio.put_on("maths", bell);
    studio.take_off("maths", behind(bell, 3000));
    until(behind(bell, 1500)).await;
    let end = studio.take_off("maths", behind(bell, 5000)).unwrap();
    assert!(is_at(end, 5), "{end:?}");
    let tapes = studio.tapes(1).await;
    assert_whole(&only_run(&tapes[0]).read(studio.folder.path()), 5.0);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real time on both cores: `.ci/test` runs these alone, one at a time, in the long form"]
async fn a_closed_shutter_leaves_no_frame_and_a_dated_gap() {
    let mut studio = Studio::open(&[]).await;
    let bell = ahead(2500);
    studio.put_on("maths", bell);
    until(behind(bell, 3300)).await;
    studio.desk.shutter(true);
    let closed = ahead(0).since(bell);
    until(behind(bell, 6700)).await;
    studio.desk.shutter(false);
    let opened = ahead(0).since(bell);
    until(behind(bell, 9000)).await;
    studio.desk.shutter(true);
    until(behind(bell, 11_000)).await;
    // Too late for another run.
    studio.desk.shutter(false);
    let end = studio.take_off("maths", ahead(0)).unwrap();
    let tapes = studio.tapes(1).await;
    let tape = &tapes[0];
    let [before, after] = tape.runs.as_slice() else { panic!("{} runs", tape.runs.len()) };
    assert_eq!((after.head.gap, before.head.gap), (GapReason::Shutter, GapReason::PipelineRestarted));
    let [(until, GapReason::Shutter)] = tape.missing.as_slice() else { panic!("{:?}", tape.missing) };
    assert!(until.abs_diff(end) <= Ticks(900), "{until:?}, {end:?}");
    let closed_at = closed.nseconds() as f64 / 1e9;
    let opened_at = opened.nseconds() as f64 / 1e9;
    assert!((before.end().as_secs_f64() - closed_at).abs() < 0.1, "{:?} {closed_at}", before.end());
    assert!(after.head.at.as_secs_f64() > opened_at - 0.001, "{:?} {opened_at}", after.head.at);
    eprintln!("records again {:.3} s after it opened", after.head.at.as_secs_f64() - opened_at);
    let [before, after] = [before, after].map(|run| run.read(studio.folder.path()));
    let (numbers, then) = (before.board(), after.board());
    assert_none_missing(&numbers);
    let (first, last) = (numbers[0], numbers[numbers.len() - 1]);
    assert!((last - first) as usize <= frames(closed_at) + 1, "{first} to {last}, closed at {closed_at}");
    assert!((then[0] - first) as usize + 2 >= frames(opened_at), "{first}, {}, {opened_at}", then[0]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real time on both cores: `.ci/test` runs these alone, one at a time, in the long form"]
async fn a_lesson_that_begins_behind_a_closed_shutter_begins_with_a_gap() {
    let mut studio = Studio::open(&[]).await;
    studio.desk.shutter(true);
    let bell = ahead(2500);
    studio.put_on("maths", bell);
    until(behind(bell, 2000)).await;
    studio.desk.shutter(false);
    studio.take_off("maths", behind(bell, 5000));
    let tapes = studio.tapes(1).await;
    let run = only_run(&tapes[0]);
    assert_eq!(run.head.gap, GapReason::Shutter);
    assert!(run.head.at.as_secs_f64() > 2.0, "{:?}", run.head.at);
    assert!((run.end().as_secs_f64() - 5.0).abs() < 0.1, "{:?}", run.end());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real time on both cores: `.ci/test` runs these alone, one at a time, in the long form"]
async fn an_encoder_that_takes_one_session_costs_no_more_than_a_marked_moment_at_the_bell() {
    gst::init().unwrap();
    single::register();
    let mut studio = Studio::with_encoder(&[], Some(&SINGLE_SESSION)).await;
    let first = ahead(2500);
    let bell = behind(first, 5000);
    studio.put_on("maths", first);
    until(behind(first, 2500)).await;
    studio.put_on("music", bell);
    studio.take_off("maths", bell);
    studio.take_off("music", behind(bell, 5000));
    let tapes = studio.tapes(2).await;
    let [maths, music] = ["maths", "music"].map(|id| tapes.iter().find(|tape| tape.lesson == id).unwrap());
    assert_whole(&only_run(maths).read(studio.folder.path()), 5.0);
    let run = only_run(music);
    assert_regular(run);
    let lost = run.head.at.as_secs_f64();
    eprintln!("one session: {lost:.3} s between the lessons");
    // Nothing, where the first gives it back before the mixer has made the frame
    // of the bell. Else the spool makes a gap of it, from the bell to the run.
    assert!(lost < 3.0, "{lost} s");
    if lost > 0.0 {
        assert_eq!(run.head.gap, GapReason::PipelineRestarted);
    }
    assert!((run.end().as_secs_f64() - 5.0).abs() < 0.1, "{:?}", run.end());
    assert_none_missing(&run.read(studio.folder.path()).board());
}
