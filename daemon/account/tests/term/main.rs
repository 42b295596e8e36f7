//! Whole terms of twenty weeks in a made-up world that knows the truth, and a
//! box that lives in it with nothing but its journal, its spool and the
//! timetable in force.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod accountant;
mod school;
mod world;

use lectern_api::account::{Account, Cause, Outcome};

use accountant::Accountant;
use world::{Truth, World};

/// What the world says of a lesson, against what the box says.
fn compare(truth: &Truth, account: &Account) {
    let told = format!("{:#?}\nis told as\n{account:#?}", truth);
    match &truth.owed {
        None => assert_eq!(account.outcome, Outcome::NotOwed, "{told}"),
        Some(recorded) => {
            let recorded_s = recorded.length().as_secs_f64();
            assert!((account.recorded_s - recorded_s).abs() < 1e-6, "{recorded_s} recorded: {told}");
            let expected = if recorded.is_empty() { Outcome::Missed } else { Outcome::Complete };
            assert_eq!(account.outcome, expected, "{told}");
            assert!((account.missing_s() + recorded_s - account.planned_s()).abs() < 1e-6, "{told}");
            for missing in &account.missing {
                for moment in [missing.from, missing.until - jiff::SignedDuration::from_millis(1)] {
                    let true_causes = truth.why(moment);
                    assert!(true_causes.contains(&missing.cause), "{moment} was {true_causes:?}: {told}");
                }
            }
        }
    }
    assert!(account.settled.is_some(), "{told}");
    assert!(!account.reason.zh.is_empty() && !account.reason.en.is_empty());
}

#[test]
fn every_lesson_of_a_term_ends_complete_missed_with_a_true_reason_or_not_owed() {
    let (mut lessons, mut complete, mut missed, mut not_owed, mut unknown) = (0, 0, 0, 0, 0);
    for seed in 0..5 {
        let mut random = fastrand::Rng::with_seed(seed);
        let world = World::new(&mut random);
        let mut box_ = Accountant::default();
        for moment in world.looks() {
            box_.look(&world, moment);
        }
        let truths = world.truths();
        let accounts: Vec<_> = box_.accounts.values().collect();
        assert_eq!(accounts.len(), truths.len(), "seed {seed}: a lesson without account, or one too many");
        for (truth, account) in truths.iter().zip(accounts) {
            assert_eq!(truth.lesson.id, account.lesson.id, "seed {seed}");
            compare(truth, account);
            lessons += 1;
            match account.outcome {
                Outcome::Complete => complete += 1,
                Outcome::Missed => missed += 1,
                Outcome::NotOwed => not_owed += 1,
                other => panic!("{other:?} after the term"),
            }
            unknown += account.missing.iter().filter(|m| m.cause == Cause::Unknown).count();
        }
    }
    eprintln!(
        "{lessons} lessons: {complete} complete, {missed} missed, {not_owed} not owed, {unknown} unknown"
    );
    assert!(complete > 1_500 && missed > 100 && not_owed > 100, "a world in which nothing happens");
    assert_eq!(unknown, 0, "in this world everything leaves a trace");
}

#[test]
fn without_its_journal_a_box_says_that_it_does_not_know() {
    let mut random = fastrand::Rng::with_seed(77);
    let world = World::new(&mut random);
    let mut box_ = Accountant::without_journal();
    for moment in world.looks() {
        box_.look(&world, moment);
    }
    for (truth, account) in world.truths().iter().zip(box_.accounts.values()) {
        let Some(recorded) = &truth.owed else { continue };
        assert!((account.recorded_s - recorded.length().as_secs_f64()).abs() < 1e-6);
        for missing in &account.missing {
            let is_known =
                missing.cause == Cause::DiskRefused && truth.why(missing.from).contains(&missing.cause);
            assert!(is_known || missing.cause == Cause::Unknown, "invented: {account:#?}");
        }
    }
    assert_ne!(world.truths().len(), 0);
}
