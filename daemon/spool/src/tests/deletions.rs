//! Wishes, holds, deletions, and what outlives the index.

use lectern_api::manifest::ManifestState;

use super::*;

const ADMIN: &str = "administrator (uid 0)";
const TEACHER: &str = "teacher (uid 1000)";
const DAY: Duration = Duration::from_secs(24 * 3600);

fn open_at(dir: &Path, clock: &Arc<StandingClock>) -> (Spool, OpenReport) {
    let clock: Arc<dyn Clock> = Arc::<StandingClock>::clone(clock);
    Spool::open(dir, SMALL, keyring(), clock).unwrap()
}

/// A lesson of three fragments that has ended.
fn ended(spool: &Spool, number: usize) -> LessonId {
    let lesson = recorded(spool, number, 3);
    spool.end_lesson(&lesson, utc(9)).unwrap();
    lesson
}

fn audit(dir: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(dir.join("audit.jsonl")).unwrap_or_default();
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines.map(|l| (l["what"].as_str().unwrap().to_owned(), l["by"].as_str().unwrap().to_owned())).collect()
}

#[test]
fn a_deleted_lesson_leaves_dates_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = ended(&spool, 1);
    spool.delete(&lesson, ADMIN, "家长要求", false, &[]).unwrap();
    let check = |spool: &Spool| {
        let record = spool.lesson(&lesson).unwrap();
        assert_eq!((record.state, record.info.title.as_str()), (ManifestState::Deleted, ""));
        assert_eq!((record.info.since, record.info.until), (utc(3600), Some(utc(9))));
        let deletion = record.deletion.unwrap();
        assert_eq!((deletion.by.as_str(), deletion.reason.as_str()), (ADMIN, "家长要求"));
        assert!(record.removed && record.fragments == 0);
        assert!(spool.tracks(&lesson).unwrap().is_empty() && spool.gaps(&lesson).unwrap().is_empty());
        assert!(matches!(spool.read(&lesson, &program(), 1), Err(SpoolError::Removed(_))));
        assert!(matches!(spool.read_init(&lesson, 1), Err(SpoolError::Removed(_))));
    };
    check(&spool);
    assert!(segments(dir.path()).is_empty());
    assert!(matches!(spool.delete(&lesson, ADMIN, "x", false, &[]), Err(SpoolError::Deleted(_))));
    assert!(matches!(spool.begin_lesson(&info(1)), Err(SpoolError::LessonClosed(_))));
    drop(spool);
    let (spool, report) = open(dir.path());
    assert!(!report.lost_something(), "{report:?}");
    check(&spool);
    drop(spool);
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (spool, report) = open(dir.path());
    assert!(!report.lost_something(), "{report:?}");
    check(&spool);
    assert_eq!(audit(dir.path()), [("deleted".to_owned(), ADMIN.to_owned())]);
}

#[test]
fn the_running_lesson_is_not_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = recorded(&spool, 1, 2);
    assert!(matches!(spool.delete(&lesson, ADMIN, "x", true, &[]), Err(SpoolError::LessonOpen(_))));
    assert_reads(&spool, &lesson, 1..=2);
    assert!(matches!(spool.delete(&id(7), ADMIN, "x", true, &[]), Err(SpoolError::UnknownLesson(_))));
    assert!(matches!(spool.delete(&lesson, ADMIN, "  ", true, &[]), Err(SpoolError::Invalid(_))));
}

#[test]
fn a_wish_is_carried_out_after_seven_days_or_with_an_explicit_now() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(StandingClock::default());
    let (spool, _) = open_at(dir.path(), &clock);
    let (first, second, third) = (ended(&spool, 1), ended(&spool, 2), ended(&spool, 3));
    for lesson in [&first, &second, &third] {
        spool.request_deletion(lesson, TEACHER, "学生家长不同意").unwrap();
    }
    assert_eq!(spool.lesson(&first).unwrap().deletion_request.unwrap().by, TEACHER);
    clock.advance(6 * DAY);
    // Wishing again does not begin the seven days anew.
    spool.request_deletion(&first, TEACHER, "again").unwrap();
    let early = spool.delete(&first, ADMIN, "x", false, &[]);
    assert!(
        matches!(early, Err(SpoolError::TooEarly { from, .. }) if from == utc(7 * 24 * 3600)),
        "{early:?}"
    );
    spool.delete(&second, ADMIN, "urgent", true, &[]).unwrap();
    spool.keep(&third, TEACHER).unwrap();
    assert!(matches!(spool.keep(&third, TEACHER), Err(SpoolError::NotRequested(_))));
    drop(spool);

    // Wishes outlive the index.
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (spool, _) = open_at(dir.path(), &clock);
    assert!(spool.lesson(&third).unwrap().deletion_request.is_none());
    clock.advance(DAY);
    spool.delete(&first, ADMIN, "as asked", false, &[]).unwrap();
    assert!(spool.lesson(&first).unwrap().deletion_request.is_none());
    let what: Vec<_> = audit(dir.path()).into_iter().map(|(what, _)| what).collect();
    let wishes = ["deletion_requested"; 3];
    assert_eq!(what, [wishes.as_slice(), &["deleted", "kept", "deleted"]].concat());
}

