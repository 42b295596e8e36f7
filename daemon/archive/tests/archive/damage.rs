//! A good archive, damaged in every way: each damage is found and named.

use std::fs;
use std::path::{Path, PathBuf};

use lectern_api::Ticks;
use lectern_api::manifest::{Manifest, ManifestState};
use lectern_archive::verify::{Problem, Progress, Report, VerifyError, read_manifest, verify};
use proptest::prelude::*;

use crate::lesson::{SECOND, close, gap, put_synthetic, store};

struct Archive {
    folder: tempfile::TempDir,
    manifest: Manifest,
}

impl Archive {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let manifest = put_synthetic(&store(folder.path())).await;
        Self { folder, manifest }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    async fn report(&self) -> Report {
        verify(&store(self.folder.path()), &self.manifest, |_| {}).await.unwrap()
    }

    /// After a change of the manifest, with a playlist made from it.
    async fn closed_report(&self) -> Report {
        close(&store(self.folder.path()), &self.manifest).await;
        self.report().await
    }
}

fn fragment(seq: usize) -> String {
    format!("program/{seq:08}.m4s")
}

fn rewrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_good_lesson_has_no_problems_and_progress_ends_at_its_total() {
    let archive = Archive::new().await;
    let mut seen = Vec::new();
    let place = store(archive.folder.path());
    let report = verify(&place, &archive.manifest, |step| seen.push(step)).await.unwrap();
    assert_eq!(report.problems, []);
    assert!(report.is_complete());
    assert_eq!((report.fragments, report.recorded, report.gaps), (7, Ticks(14 * SECOND), Ticks(10 * SECOND)));
    assert_eq!(seen.last(), Some(&Progress { done: 10, total: 10 }));
}

#[tokio::test]
async fn a_deleted_file_is_missing() {
    for file in [fragment(1), fragment(7), "program/2/init.mp4".into(), "index.m3u8".into()] {
        let archive = Archive::new().await;
        fs::remove_file(archive.path(&file)).unwrap();
        assert_eq!(archive.report().await.problems, [Problem::Missing { path: file }]);
    }
}

#[tokio::test]
async fn a_truncated_file_has_the_wrong_length_and_a_flipped_bit_the_wrong_hash() {
    let archive = Archive::new().await;
    rewrite(&archive.path(&fragment(3)), |bytes| bytes.truncate(10));
    rewrite(&archive.path(&fragment(4)), |bytes| bytes[100] ^= 1);
    let problems = archive.report().await.problems;
    assert!(matches!(&problems[0], Problem::Length { path, found: 10, .. } if *path == fragment(3)));
    assert_eq!(problems[1..], [Problem::Hash { path: fragment(4) }]);
}

