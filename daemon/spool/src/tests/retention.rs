//! What goes without anybody asking.

use lectern_api::Bytes;
use lectern_api::manifest::{GapReason, ManifestState};

use super::*;
use crate::keys;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn open_with(dir: &Path, options: Options, clock: &Arc<StandingClock>) -> Spool {
    let clock: Arc<dyn Clock> = Arc::<StandingClock>::clone(clock);
    let (spool, report) = Spool::open(dir, options, keyring(), clock).unwrap();
    assert_eq!((report.lost_facts(), report.lost_media()), (report.rebuilt, false), "{report:?}");
    spool
}

fn ended(spool: &Spool, number: usize, fragments: u64) -> LessonId {
    let lesson = recorded(spool, number, fragments);
    spool.end_lesson(&lesson, utc(3600 * number as i64 + 9)).unwrap();
    lesson
}

fn archive(spool: &Spool, lesson: &LessonId, fragments: u64) {
    for seq in 1..=fragments {
        spool.acknowledge(&district(), lesson, &program(), seq).unwrap();
    }
    spool.finish_archive(&district(), lesson).unwrap();
}

fn entries(spool: &Spool) -> usize {
    let media = [keys::FRAGMENTS, keys::RUNS, keys::ANCHORS, keys::AHEAD, keys::CURSORS];
    media.into_iter().map(|keyspace| spool.index.scan(keyspace, b"", b"", usize::MAX).unwrap().len()).sum()
}

fn tidy(spool: &Spool) {
    while spool.tidy().unwrap() {}
}

#[test]
fn what_is_too_old_goes_once_every_archive_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(StandingClock::default());
    let spool = open_with(dir.path(), SMALL, &clock);
    let (lacking, old, held) = (ended(&spool, 1, 2), ended(&spool, 2, 2), ended(&spool, 3, 2));
    archive(&spool, &old, 2);
    archive(&spool, &held, 2);
    spool.hold(&held, "administrator (uid 0)", "x").unwrap();
    let open_one = recorded(&spool, 4, 2);
    let retention = Retention { archives: vec![district()], keep_days: Some(30), ..Retention::default() };
    clock.advance(30 * DAY);
    assert_eq!(spool.make_room(&retention).unwrap().lessons, []);
    clock.advance(DAY);
    let kept = Retention { keep_days: None, ..retention.clone() };
    assert_eq!(spool.make_room(&kept).unwrap().lessons, []);
    assert_eq!(spool.make_room(&retention).unwrap().lessons, std::slice::from_ref(&old));
    let record = spool.lesson(&old).unwrap();
    assert_eq!((record.state, record.info.title.as_str()), (ManifestState::Deleted, "语文 2"));
    let deletion = record.deletion.unwrap();
    assert_eq!((deletion.by.as_str(), deletion.reason.as_str()), ("retention", "older than 30 days"));
    // It is no deletion on request: the store keeps its copy.
    assert!(spool.deletions_pending(&district()).is_empty());
    for lesson in [&lacking, &held, &open_one] {
        assert_reads(&spool, lesson, 1..=2);
    }
    // Without an archive, age alone decides.
    let alone = Retention { keep_days: Some(30), ..Retention::default() };
    assert_eq!(spool.make_room(&alone).unwrap().lessons, [lacking]);
}

