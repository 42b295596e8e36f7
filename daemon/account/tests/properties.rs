//! Properties of an account, for any evidence.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use lectern_account::{Evidence, Media, Span, Spans, Stretch, account, corrected};
use lectern_api::account::{Account, Cause, Outcome, PlannedLesson};
use lectern_api::{LessonId, Text};
use proptest::prelude::*;

const CAUSES: [Cause; 14] = [
    Cause::Suspended,
    Cause::Shutter,
    Cause::StoppedByHand,
    Cause::PowerLost,
    Cause::SwitchedOff,
    Cause::SoftwareDown,
    Cause::ClockUnknown,
    Cause::DiskRefused,
    Cause::DiskSlow,
    Cause::Damaged,
    Cause::MadeWay,
    Cause::PipelineDown,
    Cause::NotRunning,
    Cause::OffOrClockUnknown,
];

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_800_000_000_000 + ms).unwrap()
}

/// A lesson of 40 minutes that begins after ten.
fn lesson() -> PlannedLesson {
    PlannedLesson {
        id: LessonId::new("20270115-p03-00000000").unwrap(),
        date: date(2027, 1, 15),
        week: Some(20),
        slot: Text { en: "period 3".into(), zh: "第3节".into() },
        subject: "数学".into(),
        class: None,
        teacher: None,
        begin: at(600_000),
        end: at(3_000_000),
    }
}

fn span() -> impl Strategy<Value = Span> {
    (0_i64..3_600_000, prop_oneof![1_i64..2_000, 1_i64..3_000_000])
        .prop_map(|(from, long)| Span { from: at(from), until: at(from + long) })
}

fn media() -> impl Strategy<Value = Vec<Media>> {
    proptest::collection::vec(span(), 0..6).prop_map(|spans| {
        let recording = LessonId::new("r").unwrap();
        spans.into_iter().map(|span| Media { recording: recording.clone(), span }).collect()
    })
}

fn stretches() -> impl Strategy<Value = Vec<Stretch>> {
    let stretch = (span(), 0..CAUSES.len()).prop_map(|(span, cause)| Stretch { span, cause: CAUSES[cause] });
    proptest::collection::vec(stretch, 0..12)
}

fn of(media: Vec<Media>, stretches: Vec<Stretch>, now: Timestamp) -> Account {
    account(lesson(), &Evidence { media, stretches, live: Spans::default() }, &TimeZone::UTC, now)
}