#[test]
fn a_held_lesson_goes_for_nobody_until_it_is_released() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = ended(&spool, 1);
    spool.hold(&lesson, ADMIN, "调查中").unwrap();
    drop(spool);
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (spool, _) = open(dir.path());
    for seq in 1..=3 {
        spool.acknowledge(&district(), &lesson, &program(), seq).unwrap();
    }
    spool.finish_archive(&district(), &lesson).unwrap();
    drop(spool);
    let options = Options { quota_bytes: 100_000, ..SMALL };
    let (spool, _) = Spool::open(dir.path(), options, keyring(), Arc::new(StandingClock::default())).unwrap();
    assert_eq!(spool.make_room(&archived_in(&[district()])).unwrap().lessons, []);
    let refused = spool.delete(&lesson, ADMIN, "x", true, &[]).unwrap_err();
    assert!(matches!(refused, SpoolError::Held { .. }) && refused.to_string().contains("调查中"));
    assert!(matches!(spool.request_deletion(&lesson, TEACHER, "x"), Err(SpoolError::Held { .. })));
    assert_reads(&spool, &lesson, 1..=3);
    spool.end_hold(&lesson, ADMIN).unwrap();
    assert!(matches!(spool.end_hold(&lesson, ADMIN), Err(SpoolError::NotHeld(_))));
    assert_eq!(spool.make_room(&archived_in(&[district()])).unwrap().lessons, [lesson]);
}

#[test]
fn every_archive_that_may_have_something_is_asked_to_clean_up() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = ended(&spool, 1);
    // `former` is not configured any more, `district` has nothing yet.
    spool.acknowledge(&name("former"), &lesson, &program(), 1).unwrap();
    spool.delete(&lesson, ADMIN, "x", false, &[district()]).unwrap();
    drop(spool);
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (spool, _) = open(dir.path());
    assert!(spool.deletions_pending(&name("newcomer")).is_empty());
    for archive in [district(), name("former")] {
        let pending = spool.deletions_pending(&archive);
        assert_eq!(pending.len(), 1);
        assert_eq!((&pending[0].lesson.id, pending[0].lesson.date), (&lesson, info(1).date));
        assert_eq!((pending[0].deletion.by.as_str(), pending[0].lesson.title.as_str()), (ADMIN, ""));
    }
    spool.deletion_done(&district(), &lesson).unwrap();
    spool.deletion_done(&district(), &lesson).unwrap();
    drop(spool);
    let (spool, _) = open(dir.path());
    assert!(spool.deletions_pending(&district()).is_empty());
    assert_eq!(spool.deletions_pending(&name("former")).len(), 1);
    assert_eq!(audit(dir.path()).len(), 2);
}

#[test]
fn a_lesson_that_was_let_go_for_room_can_still_be_deleted_everywhere() {
    let dir = tempfile::tempdir().unwrap();
    let lesson = {
        let (spool, _) = open(dir.path());
        let lesson = ended(&spool, 1);
        for seq in 1..=3 {
            spool.acknowledge(&district(), &lesson, &program(), seq).unwrap();
        }
        spool.finish_archive(&district(), &lesson).unwrap();
        lesson
    };
    let options = Options { quota_bytes: 100_000, ..SMALL };
    let (spool, _) = Spool::open(dir.path(), options, keyring(), Arc::new(StandingClock::default())).unwrap();
    assert_eq!(spool.make_room(&archived_in(&[district()])).unwrap().lessons, std::slice::from_ref(&lesson));
    assert!(spool.deletions_pending(&district()).is_empty());
    assert_eq!(spool.lesson(&lesson).unwrap().deletion.unwrap().by, "retention");
    spool.delete(&lesson, ADMIN, "x", false, &[]).unwrap();
    assert_eq!(spool.deletions_pending(&district()).len(), 1);
    assert_eq!(spool.lesson(&lesson).unwrap().info.title, "");
}

#[test]
fn an_index_that_fell_back_behind_a_removal_reports_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let (deleted, kept) = (ended(&spool, 1), ended(&spool, 2));
    drop(spool);
    let image = dir.path().join("image");
    copy_folder(&dir.path().join("index"), &image);
    let (spool, _) = open(dir.path());
    let gone = segments(dir.path())[0].clone();
    let bytes = std::fs::read(&gone).unwrap();
    spool.delete(&deleted, ADMIN, "x", false, &[]).unwrap();
    drop(spool);
    // Once with the files gone, once with one that came back.
    for comes_back in [false, true] {
        std::fs::remove_dir_all(dir.path().join("index")).unwrap();
        copy_folder(&image, &dir.path().join("index"));
        if comes_back {
            std::fs::write(&gone, &bytes).unwrap();
        }
        let (spool, report) = open(dir.path());
        assert!(!report.lost_something(), "{report:?}");
        assert_eq!(report.leftover_segments, u64::from(comes_back));
        assert!(spool.lesson(&deleted).unwrap().deletion.is_some() && !gone.exists());
        assert_reads(&spool, &kept, 1..=3);
    }
}

#[test]
fn the_number_of_a_deleted_segment_is_not_used_again_after_the_loss_of_the_index() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path());
    let lesson = ended(&spool, 1);
    spool.delete(&lesson, ADMIN, "x", false, &[]).unwrap();
    drop(spool);
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    let (spool, _) = open(dir.path());
    let next = recorded(&spool, 2, 2);
    drop(spool);
    let (spool, _) = open(dir.path());
    assert_reads(&spool, &next, 1..=2);
}
