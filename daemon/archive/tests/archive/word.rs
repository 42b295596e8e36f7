//! Whose word a lesson is, before it is closed and after it was deleted.

use lectern_api::manifest::{Deletion, Manifest, ManifestState};
use lectern_archive::ledger::{self, Head, LEDGER_VERSION, Line, Listed, Reach};
use lectern_archive::signature::{PublicKey, Signer, Standing};
use lectern_archive::verify::{Problem, Report, read_lesson, verify_found};
use lectern_archive::{Store, layout};

use crate::lesson::{put_synthetic, store};

fn signer(seed: u8) -> Signer {
    Signer::from_seed(&[seed; 32])
}

async fn put_manifest(store: &Store, manifest: &Manifest) {
    store.put(layout::MANIFEST, serde_json::to_vec_pretty(manifest).unwrap()).await.unwrap();
}

async fn report(store: &Store, expected: Option<PublicKey>) -> Report {
    let found = read_lesson(store).await.unwrap();
    verify_found(store, &found, expected, |_| {}).await.unwrap()
}

#[tokio::test]
async fn a_signed_lesson_is_proven_by_its_key_and_by_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let mut manifest = put_synthetic(&store).await;
    assert_eq!(report(&store, None).await.problems, [Problem::Unsigned]);

    signer(1).sign(&mut manifest).unwrap();
    put_manifest(&store, &manifest).await;
    let (ours, theirs) = (signer(1).public_key(), signer(2).public_key());
    let good = report(&store, Some(ours)).await;
    assert_eq!((good.problems.len(), good.signed_by, good.compared), (0, Some(ours), true));
    let alone = report(&store, None).await;
    assert_eq!((alone.problems.len(), alone.signed_by, alone.compared), (0, Some(ours), false));
    let other = report(&store, Some(theirs)).await;
    assert_eq!(other.problems, [Problem::OtherKey { found: ours, expected: theirs }]);
    assert!(!other.is_complete());

    manifest.lesson.title = "数学".to_owned();
    put_manifest(&store, &manifest).await;
    assert_eq!(report(&store, Some(ours)).await.problems, [Problem::Altered]);
}

#[tokio::test]
async fn a_fragment_that_is_swapped_with_its_hash_breaks_the_signature() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let mut manifest = put_synthetic(&store).await;
    signer(1).sign(&mut manifest).unwrap();
    let fragment = &mut manifest.tracks[0].fragments[2];
    fragment.sha256 = lectern_archive::verify::sha256_hex(b"forged");
    fragment.bytes = 6;
    store.put(&fragment.path, "forged").await.unwrap();
    put_manifest(&store, &manifest).await;
    assert_eq!(report(&store, None).await.problems, [Problem::Altered]);
}

/// The lesson of `put_synthetic` as it lies there when the box burns: the
/// opening manifest, and parts of four and of two fragments; the seventh
/// arrived and is in no part.
async fn burnt(store: &Store) -> Manifest {
    let whole = put_synthetic(store).await;
    let mut opening = whole.clone();
    opening.state = ManifestState::Open;
    (opening.tracks, opening.gaps) = (Vec::new(), Vec::new());
    opening.runs.truncate(1);
    put_manifest(store, &opening).await;
    let track = whole.tracks[0].name.clone();
    let line = |seq: usize| {
        let fragment = whole.tracks[0].fragments[seq - 1].clone();
        Line::Fragment(Listed { track: track.clone(), fragment })
    };
    let head = |part: u32, seq: u64| {
        let up_to = vec![Reach { track: track.clone(), seq }];
        Line::Part(Head { version: LEDGER_VERSION, part, up_to })
    };
    let first: Vec<Line> =
        [head(1, 4), Line::Run(whole.runs[0].clone())].into_iter().chain((1..=4).map(line)).collect();
    let second = vec![
        head(2, 6),
        Line::Run(whole.runs[1].clone()),
        Line::Gap(whole.gaps[0].clone()),
        line(5),
        line(6),
    ];
    for (number, lines) in [(1, first), (2, second)] {
        store.put(&layout::ledger_part(number), ledger::render(&lines).unwrap()).await.unwrap();
    }
    whole
}

#[tokio::test]
async fn a_lesson_whose_box_burnt_is_proven_as_far_as_its_ledger_goes() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let whole = burnt(&store).await;
    let found = read_lesson(&store).await.unwrap();
    assert_eq!(found.standing, Standing::Missing);
    assert_eq!(found.manifest.tracks[0].fragments, whole.tracks[0].fragments[..6]);
    assert_eq!((&found.manifest.runs, &found.manifest.gaps), (&whole.runs, &whole.gaps));
    let checked = verify_found(&store, &found, None, |_| {}).await.unwrap();
    assert_eq!(checked.fragments, 6);
    assert!(checked.problems.iter().all(Problem::is_of_growth), "{:?}", checked.problems);
    assert!(checked.problems.contains(&Problem::Open));

    let lost = layout::fragment(&whole.tracks[0].name, 5);
    std::fs::remove_file(folder.path().join(&lost)).unwrap();
    let report = report(&store, None).await;
    assert!(report.problems.contains(&Problem::Missing { path: lost }), "{:?}", report.problems);
}

#[tokio::test]
async fn a_damaged_part_is_named_and_the_others_count() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    burnt(&store).await;
    std::fs::write(folder.path().join(layout::ledger_part(1)), "{\"part\":").unwrap();
    let found = read_lesson(&store).await.unwrap();
    assert!(
        matches!(&found.problems[..], [Problem::LedgerDamaged { path, .. }] if path == "ledger/0001.jsonl")
    );
    assert_eq!(found.manifest.tracks[0].fragments.len(), 2);
}

#[tokio::test]
async fn the_newest_part_says_where_the_ledger_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    assert_eq!(ledger::newest(&store).await.unwrap(), None);
    let whole = burnt(&store).await;
    let head = ledger::newest(&store).await.unwrap().unwrap();
    assert_eq!((head.part, head.up_to), (2, vec![Reach { track: whole.tracks[0].name.clone(), seq: 6 }]));
}

#[tokio::test]
async fn a_deleted_lesson_says_who_deleted_it_and_is_not_called_missing() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let mut manifest = put_synthetic(&store).await;
    let deletion = Deletion {
        at: "2026-03-09T01:02:03Z".parse().unwrap(),
        by: "zhang".to_owned(),
        reason: "家长申请".to_owned(),
    };
    manifest.state = ManifestState::Deleted;
    manifest.deletion = Some(deletion.clone());
    manifest.lesson.title = String::new();
    (manifest.runs, manifest.tracks, manifest.gaps) = (Vec::new(), Vec::new(), Vec::new());
    signer(1).sign(&mut manifest).unwrap();
    put_manifest(&store, &manifest).await;
    let report = report(&store, Some(signer(1).public_key())).await;
    assert_eq!(report.problems, [Problem::Deleted { deletion }]);
    assert!(report.compared && !report.is_complete());
    let shanghai = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let text = report.problems[0].text_in(&shanghai);
    assert!(text.zh.contains("按申请删除：2026-03-09 09:02 由 zhang"), "{}", text.zh);
    assert!(text.en.contains("deleted on request by zhang"), "{}", text.en);
}
