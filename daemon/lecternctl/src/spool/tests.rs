use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use lectern_api::manifest::{Anchor, GapReason, LessonInfo, Trigger};
use lectern_api::{LessonId, SystemClock, Ticks};
use lectern_archive::verify;
use lectern_spool::{DeviceKey, Keyring, NewFragment, Options, RecoveryPublicKey, Spool};

use super::*;

/// A spool with one lesson of `count` fragments, ended, without its index.
fn dead_box(dir: &Path, public: RecoveryPublicKey, count: u64) -> LessonId {
    let clock = Arc::new(SystemClock::new());
    let keyring = Keyring { device: DeviceKey::generate().unwrap(), recovery: Some(public) };
    let options = Options { segment_bytes: 256 << 10, ..Options::default() };
    let (spool, _) = Spool::open(dir, options, keyring, clock).unwrap();
    let (id, track) = (LessonId::new("lesson-1").unwrap(), Name::new("program").unwrap());
    let since: jiff::Timestamp = "2026-09-21T00:00:00Z".parse().unwrap();
    let info = LessonInfo {
        id: id.clone(),
        title: "语文".into(),
        date: jiff::civil::date(2026, 9, 21),
        since,
        until: None,
        planned_until: None,
        trigger: Trigger::Hand,
        planned: None,
    };
    spool.begin_lesson(&info).unwrap();
    let anchor = Anchor { pts_90k: Ticks(0), utc: since, synced: true, uncertainty_ms: None };
    let run = spool.begin_run(&id, &track, b"init", "avc1.64001f", anchor).unwrap();
    for seq in 0..count {
        spool
            .append(NewFragment {
                lesson: &id,
                track: &track,
                run,
                pts_90k: Ticks(seq * 180_000),
                duration_90k: Ticks(180_000),
                payload: &vec![seq as u8; 60_000],
            })
            .unwrap();
    }
    spool.end_lesson(&id, since).unwrap();
    drop(spool);
    std::fs::remove_dir_all(dir.join("index")).unwrap();
    id
}

async fn problems(out: &Path, id: &LessonId) -> (Manifest, Vec<String>) {
    let url = format!("file://{}/box/2026-09-21/{id}", out.canonicalize().unwrap().display());
    let store = Store::open(&url).unwrap();
    let manifest = verify::read_manifest(&store).await.unwrap();
    let report = verify::verify(&store, &manifest, |_| {}).await.unwrap();
    (manifest, report.problems.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn a_dead_boxs_lessons_come_out_as_an_archive_that_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let (key, spool, out) = (dir.path().join("key"), dir.path().join("spool"), dir.path().join("out"));
    let screen = Screen::new(true);
    assert!(make_key(&key, &screen).unwrap());
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(make_key(&key, &screen), Err(Failure::No(_))), "never overwritten");
    let private: RecoveryPrivateKey = std::fs::read_to_string(&key).unwrap().parse().unwrap();
    let id = dead_box(&spool, private.public(), 8);
    assert!(recover(&spool, read_key(Some(&key), None).unwrap(), &out, "box", &screen).await.unwrap());
    let (manifest, problems) = problems(&out, &id).await;
    assert_eq!(problems, [] as [String; 0]);
    assert_eq!(manifest.tracks[0].fragments.len(), 8);
    let fragment = out.join("box/2026-09-21/lesson-1/program/00000008.m4s");
    assert_eq!(std::fs::read(fragment).unwrap(), vec![7; 60_000]);
}

#[tokio::test]
async fn what_is_lost_is_a_gap_in_the_manifest_and_the_answer_is_no() {
    let dir = tempfile::tempdir().unwrap();
    let (key, spool, out) = (dir.path().join("key"), dir.path().join("spool"), dir.path().join("out"));
    let screen = Screen::new(true);
    make_key(&key, &screen).unwrap();
    let private: RecoveryPrivateKey = std::fs::read_to_string(&key).unwrap().parse().unwrap();
    let id = dead_box(&spool, private.public(), 12);
    std::fs::remove_file(spool.join("segments/0000000000000002.seg")).unwrap();
    assert!(!recover(&spool, read_key(Some(&key), None).unwrap(), &out, "box", &screen).await.unwrap());
    let (manifest, problems) = problems(&out, &id).await;
    assert_eq!(manifest.gaps.len(), 1);
    assert_eq!(manifest.gaps[0].reason, GapReason::Damaged);
    assert!(problems.iter().all(|problem| problem.contains("lacks")), "{problems:?}");

    let other = dir.path().join("other");
    make_key(&other, &screen).unwrap();
    let nothing = dir.path().join("nothing");
    assert!(!recover(&spool, read_key(Some(&other), None).unwrap(), &nothing, "box", &screen).await.unwrap());
}