fn media_ms(media: &[Media]) -> i64 {
    let within = Span { from: lesson().begin, until: lesson().end };
    let all: Spans = media.iter().map(|media| media.span).collect();
    i64::try_from(all.within(&within).length().as_millis()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn recorded_and_missing_are_all_of_the_lesson(media in media(), stretches in stretches(), now in 0_i64..4_000_000) {
        let account = of(media, stretches, at(now));
        let told = match account.outcome {
            Outcome::Planned | Outcome::NotOwed => 0.0,
            Outcome::Running => (at(now - 6_000).duration_since(at(600_000))).as_secs_f64().max(0.0),
            Outcome::Complete | Outcome::Missed => account.planned_s(),
        };
        prop_assert!((account.recorded_s + account.missing_s() - told).abs() < 1e-6, "{account:#?}");
        prop_assert!(account.recorded_s >= 0.0);
        prop_assert!(!account.reason.en.is_empty() && !account.reason.zh.is_empty());
    }

    #[test]
    fn every_missing_moment_has_one_cause_and_it_is_true(media in media(), stretches in stretches()) {
        let account = of(media.clone(), stretches.clone(), at(4_000_000));
        for pair in account.missing.windows(2) {
            prop_assert!(pair[0].until <= pair[1].from, "two causes at once");
            prop_assert!(pair[0].until < pair[1].from || pair[0].cause != pair[1].cause, "one stretch in two");
        }
        for missing in &account.missing {
            let moment = missing.from;
            let holds = |span: &Span| span.from <= moment && moment < span.until;
            prop_assert!(!media.iter().any(|media| holds(&media.span)), "missing where there are media");
            let first = stretches.iter().filter(|s| holds(&s.span)).map(|s| s.cause).min();
            prop_assert_eq!(missing.cause, first.unwrap_or(Cause::Unknown));
        }
    }

    #[test]
    fn what_is_recorded_is_what_there_are_media_of(media in media(), stretches in stretches()) {
        let account = of(media.clone(), stretches, at(4_000_000));
        prop_assume!(account.outcome != Outcome::NotOwed);
        let recorded_ms = (account.recorded_s * 1000.0).round() as i64;
        // Seams are closed: less than a second beside each piece of media.
        let seams = 1_000 * (media.len() as i64 + 1);
        prop_assert!((0..=seams).contains(&(recorded_ms - media_ms(&media))), "{account:#?}");
        prop_assert_eq!(account.outcome == Outcome::Complete, media_ms(&media) > 0);
    }

    #[test]
    fn noise_in_the_journal_never_changes_what_is_recorded(
        media in media(),
        noise in stretches(),
    ) {
        let quiet = of(media.clone(), Vec::new(), at(4_000_000));
        let loud = of(media.clone(), noise, at(4_000_000));
        if loud.outcome != Outcome::NotOwed {
            prop_assert_eq!(quiet.recorded_s, loud.recorded_s);
            prop_assert_eq!(quiet.late_s, loud.late_s);
            prop_assert_eq!(quiet.recordings, loud.recordings);
        }
    }

    #[test]
    fn a_settled_account_is_only_ever_corrected_upward(first in media(), later in media(), stretches in stretches()) {
        let settled = of(first.clone(), stretches.clone(), at(4_000_000));
        match corrected(&settled, &later, &TimeZone::UTC) {
            None => {
                let all: Vec<Media> = first.iter().chain(&later).cloned().collect();
                let whole = of(all, stretches, at(4_000_000));
                prop_assert!(settled.outcome == Outcome::NotOwed || whole.recorded_s <= settled.recorded_s + 1e-6);
            }
            Some(better) => {
                prop_assert!(better.recorded_s > settled.recorded_s);
                prop_assert_eq!(better.outcome, Outcome::Complete);
                prop_assert!((better.recorded_s + better.missing_s() - better.planned_s()).abs() < 1e-6);
                prop_assert_eq!(corrected(&better, &later, &TimeZone::UTC), None, "not idempotent");
            }
        }
    }

    #[test]
    fn late_is_what_is_missing_from_the_bell_on(media in media()) {
        let account = of(media, Vec::new(), at(4_000_000));
        let first = account.missing.first().filter(|missing| missing.from == account.lesson.begin);
        let late = (account.outcome == Outcome::Complete).then(|| first.map_or(0.0, |missing| missing.seconds()));
        prop_assert_eq!(account.late_s, late);
    }
}

#[test]
fn a_reason_names_hours_and_cause_in_both_languages() {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let whole = Span { from: lesson().begin, until: lesson().end };
    let off = Stretch { span: whole, cause: Cause::PowerLost };
    let evidence = Evidence { stretches: vec![off], ..Evidence::default() };
    let missed = account(lesson(), &evidence, &zone, at(4_000_000));
    assert_eq!(missed.outcome, Outcome::Missed);
    assert_eq!(missed.reason.zh, "未录：16:10–16:50 断电或被强行重启");
    assert_eq!(missed.reason.en, "not recorded: 16:10-16:50 no power, or reset");
    let nothing = account(lesson(), &Evidence::default(), &zone, at(4_000_000));
    assert_eq!(nothing.reason.zh, "未录：16:10–16:50 原因不明");
    let recording = LessonId::new("r").unwrap();
    let media = vec![Media { recording, span: Span { from: at(692_000), until: at(3_000_000) } }];
    let late = account(lesson(), &Evidence { media, ..evidence }, &zone, at(4_000_000));
    assert_eq!(late.reason.zh, "缺 1 分 32 秒：16:10:00–16:11:32 断电或被强行重启");
    assert_eq!(late.late_s, Some(92.0));
}

#[test]
fn a_lesson_that_was_suspended_all_along_is_not_owed_and_one_behind_the_shutter_is_missed_without_fault() {
    let whole = Span { from: at(0), until: at(3_600_000) };
    let suspended = of(Vec::new(), vec![Stretch { span: whole, cause: Cause::Suspended }], at(4_000_000));
    assert_eq!(suspended.outcome, Outcome::NotOwed);
    let shutter = of(Vec::new(), vec![Stretch { span: whole, cause: Cause::Shutter }], at(4_000_000));
    assert_eq!((shutter.outcome, shutter.is_fault()), (Outcome::Missed, false));
    let unknown = of(Vec::new(), Vec::new(), at(4_000_000));
    assert_eq!((unknown.outcome, unknown.is_fault()), (Outcome::Missed, true));
}