#[test]
fn the_oldest_lesson_makes_way_only_when_the_configuration_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(StandingClock::default());
    let options = Options { quota_bytes: 5 << 20, ..SMALL };
    let spool = open_with(dir.path(), options, &clock);
    let (held, receiving, oldest) = (ended(&spool, 1, 10), ended(&spool, 2, 10), ended(&spool, 3, 10));
    spool.hold(&held, "administrator (uid 0)", "x").unwrap();
    // An archive took the beginning of the oldest long ago, and of another just now.
    for seq in 1..=4 {
        spool.acknowledge(&district(), &oldest, &program(), seq).unwrap();
    }
    clock.advance(Duration::from_secs(61));
    spool.acknowledge(&district(), &receiving, &program(), 1).unwrap();
    let running = begin(&spool, 4);
    while try_append(&spool, &running, 1, &payload(0, 60_000)).is_ok() {}
    let careful = archived_in(&[district()]);
    assert_eq!(spool.make_room(&careful).unwrap(), crate::RoomMade::default());
    let without_archive = Retention { discard_unarchived: true, ..Retention::default() };
    assert_eq!(spool.make_room(&without_archive).unwrap(), crate::RoomMade::default());
    let discarding = Retention { discard_unarchived: true, ..careful };
    let made = spool.make_room(&discarding).unwrap();
    assert_eq!(
        (made.lessons.as_slice(), made.discarded.as_slice()),
        ([].as_slice(), std::slice::from_ref(&oldest))
    );
    append(&spool, &running, 1, b"there is room again");
    tidy(&spool);

    let check = |spool: &Spool, knows_fragments: bool| {
        let record = spool.lesson(&oldest).unwrap();
        assert!(record.removed && record.deletion.is_none());
        assert_eq!(record.state, ManifestState::Closed);
        let gaps = spool.gaps(&oldest).unwrap();
        assert_eq!(gaps.len(), 1);
        assert_eq!(
            (gaps[0].reason, gaps[0].from_90k.0, gaps[0].to_90k.0),
            (GapReason::MadeWay, 720_000, 1_800_000)
        );
        let stored = spool.fragments(&oldest, &program(), 1, 100).unwrap();
        // What the archive has of it can still be listed in its manifest.
        assert_eq!(stored.len(), if knows_fragments { 4 } else { 0 });
        assert_eq!(record.recorded_90k, Ticks(if knows_fragments { 720_000 } else { 0 }));
        assert_eq!(spool.let_go_unarchived().iter().map(|lost| &lost.lesson).collect::<Vec<_>>(), [&oldest]);
        assert_reads(spool, &held, 1..=10);
        assert_reads(spool, &receiving, 1..=10);
    };
    check(&spool, true);
    drop(spool);
    let spool = open_with(dir.path(), options, &clock);
    check(&spool, true);
    drop(spool);
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    let spool = open_with(dir.path(), options, &clock);
    check(&spool, false);
}

#[test]
fn facts_of_lessons_that_are_gone_leave_the_index_and_an_idle_spool_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(StandingClock::default());
    let spool = open_with(dir.path(), SMALL, &clock);
    let begun = begin(&spool, 1);
    for seq in 1..=600 {
        append(&spool, &begun, 1, &payload(seq, 10));
    }
    spool.record_gap(&begun, &gap(0, 9)).unwrap();
    spool.end_lesson(&begun, utc(9)).unwrap();
    archive(&spool, &begun, 600);
    let kept = ended(&spool, 2, 3);
    let before = entries(&spool);
    let retention = Retention { keep_days: Some(1), archives: vec![district()], ..Retention::default() };
    clock.advance(3 * DAY);
    assert_eq!(spool.make_room(&retention).unwrap().lessons, std::slice::from_ref(&begun));
    // In steps, also across a restart.
    assert!(spool.tidy().unwrap());
    assert!((before - 600..before).contains(&entries(&spool)));
    drop(spool);
    let spool = open_with(dir.path(), SMALL, &clock);
    tidy(&spool);
    assert_eq!(entries(&spool), 5);
    let record = spool.lesson(&begun).unwrap();
    assert_eq!(
        (record.fragments, record.gap_90k, record.recorded_90k),
        (600, Ticks(9), Ticks(600 * 180_000))
    );
    assert!(spool.runs(&begun).unwrap().is_empty());
    assert!(matches!(spool.read(&begun, &program(), 1), Err(SpoolError::Removed(_))));
    assert_reads(&spool, &kept, 1..=3);

    let generation = spool.index.generation();
    for _ in 0..100 {
        clock.advance(Duration::from_secs(1));
        assert!(!spool.commit_if_due().unwrap());
        spool.make_room(&retention).unwrap();
        assert!(!spool.tidy().unwrap());
        spool.commit().unwrap();
    }
    assert_eq!(spool.index.generation(), generation);
}

#[test]
fn what_may_go_counts_as_room_that_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(StandingClock::default());
    let spool = open_with(dir.path(), SMALL, &clock);
    let (first, second) = (ended(&spool, 1, 10), ended(&spool, 2, 10));
    let retention = archived_in(&[district()]);
    assert_eq!(spool.reclaimable_bytes(&retention), Bytes(0));
    archive(&spool, &first, 10);
    archive(&spool, &second, 10);
    let both = spool.reclaimable_bytes(&retention).0;
    let on_disk = segments(dir.path()).iter().map(|p| std::fs::metadata(p).unwrap().len()).sum::<u64>();
    assert!(both >= 1_200_000 && both.abs_diff(on_disk) < 100_000, "{both} of {on_disk}");
    spool.hold(&first, "administrator (uid 0)", "x").unwrap();
    assert_eq!(spool.reclaimable_bytes(&retention).0, both / 2);
    assert_eq!(spool.reclaimable_bytes(&archived_in(&[])), Bytes(0));
    assert_eq!(spool.reclaimable_bytes(&archived_in(&[district(), name("other")])), Bytes(0));
}
