//! Any manifest in an archive that has a few files: verifying, listing and
//! exporting end and say something.

#![no_main]

use std::cell::OnceCell;
use std::fs;

use lectern_archive::export::{self, Single};
use lectern_archive::playlist::{self, Listing};
use lectern_archive::{Store, verify};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

thread_local! {
    static LESSON: OnceCell<(TempDir, Store)> = const { OnceCell::new() };
}

fn lesson() -> (TempDir, Store) {
    let folder = lectern_fuzz::folder();
    fs::create_dir_all(folder.path().join("program")).expect("a folder");
    for name in ["program/init-0001.mp4", "program/00000001.m4s", "program.m3u8"] {
        fs::write(folder.path().join(name), name).expect("a file");
    }
    let store = Store::open(&format!("file://{}", folder.path().display())).expect("a folder is an archive");
    (folder, store)
}

fuzz_target!(|bytes: &[u8]| {
    LESSON.with(|cell| {
        let (folder, store) = cell.get_or_init(lesson);
        fs::write(folder.path().join("manifest.json"), bytes).expect("a manifest");
        lectern_fuzz::block_on(async {
            let Ok(manifest) = verify::read_manifest(store).await else { return };
            let report = verify::verify(store, &manifest, |_| {}).await.expect("the store answers");
            report.problems.iter().for_each(|problem| drop(problem.to_string()));
            if let Some(listing) = Listing::of(&manifest) {
                drop(playlist::render(&listing));
            }
            for track in &manifest.tracks {
                let mut output = Single(Vec::new());
                drop(export::export(store, &manifest, &track.name, &mut output, |_| {}).await);
            }
            drop(export::stem(&manifest.lesson));
        });
    });
});