#[tokio::test]
async fn two_swapped_fragments_are_both_named() {
    let archive = Archive::new().await;
    let (a, b) = (archive.path(&fragment(2)), archive.path(&fragment(3)));
    let first = fs::read(&a).unwrap();
    fs::copy(&b, &a).unwrap();
    fs::write(&b, first).unwrap();
    let problems = archive.report().await.problems;
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[tokio::test]
async fn an_entry_that_is_left_out_leaves_a_hole_in_numbers_and_in_time() {
    let mut archive = Archive::new().await;
    archive.manifest.tracks[0].fragments.remove(2);
    let problems = archive.closed_report().await.problems;
    let track = crate::lesson::track();
    let hole =
        Problem::TimeHole { track: track.clone(), from_90k: Ticks(4 * SECOND), to_90k: Ticks(6 * SECOND) };
    assert_eq!(problems, [Problem::SequenceHole { track, first: 3, count: 1 }, hole]);
}

#[tokio::test]
async fn an_entry_that_is_listed_twice_is_found() {
    let mut archive = Archive::new().await;
    let again = archive.manifest.tracks[0].fragments[4].clone();
    archive.manifest.tracks[0].fragments.insert(5, again);
    let problems = archive.closed_report().await.problems;
    let is = |wanted: fn(&Problem) -> bool| problems.iter().any(wanted);
    assert!(is(|p| matches!(p, Problem::SequenceDouble { seq: 5, .. })), "{problems:?}");
    assert!(is(|p| matches!(p, Problem::TimeOverlap { seq: 5, .. })), "{problems:?}");
    assert!(is(|p| matches!(p, Problem::PathTwice { .. })), "{problems:?}");
}

#[tokio::test]
async fn lost_time_without_a_gap_is_named_and_with_one_it_is_not() {
    let mut archive = Archive::new().await;
    archive.manifest.gaps.clear();
    let problems = archive.closed_report().await.problems;
    assert_eq!(problems[0].to_string(), "program has nothing from 00:08.0 to 00:18.0, and no gap says why");
    archive.manifest.gaps = vec![gap(13, 18), gap(8, 13), gap(24, 60)];
    assert_eq!(archive.closed_report().await.problems, []);
    archive.manifest.gaps = vec![gap(8, 18), gap(30, 60)];
    assert_eq!(archive.closed_report().await.problems.len(), 1, "time between the last fragment and a gap");
}

#[tokio::test]
async fn gaps_may_not_lie_over_media_over_each_other_or_backwards() {
    let mut archive = Archive::new().await;
    archive.manifest.gaps = vec![gap(7, 18)];
    let problems = archive.closed_report().await.problems;
    assert!(matches!(problems[..], [Problem::GapOverMedia { seq: 4, .. }]), "{problems:?}");
    archive.manifest.gaps = vec![gap(8, 14), gap(12, 18)];
    let problems = archive.closed_report().await.problems;
    assert!(matches!(problems[0], Problem::GapsOverlap { .. }), "{problems:?}");
    archive.manifest.gaps = vec![gap(8, 18), gap(20, 20)];
    let problems = archive.closed_report().await.problems;
    assert!(matches!(problems[..], [Problem::GapBackwards { .. }]), "{problems:?}");
}

#[tokio::test]
async fn overlapping_fragments_are_found_and_a_frame_is_not_an_overlap() {
    let mut archive = Archive::new().await;
    archive.manifest.tracks[0].fragments[2].pts_90k = Ticks(4 * SECOND - 7_500);
    archive.manifest.tracks[0].fragments[2].duration_90k = Ticks(2 * SECOND + 7_500);
    assert_eq!(archive.closed_report().await.problems, []);
    archive.manifest.tracks[0].fragments[2].pts_90k = Ticks(3 * SECOND);
    let problems = archive.closed_report().await.problems;
    assert!(matches!(problems[0], Problem::TimeOverlap { seq: 3, .. }), "{problems:?}");
}

#[tokio::test]
async fn a_path_that_leaves_the_lesson_is_not_followed() {
    let mut archive = Archive::new().await;
    archive.manifest.tracks[0].fragments[0].path = "../../etc/passwd".to_owned();
    let problems = archive.closed_report().await.problems;
    assert_eq!(problems, [Problem::PathIllegal { path: "../../etc/passwd".to_owned() }]);
}

#[tokio::test]
async fn runs_must_be_listed_once_and_in_order() {
    let mut archive = Archive::new().await;
    archive.manifest.tracks[0].fragments[1].run = 2;
    archive.manifest.tracks[0].fragments[6].run = 9;
    let again = archive.manifest.runs[0].clone();
    archive.manifest.runs.push(again);
    let problems = archive.closed_report().await.problems;
    let is = |wanted: fn(&Problem) -> bool| problems.iter().any(wanted);
    assert!(is(|p| matches!(p, Problem::RunTwice { run: 1, .. })), "{problems:?}");
    assert!(is(|p| matches!(p, Problem::RunBackwards { seq: 3, .. })), "{problems:?}");
    assert!(is(|p| matches!(p, Problem::RunUnknown { run: 9, .. })), "{problems:?}");
}

#[tokio::test]
async fn an_open_lesson_and_a_newer_manifest_are_not_complete() {
    let mut archive = Archive::new().await;
    archive.manifest.state = ManifestState::Open;
    assert_eq!(archive.report().await.problems, [Problem::Open]);
    archive.manifest.version = 2;
    assert_eq!(archive.report().await.problems, [Problem::Version { found: 2 }]);
}

#[tokio::test]
async fn many_small_holes_add_up_to_lost_time() {
    let mut archive = Archive::new().await;
    // 20 fragments that are each 75 ms short: no hole by itself, 1.5 s together.
    let model = archive.manifest.tracks[0].fragments[0].clone();
    let short = |n: u64| {
        let (pts_90k, duration_90k) = (Ticks(n * 2 * SECOND), Ticks(2 * SECOND - 6_750));
        lectern_api::manifest::FragmentEntry { seq: n + 1, pts_90k, duration_90k, ..model.clone() }
    };
    archive.manifest.tracks[0].fragments = (0..21).map(short).collect();
    archive.manifest.gaps.clear();
    let problems = archive.report().await.problems;
    assert!(problems.iter().any(|p| matches!(p, Problem::TimeLost { .. })), "{problems:?}");
    assert!(!problems.iter().any(|p| matches!(p, Problem::TimeHole { .. })), "{problems:?}");
}

#[tokio::test]
async fn a_playlist_that_differs_from_the_manifest_is_found() {
    type Change = fn(&str) -> String;
    type Wanted = fn(&Problem) -> bool;
    let changes: [(Change, Wanted); 7] = [
        (|t| t.replace("#EXT-X-ENDLIST\n", ""), |p| matches!(p, Problem::PlaylistOpen)),
        (
            |t| t.replace("#EXTINF:2.000000,\nprogram/00000003.m4s\n", ""),
            |p| matches!(p, Problem::PlaylistLacks { .. }),
        ),
        (|t| t.replace("00000003.m4s", "00000002.m4s"), |p| matches!(p, Problem::PlaylistExtra { .. })),
        (
            |t| {
                t.replace("00000003.m4s", "x")
                    .replace("00000002.m4s", "00000003.m4s")
                    .replace("/x", "/00000002.m4s")
            },
            |p| matches!(p, Problem::PlaylistOrder { .. }),
        ),
        (
            |t| t.replace("#EXT-X-MAP:URI=\"program/2/init.mp4\"\n", ""),
            |p| matches!(p, Problem::PlaylistMap { .. }),
        ),
        (
            |t| t.replacen("#EXTINF:2.000000", "#EXTINF:1.900000", 1),
            |p| matches!(p, Problem::PlaylistDuration { .. }),
        ),
        (
            |t| t.replacen("#EXT-X-GAP\n#EXTINF:3.333333,\nprogram/1/init.mp4\n", "", 1),
            |p| matches!(p, Problem::PlaylistGaps { .. }),
        ),
    ];
    for (number, (change, wanted)) in changes.into_iter().enumerate() {
        let archive = Archive::new().await;
        rewrite(&archive.path("index.m3u8"), |bytes| {
            *bytes = change(std::str::from_utf8(bytes).unwrap()).into_bytes();
        });
        let problems = archive.report().await.problems;
        assert!(problems.iter().any(wanted), "change {number}: {problems:?}");
    }
}

#[tokio::test]
async fn a_lesson_without_manifest_or_store_is_an_error_not_a_verdict() {
    let archive = Archive::new().await;
    fs::write(archive.path("manifest.json"), "{").unwrap();
    let place = store(archive.folder.path());
    assert!(matches!(read_manifest(&place).await, Err(VerifyError::Manifest { .. })));
    fs::remove_file(archive.path("manifest.json")).unwrap();
    assert!(matches!(read_manifest(&place).await, Err(VerifyError::NoManifest { .. })));
    let absent = store(&archive.path("absent"));
    assert!(matches!(verify(&absent, &archive.manifest, |_| {}).await, Err(VerifyError::Store(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_change_of_any_byte_of_any_file_is_found(file in 0_usize..9, at in any::<prop::sample::Index>(), bit in 0_u32..8, cut in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let archive = Archive::new().await;
            let name = match file { 0 => "program/1/init.mp4".into(), 1 => "program/2/init.mp4".into(), n => fragment(n - 1) };
            rewrite(&archive.path(&name), |bytes| {
                let at = at.index(bytes.len());
                if cut { bytes.truncate(at) } else { bytes[at] ^= 1_u8 << bit }
            });
            let problems = archive.report().await.problems;
            prop_assert_eq!(problems.len(), 1);
            prop_assert!(problems[0].to_string().contains(&name));
            Ok(())
        })?;
    }
}
