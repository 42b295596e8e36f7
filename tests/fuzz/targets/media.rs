//! Any init segment and any fragments, listed rightly in a manifest: the
//! export ends with a file or with flaws.

#![no_main]

use std::cell::OnceCell;
use std::fs;

use lectern_api::Name;
use lectern_api::manifest::Manifest;
use lectern_archive::export::{self, Single};
use lectern_archive::{Store, verify};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

thread_local! {
    static LESSON: OnceCell<(TempDir, Store)> = const { OnceCell::new() };
}

fn lesson() -> (TempDir, Store) {
    let folder = lectern_fuzz::folder();
    let store = Store::open(&format!("file://{}", folder.path().display())).expect("a folder is an archive");
    (folder, store)
}

fn manifest(init: &[u8], fragments: &[Vec<u8>]) -> Manifest {
    let fragments: Vec<_> = (1..)
        .zip(fragments)
        .map(|(seq, bytes)| {
            serde_json::json!({
                "seq": seq, "run": 1, "path": format!("{seq}.m4s"), "bytes": bytes.len(),
                "sha256": verify::sha256_hex(bytes), "pts_90k": (seq - 1) * 180_000, "duration_90k": 180_000,
            })
        })
        .collect();
    let manifest = serde_json::json!({
        "version": 1, "device": "box-1", "state": "closed", "gaps": [],
        "lesson": { "id": "l", "title": "t", "date": "2026-09-21", "since": "2026-09-21T08:00:00Z", "trigger": "hand" },
        "runs": [{
            "run": 1, "track": "program", "init": "init.mp4", "init_sha256": verify::sha256_hex(init),
            "init_bytes": init.len(), "codecs": "avc1", "anchors": [],
        }],
        "tracks": [{ "name": "program", "fragments": fragments }],
    });
    serde_json::from_value(manifest).expect("it is a manifest")
}

fuzz_target!(|media: (Vec<u8>, Vec<Vec<u8>>)| {
    let (init, mut fragments) = media;
    fragments.truncate(3);
    LESSON.with(|cell| {
        let (folder, store) = cell.get_or_init(lesson);
        fs::write(folder.path().join("init.mp4"), &init).expect("an init segment");
        for (seq, bytes) in (1..).zip(&fragments) {
            fs::write(folder.path().join(format!("{seq}.m4s")), bytes).expect("a fragment");
        }
        let manifest = manifest(&init, &fragments);
        let track = Name::new("program").expect("a name");
        let mut output = Single(Vec::new());
        drop(lectern_fuzz::block_on(export::export(store, &manifest, &track, &mut output, |_| {})));
    });
});
