//! A lesson of two runs with a gap between them, with bytes of no meaning.

use std::path::Path;
use std::process::Command;

use lectern_api::manifest::{
    Anchor, FragmentEntry, Gap, GapReason, LessonInfo, MANIFEST_VERSION, Manifest, ManifestState, Run, Track,
    Trigger,
};
use lectern_api::{DeviceId, LessonId, Name, Ticks};
use lectern_archive::playlist::{Listing, render};
use lectern_archive::store::Store;
use lectern_archive::{layout, verify};

pub(crate) const SECOND: u64 = Ticks::PER_SECOND;

/// A program's command; without it the test fails and names the package.
pub(crate) fn program(name: &str, package: &str) -> Command {
    let there = |folder: std::path::PathBuf| folder.join(name).is_file();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    assert!(folders.any(there), "`{name}` is missing: apt-get install {package}");
    let command = if name == "nginx" { "/usr/sbin/nginx" } else { name };
    Command::new(command)
}

pub(crate) fn track() -> Name {
    Name::new("program").unwrap()
}

pub(crate) fn store(folder: &Path) -> Store {
    Store::open(&format!("file://{}", folder.display())).unwrap()
}

pub(crate) fn entry(seq: u64, run: u32, at_s: u64, content: &[u8]) -> FragmentEntry {
    FragmentEntry {
        seq,
        run,
        path: layout::fragment(&track(), seq),
        pts_90k: Ticks(at_s * SECOND),
        duration_90k: Ticks(2 * SECOND),
        bytes: content.len() as u64,
        sha256: verify::sha256_hex(content),
    }
}

pub(crate) fn run(run: u32, at_s: u64, content: &[u8]) -> Run {
    let begin: jiff::Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
    let utc = begin + jiff::SignedDuration::from_secs(i64::try_from(at_s).unwrap());
    Run {
        run,
        track: track(),
        init: layout::init(&track(), run),
        init_sha256: verify::sha256_hex(content),
        init_bytes: content.len() as u64,
        codecs: "avc1.42c00d,mp4a.40.2".to_owned(),
        anchors: vec![Anchor { pts_90k: Ticks(at_s * SECOND), utc, synced: true, uncertainty_ms: Some(5) }],
    }
}

pub(crate) fn gap(from_s: u64, to_s: u64) -> Gap {
    let (from_90k, to_90k) = (Ticks(from_s * SECOND), Ticks(to_s * SECOND));
    Gap { track: track(), from_90k, to_90k, reason: GapReason::NotRunning }
}

pub(crate) fn manifest(runs: Vec<Run>, fragments: Vec<FragmentEntry>, gaps: Vec<Gap>) -> Manifest {
    Manifest {
        version: MANIFEST_VERSION,
        device: DeviceId::new("LB-2026-000317").unwrap(),
        lesson: LessonInfo {
            id: LessonId::new("2026-03-02.1").unwrap(),
            title: "语文".to_owned(),
            date: jiff::civil::date(2026, 3, 2),
            since: "2026-03-02T00:00:00Z".parse().unwrap(),
            until: Some("2026-03-02T00:00:40Z".parse().unwrap()),
            planned_until: None,
            trigger: Trigger::Hand,
            planned: None,
        },
        state: ManifestState::Closed,
        runs,
        tracks: vec![Track { name: track(), fragments }],
        gaps,
        deletion: None,
        signature: None,
    }
}

/// Puts manifest and playlist beside the media, as an uploader does at the end.
pub(crate) async fn close(store: &Store, manifest: &Manifest) {
    let playlist = render(&Listing::of(manifest).unwrap());
    store.put(layout::PLAYLIST, playlist).await.unwrap();
    store.put(layout::MANIFEST, serde_json::to_vec(manifest).unwrap()).await.unwrap();
}

/// 0–8 s in run 1, nothing until 18 s, 18–24 s in run 2: 7 fragments.
pub(crate) async fn put_synthetic(store: &Store) -> Manifest {
    let content = |seq: u64| format!("fragment {seq} ").repeat(40 + usize::try_from(seq).unwrap());
    let mut fragments = Vec::new();
    for (seq, run, at_s) in [(1, 1, 0), (2, 1, 2), (3, 1, 4), (4, 1, 6), (5, 2, 18), (6, 2, 20), (7, 2, 22)] {
        let bytes = content(seq).into_bytes();
        fragments.push(entry(seq, run, at_s, &bytes));
        store.put(&layout::fragment(&track(), seq), bytes).await.unwrap();
    }
    let mut runs = Vec::new();
    for (number, at_s) in [(1, 0), (2, 18)] {
        let bytes = format!("init of run {number}").into_bytes();
        runs.push(run(number, at_s, &bytes));
        store.put(&layout::init(&track(), number), bytes).await.unwrap();
    }
    let manifest = manifest(runs, fragments, vec![gap(8, 18)]);
    close(store, &manifest).await;
    manifest
}
