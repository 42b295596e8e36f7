//! Nonsense must be reported, never believed and never a panic.

use lectern_api::manifest::{FragmentEntry, Gap, GapReason, Manifest};
use lectern_api::{Name, Ticks};
use lectern_archive::export::{Single, export};
use lectern_archive::playlist::{Listing, MAX_GAP_SEGMENTS, render};
use lectern_archive::verify::verify;
use proptest::prelude::*;

use crate::lesson::{manifest, run, store, track};

/// Numbers at the edges as often as in between.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..10, 0_u64..5_000_000, Just(u64::MAX), any::<u64>()]
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z./\\\\%]{0,12}", Just("program/00000001.m4s".to_owned()), any::<String>()]
}

prop_compose! {
    fn entry()(seq in number(), run in 0_u32..4, path in path(), pts in number(), length in number(), bytes in number())
        -> FragmentEntry {
        let (pts_90k, duration_90k) = (Ticks(pts), Ticks(length));
        FragmentEntry { seq, run, path, pts_90k, duration_90k, bytes, sha256: "0".repeat(64) }
    }
}

prop_compose! {
    fn gap()(from in number(), to in number(), other in any::<bool>()) -> Gap {
        let track = if other { Name::new("camera").unwrap() } else { track() };
        Gap { track, from_90k: Ticks(from), to_90k: Ticks(to), reason: GapReason::Damaged }
    }
}

fn garbage() -> impl Strategy<Value = Manifest> {
    let fragments = prop::collection::vec(entry(), 0..12);
    let gaps = prop::collection::vec(gap(), 0..4);
    (fragments, gaps, any::<bool>()).prop_map(|(fragments, gaps, twice)| {
        let mut garbage = manifest(vec![run(1, 0, b"init"), run(2, 5, b"init")], fragments, gaps);
        if twice {
            garbage.tracks.push(garbage.tracks[0].clone());
        }
        garbage
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_manifest_of_nonsense_never_passes(garbage in garbage(), playlist in any::<Vec<u8>>()) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.m3u8"), playlist).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let place = store(folder.path());
            let report = verify(&place, &garbage, |_| {}).await.unwrap();
            prop_assert!(!report.is_complete());
            for problem in &report.problems {
                prop_assert!(!problem.to_string().is_empty());
            }
            let outcome = export(&place, &garbage, &track(), &mut Single(Vec::new()), |_| {}).await;
            prop_assert!(outcome.is_err());
            Ok(())
        })?;
    }

    #[test]
    fn a_playlist_of_nonsense_stays_small(garbage in garbage()) {
        let text = render(&Listing::of(&garbage).unwrap());
        let lines = u64::try_from(text.lines().count()).unwrap();
        prop_assert!(lines < 100 + 3 * MAX_GAP_SEGMENTS * garbage.gaps.len() as u64);
    }

    #[test]
    fn a_damaged_playlist_is_read_without_a_panic(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let place = store(folder.path());
            let manifest = crate::lesson::put_synthetic(&place).await;
            let file = folder.path().join("index.m3u8");
            let mut bytes = std::fs::read(&file).unwrap();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate(cut.index(bytes.len()) + 1);
            std::fs::write(&file, bytes).unwrap();
            verify(&place, &manifest, |_| {}).await.unwrap();
        });
    }
}
