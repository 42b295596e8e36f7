//! Archives that were made to exhaust whoever reads them.

use std::path::Path;
use std::time::Duration;

use lectern_api::manifest::{Gap, GapReason, Manifest, ManifestState, Track};
use lectern_api::{Clock as _, Name, SystemClock, Ticks};
use lectern_archive::export::{ExportError, Single, export};
use lectern_archive::ledger::{self, Head, LEDGER_VERSION, Line};
use lectern_archive::limits::{MAX_LEDGER_BYTES, MAX_MANIFEST_BYTES, MAX_RUNS, MAX_TRACKS};
use lectern_archive::store::StoreError;
use lectern_archive::verify::{Problem, VerifyError, read_lesson, verify};

use crate::lesson::{entry, manifest, put_synthetic, run, store, track};

/// Far more than a machine that is busy needs, far less than the square of
/// what is listed.
const LIMIT: Duration = Duration::from_secs(60);

fn gap(from: u64, to: u64) -> Gap {
    Gap { track: track(), from_90k: Ticks(from), to_90k: Ticks(to), reason: GapReason::Damaged }
}

/// 100 000 fragments between 100 000 gaps that all overlap.
#[tokio::test]
async fn time_grows_with_what_is_listed_and_not_with_its_square() {
    let folder = tempfile::tempdir().unwrap();
    let many = 100_000_u64;
    let fragments = (1..=many).map(|seq| {
        // No path is legal, so no file is looked for.
        let path = String::new();
        lectern_api::manifest::FragmentEntry {
            path,
            pts_90k: Ticks(2 * seq * many),
            ..entry(seq, 1, 0, b"x")
        }
    });
    let gaps = (0..many).map(|at| gap(at, 4 * many * many - at)).collect();
    let absurd = manifest(vec![run(1, 0, b"init")], fragments.collect(), gaps);
    let clock = SystemClock::new();
    let report = verify(&store(folder.path()), &absurd, |_| {}).await.unwrap();
    assert!(!report.is_complete() && report.omitted > many);
    assert!(clock.monotonic() < LIMIT, "{:?}", clock.monotonic());
}

/// Writes an open manifest and so many parts of a ledger, all the same file.
fn write_ledger(folder: &Path, part: &[u8], parts: u32) {
    let open = manifest(Vec::new(), Vec::new(), Vec::new());
    let open = Manifest { state: ManifestState::Open, tracks: Vec::new(), ..open };
    std::fs::write(folder.join("manifest.json"), serde_json::to_vec(&open).unwrap()).unwrap();
    std::fs::create_dir(folder.join("ledger")).unwrap();
    let first = folder.join("ledger/0001.jsonl");
    std::fs::write(&first, part).unwrap();
    (2..=parts)
        .for_each(|part| std::fs::hard_link(&first, folder.join(format!("ledger/{part:04}.jsonl"))).unwrap());
}

#[tokio::test]
async fn a_ledger_is_read_up_to_what_a_lesson_can_have() {
    let folder = tempfile::tempdir().unwrap();
    let head = Line::Part(Head { version: LEDGER_VERSION, part: 1, up_to: Vec::new() });
    let lines: Vec<_> =
        std::iter::once(head).chain((0..9_000).map(|at| Line::Gap(gap(at, at + 1)))).collect();
    let part = ledger::render(&lines).unwrap();
    let enough = MAX_LEDGER_BYTES / part.len() as u64;
    write_ledger(folder.path(), &part, u32::try_from(enough).unwrap() + 5);
    let clock = SystemClock::new();
    let found = read_lesson(&store(folder.path())).await.unwrap();
    assert_eq!(found.manifest.gaps.len(), 9_000, "each once");
    let [Problem::LedgerDamaged { path, why }] = found.problems.as_slice() else {
        panic!("{:?}", found.problems)
    };
    assert_eq!(*path, format!("ledger/{:04}.jsonl", enough + 1));
    assert!(why.contains("larger"), "{why}");
    assert!(clock.monotonic() < LIMIT, "{:?}", clock.monotonic());
}

#[tokio::test]
async fn a_part_that_is_larger_than_any_is_named_and_not_read() {
    let folder = tempfile::tempdir().unwrap();
    write_ledger(folder.path(), &vec![b'x'; 2 << 20], 1);
    let found = read_lesson(&store(folder.path())).await.unwrap();
    assert!(matches!(found.problems.as_slice(), [Problem::Unreadable { .. }]), "{:?}", found.problems);
}

#[tokio::test]
async fn a_manifest_that_is_larger_than_any_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("manifest.json")).unwrap();
    file.set_len(MAX_MANIFEST_BYTES + 1).unwrap();
    let error = read_lesson(&store(folder.path())).await.unwrap_err();
    assert!(matches!(error, VerifyError::Store(StoreError::TooLarge { .. })), "{error}");
}

#[tokio::test]
async fn more_tracks_or_runs_than_any_lesson_has_are_told_and_nothing_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let place = store(folder.path());
    let mut many = manifest(vec![run(1, 0, b"init")], vec![entry(1, 1, 0, b"x")], Vec::new());
    let name = |number| Name::new(format!("track-{number}")).unwrap();
    many.tracks.extend((0..MAX_TRACKS).map(|n| Track { name: name(n), fragments: Vec::new() }));
    let report = verify(&place, &many, |_| panic!("something was read")).await.unwrap();
    let [problem @ Problem::Absurd { what: "tracks", .. }] = report.problems.as_slice() else {
        panic!("{report:?}")
    };
    assert!(problem.text().en.contains("65 tracks") && problem.text().zh.contains("65"));
    many.tracks.truncate(1);
    many.runs = (1..).take(MAX_RUNS + 1).map(|number| run(number, 0, b"init")).collect();
    let report = verify(&place, &many, |_| panic!("something was read")).await.unwrap();
    assert!(matches!(report.problems.as_slice(), [Problem::Absurd { what: "runs", .. }]), "{report:?}");
    let export = export(&place, &many, &track(), &mut Single(Vec::new()), |_| {}).await;
    assert!(matches!(export, Err(ExportError::Absurd { .. })), "{export:?}");
}

#[tokio::test]
async fn a_file_that_is_longer_than_listed_is_not_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let place = store(folder.path());
    let listed = put_synthetic(&place).await;
    let long = listed.tracks[0].fragments[2].clone();
    std::fs::File::options()
        .write(true)
        .open(folder.path().join(&long.path))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    let report = verify(&place, &listed, |_| {}).await.unwrap();
    let expected = Problem::Length { path: long.path, listed: long.bytes, found: 1 << 30 };
    assert_eq!(report.problems, [expected]);
}
